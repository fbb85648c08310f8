import type { Cell, LeftOutCell } from './cell.js';

/** A law that concerns so many subjects of a kind, besides those that say why it does not concern them, is a general one. */
const MANY = 3;

/** A general law that was neither applied to a subject nor left out for a reason: an empty cell. */
export type Gap = Pick<Cell, 'item' | 'subject' | 'kind' | 'law'>;

type Place = Pick<Cell, 'item' | 'subject' | 'kind'>;
const placeOf = ({ kind, item, subject }: Place): string => [kind, item, subject].join(' ');

/** The general laws of a kind, in the order in which they are met. */
export function generalLaws(cells: readonly Cell[], leftOut: readonly LeftOutCell[], kind: Cell['kind']): string[] {
  const mine = cells.filter((cell) => cell.kind === kind);
  const names = new Set(mine.map(({ law }) => law));
  const out = new Set(leftOut.filter((each) => each.kind === kind).map(({ law }) => law));
  return [...names].filter(
    (law) => out.has(law) || new Set(mine.filter((cell) => cell.law === law).map(placeOf)).size >= MANY,
  );
}

/** What was forgotten of subjects that say what they leave out. */
export function gapsOf(cells: readonly Cell[], leftOut: readonly LeftOutCell[]): Gap[] {
  const places = new Map(leftOut.map((each) => [placeOf(each), each]));
  const known = new Set([...cells, ...leftOut].map((each) => `${placeOf(each)}: ${each.law}`));
  const general = new Map(
    (['op', 'layer'] as const).map((kind) => [kind as Cell['kind'], generalLaws(cells, leftOut, kind)]),
  );
  return [...places.values()].flatMap(({ item, subject, kind }) =>
    (general.get(kind) ?? [])
      .filter((law) => !known.has(`${placeOf({ item, subject, kind })}: ${law}`))
      .map((law) => ({ item, subject, kind, law })),
  );
}
