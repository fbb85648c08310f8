import type { Tensor } from '@lemmata/tensor';
import { toRecord, unflatten, type TreeDef } from '@lemmata/tree';

/** What is remembered of one parameter. */
export type Memory = Readonly<Record<string, Tensor>>;

/** Memories of all parameters as one tree for each of the names, null where a parameter has none. */
export function bySlot(memories: readonly Memory[], names: readonly string[], def: TreeDef): Record<string, unknown> {
  const tree = (slot: string): unknown =>
    unflatten(
      def,
      memories.map((memory) => memory[slot] ?? null),
    );
  return Object.fromEntries(names.map((slot) => [slot, tree(slot)]));
}

/** {@link bySlot} undone: the memory of the parameter at a path. */
export function byParameter(slots: Readonly<Record<string, unknown>>): (path: string) => Memory {
  const records = Object.entries(slots).map(([slot, tree]) => [slot, toRecord(tree) as Memory] as const);
  return (path) =>
    Object.fromEntries(
      records.flatMap(([slot, record]) => (Object.hasOwn(record, path) ? [[slot, record[path]!] as const] : [])),
    );
}
