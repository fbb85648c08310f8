/** Options that an op refuses; the message lists all of them. */
export class OptionError extends Error {
  override readonly name: string = 'OptionError';
  readonly op: string;
  readonly reasons: readonly string[];

  constructor(op: string, reasons: readonly string[]) {
    super(
      reasons.length === 1
        ? `${op}: ${reasons[0]}`
        : [`${op}: ${reasons.length} problems`, ...reasons.map((reason, i) => `  ${i + 1}. ${reason}`)].join('\n'),
    );
    this.op = op;
    this.reasons = [...reasons];
  }
}

/**
 * Throws an {@link OptionError} that names every key of `options` outside `allowed`, each with the
 * nearest allowed name, or says that what was given is no object. `undefined` options are no options.
 */
export function unknownOptions(op: string, options: object | undefined, allowed: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const what = allowed.length === 0 ? '' : ` with any of ${allowed.join(', ')}`;
    const received = Array.isArray(options) ? `[${options.join(', ')}]` : String(options);
    throw new OptionError(op, [`options are an object${what}, received ${received}`]);
  }
  const unknown = Object.keys(options).filter((key) => !allowed.includes(key));
  if (unknown.length === 0) return;
  const list = allowed.length === 0 ? 'it takes no options' : `it takes ${allowed.join(', ')}`;
  throw new OptionError(
    op,
    unknown.map((key) => {
      const near = nearestName(key, allowed);
      return `unknown option '${key}'${near === undefined ? '' : `; did you mean '${near}'?`} (${list})`;
    }),
  );
}

/** The candidate within about a third of the name's length in edits, nearest first; undefined if none is. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.ceil(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance: insertions, deletions and replacements. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
