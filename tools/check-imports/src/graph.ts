import type { Package } from './model.js';

/** `from` depends on `to`. */
export type Edge = readonly [from: string, to: string];

/** The arrows among the published packages as their `dependencies` declare them, without the scope. */
export function packageEdges(packages: readonly Package[]): { names: string[]; edges: Edge[] } {
  const published = packages.filter(({ folder }) => folder.startsWith('packages/'));
  const short = (name: string): string => name.slice(name.indexOf('/') + 1);
  const names = published.map(({ manifest }) => short(manifest.name));
  const edges = published.flatMap(({ manifest }) =>
    Object.keys(manifest.dependencies ?? {}).map((to): Edge => [short(manifest.name), short(to)]),
  );
  return { names, edges: edges.filter(([, to]) => names.includes(to)) };
}

/** The arrows that no longer path implies: without them the picture would be a ball of wool. */
export function reduce(edges: readonly Edge[]): Edge[] {
  const next = (from: string): string[] => edges.filter((edge) => edge[0] === from).map((edge) => edge[1]);
  const reach = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of next(from)) if (!seen.has(to)) reach(to, seen.add(to));
    return seen;
  };
  return edges.filter(([from, to]) => !next(from).some((other) => other !== to && reach(other).has(to)));
}

/** A box of the picture: packages with the same arrows in and out share one. */
interface Box {
  readonly names: string[];
  readonly to: Set<string>;
  row: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

const lineHeight = 18;
const padding = 8;
const rowGap = 52;
const boxGap = 28;
const letter = 7.3;

/**
 * Draws a package graph as SVG, what stands on most at the top. Arrows that follow from others are left out.
 *
 * @throws Error if the arrows make a cycle.
 */
export function drawGraph(
  names: readonly string[],
  edges: readonly Edge[],
  href = (name: string) => `#${name}`,
): string {
  const arrows = reduce(edges);
  const boxes = makeBoxes(names, arrows);
  const boxOf = new Map(boxes.flatMap((box) => box.names.map((name) => [name, box])));
  rank(boxes, boxOf);
  const { width, height } = place(boxes, boxOf);
  const lines = boxes.flatMap((box) =>
    [...new Set([...box.to].map((to) => boxOf.get(to)!))].map((to) => drawLine(box, to)),
  );
  return [
    `<svg class="package-graph" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="Package graph">`,
    '<defs><marker id="arrowhead" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
    '<path d="M0 0 L8 4 L0 8 z" fill="currentColor"/></marker></defs>',
    `<g fill="none" stroke="currentColor" stroke-opacity="0.45" marker-end="url(#arrowhead)">`,
    ...lines,
    '</g>',
    ...boxes.map((box) => drawBox(box, href)),
    '</svg>',
  ].join('\n');
}

function makeBoxes(names: readonly string[], arrows: readonly Edge[]): Box[] {
  const boxes = new Map<string, Box>();
  for (const name of names) {
    const to = arrows.filter((edge) => edge[0] === name).map((edge) => edge[1]);
    const from = arrows.filter((edge) => edge[1] === name).map((edge) => edge[0]);
    const key = JSON.stringify([to.toSorted(), from.toSorted()]);
    // Packages without any arrow are alike in nothing.
    const box = to.length + from.length > 0 ? boxes.get(key) : undefined;
    if (box) box.names.push(name);
    else boxes.set(`${key}${to.length + from.length > 0 ? '' : name}`, { ...emptyBox, names: [name], to: new Set(to) });
  }
  for (const box of boxes.values()) {
    box.width = Math.max(...box.names.map((name) => name.length)) * letter + 2 * padding;
    box.height = box.names.length * lineHeight + padding;
  }
  return [...boxes.values()];
}

const emptyBox: Omit<Box, 'names' | 'to'> = { row: 0, x: 0, y: 0, width: 0, height: 0 };

/** Each box stands one row above the highest box that it points to. */
function rank(boxes: readonly Box[], boxOf: ReadonlyMap<string, Box>): void {
  for (let pass = 0, moved = true; moved; pass++) {
    if (pass > boxes.length) throw new Error('the package graph has a cycle');
    moved = false;
    for (const box of boxes) {
      const row = Math.max(0, ...[...box.to].map((to) => boxOf.get(to)!.row + 1));
      if (row !== box.row) moved = true;
      box.row = row;
    }
  }
}

function place(boxes: readonly Box[], boxOf: ReadonlyMap<string, Box>): { width: number; height: number } {
  const rows = Array.from({ length: Math.max(...boxes.map((box) => box.row)) + 1 }, (_, row) =>
    boxes.filter((box) => box.row === row),
  );
  const rowWidth = (row: readonly Box[]): number => row.reduce((sum, box) => sum + box.width + boxGap, -boxGap);
  const width = Math.max(...rows.map(rowWidth)) + 2 * padding;
  const spread = (row: readonly Box[]): void => {
    const gap = (width - 2 * padding - row.reduce((sum, box) => sum + box.width, 0)) / row.length;
    let x = padding + gap / 2;
    for (const box of row) {
      box.x = x;
      x += box.width + gap;
    }
  };
  for (const row of rows) spread(row);
  // A few rounds of putting each box near the middle of its neighbours untangle most crossings.
  for (let round = 0; round < 8; round++) {
    for (const row of rows) {
      const wish = new Map(row.map((box) => [box, middle(neighbours(box, boxes, boxOf), box)]));
      spread(row.sort((a, b) => wish.get(a)! - wish.get(b)!));
    }
  }
  let y = padding;
  for (const row of rows.toReversed()) {
    for (const box of row) box.y = y;
    y += Math.max(...row.map((box) => box.height)) + rowGap;
  }
  return { width: Math.ceil(width), height: Math.ceil(y - rowGap + padding) };
}

const neighbours = (box: Box, boxes: readonly Box[], boxOf: ReadonlyMap<string, Box>): Box[] => [
  ...[...box.to].map((to) => boxOf.get(to)!),
  ...boxes.filter((other) => box.names.some((name) => other.to.has(name))),
];

const middle = (near: readonly Box[], box: Box): number =>
  near.length === 0 ? box.x + box.width / 2 : near.reduce((sum, { x, width }) => sum + x + width / 2, 0) / near.length;

function drawLine(from: Box, to: Box): string {
  const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y + from.height, to.x + to.width / 2, to.y - 1].map(
    Math.round,
  );
  const bend = Math.round((y2! - y1!) / 2);
  return `<path d="M${x1} ${y1} C${x1} ${y1! + bend} ${x2} ${y2! - bend} ${x2} ${y2}"/>`;
}

function drawBox({ x, y, width, height, names }: Box, href: (name: string) => string): string {
  const texts = names.map(
    (name, index) =>
      `<a href="${href(name)}"><text x="${Math.round(x + width / 2)}" y="${Math.round(y + padding / 2 + (index + 0.72) * lineHeight)}" ` +
      `text-anchor="middle" font-size="12" font-family="ui-monospace, monospace" fill="currentColor">${name}</text></a>`,
  );
  const rect =
    `<rect x="${Math.round(x)}" y="${Math.round(y)}" width="${Math.round(width)}" height="${height}" rx="6" ` +
    'fill="var(--vp-c-bg-soft, #f6f6f7)" stroke="currentColor" stroke-opacity="0.35"/>';
  return [rect, ...texts].join('');
}
