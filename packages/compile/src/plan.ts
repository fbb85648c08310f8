import { sizeOf } from '@lemmata/shape';
import { BYTES_PER_ELEMENT, isContiguous, packedLayout, type Layout } from '@lemmata/tensor';
import type { Line, Program, ValueId } from './program.js';

/** Where a value lies: in a slot of the plan, in the memory of an input, in a constant, or where a result is to stay. */
export interface Place {
  readonly root:
    | { readonly kind: 'slot'; readonly slot: number }
    | { readonly kind: 'landing'; readonly number: number }
    | { readonly kind: 'input' | 'constant'; readonly id: ValueId };
  readonly layout: Layout;
}

export interface Plan {
  /** Bytes of each slot. */
  readonly slots: readonly number[];
  /** For each value that is placed. */
  readonly places: ReadonlyMap<ValueId, Place>;
  /** The lines that compute something, in order; the others are layouts. */
  readonly lines: readonly Line[];
}

/**
 * Gives every value a place, so that few slots serve all: a slot is free again after the last read of what lies in it,
 * and an elementwise line may write over an input that it is the last to read. Results live to the end.
 *
 * `slots` are those of an earlier plan, to be used before new ones are asked for. `landings` are values that have a place
 * outside of the slots, by number. `kept` lives to the end like a result.
 */
export function planMemory(
  program: Program,
  slots: readonly number[] = [],
  landings: ReadonlyMap<ValueId, number> = new Map(),
  kept: readonly ValueId[] = [],
): Plan {
  const { aliases, roots, layouts } = followLayouts(program);
  const places = new Map<ValueId, Place>();
  const givenPlace = (kind: 'input' | 'constant', id: ValueId): void => {
    places.set(id, { root: { kind, id }, layout: layouts.get(id)! });
  };
  for (const id of program.inputs) givenPlace('input', id);
  program.values.forEach((value, id) => value.constant !== undefined && givenPlace('constant', id));
  const lastRead = new Map<ValueId, number>();
  const reads = (id: ValueId, line: number): void => {
    const root = roots.get(id) ?? id;
    lastRead.set(root, Math.max(line, lastRead.get(root) ?? 0));
  };
  program.lines.forEach((line, i) => {
    // What nothing reads is still written.
    for (const id of [...line.inputs, ...line.outputs]) reads(id, i);
  });
  for (const id of [...program.results, ...kept]) reads(id, Infinity);

  /** Memory of values of one size that follow each other in place. Its number stands for its slot until all are known. */
  const ranges: LiveRange[] = [];
  const lines: Line[] = [];
  program.lines.forEach((line, i) => {
    if (aliases.has(i)) {
      const from = places.get(line.inputs[0])!;
      places.set(line.outputs[0], { root: from.root, layout: aliases.get(i)! });
      return;
    }
    lines.push(line);
    const inPlace = line.op.expr !== undefined && !landings.has(line.outputs[0]);
    const overwritten = inPlace ? dyingOperand(program, line, i, places, roots, lastRead) : undefined;
    line.outputs.forEach((id, k) => {
      const { shape, dtype } = program.values[id].spec;
      const layout = packedLayout(shape);
      const landing = landings.get(id);
      if (landing !== undefined) {
        places.set(id, { root: { kind: 'landing', number: landing }, layout });
        return;
      }
      const to = lastRead.get(id)!;
      const slot = k === 0 && overwritten !== undefined ? overwritten : ranges.length;
      if (slot === ranges.length) ranges.push({ bytes: sizeOf(shape) * BYTES_PER_ELEMENT[dtype], from: i, to });
      else ranges[slot].to = to;
      places.set(id, { root: { kind: 'slot', slot }, layout });
    });
  });
  const { sizes, slotOf } = assignSlots(ranges, slots);
  for (const [id, { root, layout }] of places)
    if (root.kind === 'slot') places.set(id, { root: { kind: 'slot', slot: slotOf[root.slot] }, layout });
  return { slots: sizes, places, lines };
}

/** Memory that is in use from one line to another, both included. */
interface LiveRange {
  readonly bytes: number;
  readonly from: number;
  to: number;
}

