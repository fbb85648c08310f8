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
  const sizes = [...slots];
  const free = new Set(sizes.keys());
  const { aliases, roots, layouts } = followLayouts(program);
  const places = new Map<ValueId, Place>();
  const givenPlace = (kind: 'input' | 'constant', id: ValueId): void => {
    places.set(id, { root: { kind, id }, layout: layouts.get(id)! });
  };
  for (const id of program.inputs) givenPlace('input', id);
  program.values.forEach((value, id) => value.constant !== undefined && givenPlace('constant', id));
  const lastRead = new Map<ValueId, number>();
  program.lines.forEach((line, i) => {
    for (const id of line.inputs) lastRead.set(roots.get(id) ?? id, i);
    // What nothing reads is still written.
    for (const id of line.outputs)
      lastRead.set(roots.get(id) ?? id, Math.max(i, lastRead.get(roots.get(id) ?? id) ?? 0));
  });
  for (const id of [...program.results, ...kept]) lastRead.set(roots.get(id) ?? id, Infinity);
  const endsAt = new Map<number, ValueId[]>();
  for (const [id, line] of lastRead) endsAt.set(line, [...(endsAt.get(line) ?? []), id]);

  const take = (bytes: number): number => {
    // The smallest that is large enough; else the largest grows, else a new one.
    let best = -1;
    for (const slot of free) {
      const fits = sizes[slot]! >= bytes;
      const better =
        best < 0 ||
        (fits
          ? sizes[best]! < bytes || sizes[slot]! < sizes[best]!
          : sizes[best]! < bytes && sizes[slot]! > sizes[best]!);
      if (better) best = slot;
    }
    if (best < 0 || (sizes[best]! < bytes && best < slots.length)) best = sizes.push(bytes) - 1;
    sizes[best] = Math.max(sizes[best]!, bytes);
    free.delete(best);
    return best;
  };

  const lines: Line[] = [];
  program.lines.forEach((line, i) => {
    if (!aliases.has(i)) {
      lines.push(line);
      const overwritten =
        line.op.expr === undefined || landings.has(line.outputs[0]!)
          ? undefined
          : dyingOperand(program, line, i, places, roots, lastRead);
      line.outputs.forEach((id, k) => {
        const { spec } = program.values[id]!;
        const number = landings.get(id);
        if (number !== undefined) {
          places.set(id, { root: { kind: 'landing', number }, layout: packedLayout(spec.shape) });
          return;
        }
        let slot: number;
        if (k === 0 && overwritten !== undefined) {
          slot = overwritten.slot;
          lastRead.delete(overwritten.id);
        } else slot = take(sizeOf(spec.shape) * BYTES_PER_ELEMENT[spec.dtype]);
        places.set(id, { root: { kind: 'slot', slot }, layout: packedLayout(spec.shape) });
      });
    } else {
      const from = places.get(line.inputs[0]!)!;
      places.set(line.outputs[0]!, { root: from.root, layout: aliases.get(i)! });
    }
    for (const id of endsAt.get(i) ?? []) {
      const root = places.get(id)?.root;
      if (root?.kind === 'slot' && lastRead.get(id) === i) free.add(root.slot);
    }
  });
  return { slots: sizes, places, lines };
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
  for (const id of program.inputs) layouts.set(id, packedLayout(program.values[id]!.spec.shape));
  program.values.forEach(({ constant }, id) => constant !== undefined && layouts.set(id, constant));
  program.lines.forEach((line, i) => {
    const moved = line.op.alias?.(line.attrs, layouts.get(line.inputs[0]!)!) ?? null;
    if (moved !== null) {
      aliases.set(i, moved);
      layouts.set(line.outputs[0]!, moved);
      roots.set(line.outputs[0]!, roots.get(line.inputs[0]!) ?? line.inputs[0]!);
      return;
    }
    for (const id of line.outputs) layouts.set(id, packedLayout(program.values[id]!.spec.shape));
  });
  return { aliases, roots, layouts };
}

/** An input of an elementwise line whose memory the output may take: packed, as large, in a slot, and read for the last time. */
function dyingOperand(
  program: Program,
  line: Line,
  i: number,
  places: ReadonlyMap<ValueId, Place>,
  roots: ReadonlyMap<ValueId, ValueId>,
  lastRead: ReadonlyMap<ValueId, number>,
): { slot: number; id: ValueId } | undefined {
  const out = program.values[line.outputs[0]!]!.spec;
  for (const id of line.inputs) {
    const place = places.get(id)!;
    const root = roots.get(id) ?? id;
    const rootSpec = program.values[root]!.spec;
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
    if (inStep) return { slot: place.root.slot, id: root };
  }
  return undefined;
}
