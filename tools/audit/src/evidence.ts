import type { Cell } from './cell.js';
import type { Exported } from './inventory.js';

/** The subject under which the laws of an op stand that were run on its kernel. */
export function onKernel(op: string): string {
  return `${op} on its kernel`;
}

/** Whether a cell speaks of something exported. */
const SPEAKS: Readonly<Record<Exported['kind'], (cell: Cell, exported: Exported) => boolean>> = {
  op: (cell, { name }) => cell.kind === 'op' && cell.subject === name,
  kernel: (cell, { name }) => cell.kind === 'kernel' && cell.subject === onKernel(name),
  // A method with other options is a subject of its own: "sgd with momentum".
  optimiser: (cell, { item, name }) =>
    cell.item === item && (cell.subject === name || cell.subject.startsWith(`${name} `)),
  layer: (cell, { item }) => cell.kind === 'layer' && cell.item === item,
  architecture: (cell, { item }) => cell.kind !== 'op' && cell.item === item,
  loss: (cell, { item }) => (cell.kind === 'op' || cell.kind === 'own') && cell.item === item,
};

/** Something exported, and what was found of it. */
export interface Row extends Exported {
  readonly laws: number;
  readonly cases: number;
  /** Planted bugs that were noticed. */
  readonly killed: number;
}

/**
 * What is exported, each with the evidence for it. An op, a kernel and an optimiser need laws under their own names; layers,
 * losses and architectures need laws in their folders.
 */
export function inventoryOf({
  exported,
  cells,
}: {
  readonly exported: readonly Exported[];
  readonly cells: readonly Cell[];
}): Row[] {
  return exported.map((each): Row => {
    const mine = cells.filter((cell) => SPEAKS[each.kind](cell, each));
    const killed = mine.flatMap(({ mutants }) => mutants).filter(({ fate }) => fate === 'killed');
    return {
      ...each,
      laws: mine.length,
      cases: mine.reduce((sum, cell) => sum + cell.cases, 0),
      killed: killed.length,
    };
  });
}

/** Exported things of which no law speaks: empty cells. */
export function withoutLaws(found: Parameters<typeof inventoryOf>[0]): Row[] {
  return inventoryOf(found).filter(({ laws }) => laws === 0);
}