/**
 * A slot for each live range; those that overlap in time never share one. Large ranges choose first, so that no small one that stays
 * long keeps them out of memory of their size: the smallest slot that is large enough, and of equal ones the one in use last, which
 * caches hold.
 *
 * Source: Pisarchyk and Lee 2020, https://arxiv.org/abs/2001.03288 (greedy by size)
 */
function assignSlots(
  ranges: readonly LiveRange[],
  given: readonly number[],
): { readonly sizes: readonly number[]; readonly slotOf: readonly number[] } {
  const sizes = [...given];
  const occupants: LiveRange[][] = sizes.map(() => []);
  const slotOf = new Array<number>(ranges.length);
  const inOrder = [...ranges.keys()].sort((a, b) => ranges[b].bytes - ranges[a].bytes);
  for (const number of inOrder) {
    const range = ranges[number];
    let best = -1;
    let leftAt = -1;
    sizes.forEach((size, slot) => {
      if (size < range.bytes || (best >= 0 && size > sizes[best])) return;
      if (occupants[slot].some(({ from, to }) => from <= range.to && range.from <= to)) return;
      const left = occupants[slot].reduce((last, { to }) => (to < range.from ? Math.max(last, to) : last), -1);
      if (best >= 0 && size === sizes[best] && left <= leftAt) return;
      [best, leftAt] = [slot, left];
    });
    if (best < 0) {
      best = sizes.push(range.bytes) - 1;
      occupants.push([]);
    }
    occupants[best].push(range);
    slotOf[number] = best;
  }
  return { sizes, slotOf };
}

interface Layouts {
  /** Movement lines that need no copy, by number, with the layout of their output. */
  readonly aliases: ReadonlyMap<number, Layout>;
  /** Whose memory a value shares, where it is not its own. */
  readonly roots: ReadonlyMap<ValueId, ValueId>;
  readonly layouts: ReadonlyMap<ValueId, Layout>;
}

export function followLayouts(program: Program): Layouts {
  const aliases = new Map<number, Layout>();
  const roots = new Map<ValueId, ValueId>();
  const layouts = new Map<ValueId, Layout>();
  for (const id of program.inputs) layouts.set(id, packedLayout(program.values[id].spec.shape));
  program.values.forEach(({ constant }, id) => constant !== undefined && layouts.set(id, constant));
  program.lines.forEach((line, i) => {
    const moved = line.op.alias?.(line.attrs, layouts.get(line.inputs[0])!) ?? null;
    if (moved !== null) {
      aliases.set(i, moved);
      layouts.set(line.outputs[0], moved);
      roots.set(line.outputs[0], roots.get(line.inputs[0]) ?? line.inputs[0]);
      return;
    }
    for (const id of line.outputs) layouts.set(id, packedLayout(program.values[id].spec.shape));
  });
  return { aliases, roots, layouts };
}

/** The slot of an input of an elementwise line whose memory the output may take: packed, as large, in a slot, and read for the last time. */
function dyingOperand(
  program: Program,
  line: Line,
  i: number,
  places: ReadonlyMap<ValueId, Place>,
  roots: ReadonlyMap<ValueId, ValueId>,
  lastRead: ReadonlyMap<ValueId, number>,
): number | undefined {
  const out = program.values[line.outputs[0]].spec;
  for (const id of line.inputs) {
    const place = places.get(id)!;
    const root = roots.get(id) ?? id;
    const rootSpec = program.values[root].spec;
    const same = rootSpec.dtype === out.dtype && sizeOf(rootSpec.shape) === sizeOf(out.shape);
    if (place.root.kind !== 'slot' || !same || lastRead.get(root) !== i) continue;
    // Every read of that memory in this line must be in step with the write.
    const inStep = line.inputs.every((other) => {
      const p = places.get(other)!;
      return (
        p.root.kind !== 'slot' ||
        p.root.slot !== (place.root as { slot: number }).slot ||
        (isContiguous(p.layout) && p.layout.offset === 0)
      );
    });
    if (inStep) return place.root.slot;
  }
  return undefined;
}
