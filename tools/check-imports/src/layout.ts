import type { Edge } from './graph.js';

/** A box of the picture, or a gap that is kept free in a row for a line to pass. */
export interface Box {
  /** The packages in it, from top to bottom; none in a gap. */
  readonly names: string[];
  /** The row in which it stands, from the bottom. */
  row: number;
  x: number;
  y: number;
  width: number;
  height: number;
  /** The middle of its width, at which lines start and end. */
  middle: number;
  /** The bottom of its row, to which a line goes straight down before it bends. */
  floor: number;
}

/** A line: the box that it leaves, the gaps that it passes, the box at which it ends. */
export type Line = readonly Box[];

const lineHeight = 18;
const padding = 8;
const rowGap = 48;
const boxGap = 24;
const letterWidth = 7.3;

const makeBox = (names: string[], row = 0): Box => ({
  names,
  row,
  x: 0,
  y: 0,
  width: names.length === 0 ? 0 : Math.ceil(Math.max(...names.map((name) => name.length)) * letterWidth + 2 * padding),
  height: names.length === 0 ? 0 : names.length * lineHeight + padding,
  middle: 0,
  floor: 0,
});

/**
 * Places a graph in rows, so that every arrow points downwards.
 *
 * @throws Error if the arrows make a cycle.
 */
export function layOut(
  names: readonly string[],
  arrows: readonly Edge[],
): { boxes: Box[]; lines: Line[]; width: number; height: number } {
  const boxOf = makeBoxes(names, arrows);
  const boxes = [...new Set(boxOf.values())];
  const pairs = new Map<string, readonly [Box, Box]>();
  for (const edge of arrows) {
    const [from, to] = edge.map((name) => boxOf.get(name)!) as [Box, Box];
    pairs.set(`${boxes.indexOf(from)} ${boxes.indexOf(to)}`, [from, to]);
  }
  rank(boxes, [...pairs.values()]);
  const lines = [...pairs.values()].map(([from, to]): Line => {
    const gaps = Array.from({ length: from.row - to.row - 1 }, (_, index) => makeBox([], from.row - 1 - index));
    return [from, ...gaps, to];
  });
  return { boxes, lines, ...place([...new Set([...boxes, ...lines.flat()])], lines) };
}

/** The box of every package; packages with the same arrows in and out share one. */
function makeBoxes(names: readonly string[], arrows: readonly Edge[]): Map<string, Box> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const to = arrows.filter((edge) => edge[0] === name).map((edge) => edge[1]);
    const from = arrows.filter((edge) => edge[1] === name).map((edge) => edge[0]);
    // Packages without any arrow are alike in nothing.
    const key = to.length + from.length === 0 ? name : JSON.stringify([to.toSorted(), from.toSorted()]);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return new Map(
    [...groups.values()]
      .map((group) => [group, makeBox(group)] as const)
      .flatMap(([group, box]) => group.map((name) => [name, box])),
  );
}

/** Every box goes above all that it points to, and then as near to what points to it as that allows. */
function rank(boxes: readonly Box[], pairs: readonly (readonly [Box, Box])[]): void {
  for (let pass = 0, moved = true; moved; pass++) {
    if (pass > boxes.length) throw new Error('the package graph has a cycle');
    moved = false;
    for (const [from, to] of pairs) {
      if (from.row > to.row) continue;
      from.row = to.row + 1;
      moved = true;
    }
  }
  for (const box of boxes.toSorted((a, b) => b.row - a.row)) {
    const above = pairs.filter(([, to]) => to === box).map(([from]) => from.row);
    if (above.length > 0) box.row = Math.min(...above) - 1;
  }
}

function place(all: readonly Box[], lines: readonly Line[]): { width: number; height: number } {
  const count = Math.max(0, ...all.map(({ row }) => row)) + 1;
  const rows = Array.from({ length: count }, (_, row) => all.filter((box) => box.row === row));
  const width = Math.max(...rows.map((row) => row.reduce((sum, box) => sum + box.width + boxGap, boxGap)));
  const spread = (row: readonly Box[]): void => {
    const gap = (width - row.reduce((sum, box) => sum + box.width, 0)) / (row.length + 1);
    let x = gap;
    for (const box of row) {
      box.x = Math.round(x);
      box.middle = Math.round(x + box.width / 2);
      x += box.width + gap;
    }
  };
  for (const row of rows) spread(row);

  const near = new Map<Box, Box[]>(all.map((box) => [box, []]));
  for (const line of lines) {
    for (const [index, box] of line.slice(1).entries()) {
      near.get(box)!.push(line[index]!);
      near.get(line[index]!)!.push(box);
    }
  }
  // A few rounds of moving every box towards the mean of its neighbours undo most crossings.
  const wish = (box: Box): number => {
    const neighbours = near.get(box)!;
    return neighbours.length === 0
      ? box.middle
      : neighbours.reduce((sum, { middle }) => sum + middle, 0) / neighbours.length;
  };
  for (let round = 0; round < 12; round++) {
    for (const row of round % 2 === 0 ? rows : rows.toReversed()) {
      const wishes = new Map(row.map((box) => [box, wish(box)]));
      spread(row.sort((a, b) => wishes.get(a)! - wishes.get(b)!));
    }
  }

  let y = padding;
  for (const row of rows.toReversed()) {
    const height = Math.max(...row.map((box) => box.height));
    for (const box of row) {
      // A line passes a row straight down, beside the boxes.
      if (box.names.length === 0) box.height = height;
      box.y = y;
      box.floor = y + height;
    }
    y += height + rowGap;
  }
  return { width: Math.ceil(width), height: y - rowGap + padding };
}
