import ts from 'typescript';
import { outcomeOf, type Change, type FileResult, oneLine, type Run, type Trial } from './result.js';
import { parsed, rangeOf } from './targets.js';

/**
 * Where changes stand in a file as it is now, as `line:column-line:column`: at their text, nearest to the line on which it stood,
 * and no two equal changes at one place. Undefined for those whose text is gone.
 */
export function rangesOf(changes: readonly Change[], text: string): (string | undefined)[] {
  const places = new Map<string, Set<string>>();
  const source = parsed(text);
  const visit = (node: ts.Node): void => {
    const shown = oneLine(node.getText(source));
    places.set(shown, (places.get(shown) ?? new Set()).add(rangeOf(source, node)));
    ts.forEachChild(node, visit);
  };
  visit(source);
  const found = new Map<Change, string>();
  const distance = (range: string, { line }: Change): number => Math.abs(parseInt(range, 10) - line);
  // Those that have not moved first, so that no other takes their place.
  const choices = changes
    .flatMap((change) => [...(places.get(change.original) ?? [])].map((range) => ({ change, range })))
    .toSorted((a, b) => distance(a.range, a.change) - distance(b.range, b.change));
  const key = ({ original, replacement }: Change, range: string): string =>
    JSON.stringify([original, replacement, range]);
  const taken = new Set<string>();
  for (const { change, range } of choices) {
    if (found.has(change) || taken.has(key(change, range))) continue;
    found.set(change, range);
    taken.add(key(change, range));
  }
  return changes.map((change) => found.get(change));
}

/** The outcome for a file of which what was overlooked has been tried again, at the places that {@link rangesOf} finds. */
export function triedAgain(
  before: FileResult,
  ranges: readonly (string | undefined)[],
  trials: readonly Trial[],
  again: Run,
): FileResult {
  const tried = before.survivors.flatMap(({ original, replacement }, i) =>
    trials.filter((each) => each.range === ranges[i] && each.original === original && each.replacement === replacement),
  );
  const { killed, timeouts, survivors } = outcomeOf(tried);
  return {
    ...before,
    again,
    killed: before.killed + killed,
    timeouts: [...before.timeouts, ...timeouts],
    survivors,
  };
}
