/** A value that is no tree, or trees that do not fit together. The message lists every reason. */
export class TreeError extends Error {
  override readonly name: string = 'TreeError';
  readonly reasons: readonly string[];

  constructor(op: string, reasons: readonly string[]) {
    super(
      reasons.length === 1
        ? `${op}: ${reasons[0]}`
        : [`${op}: ${reasons.length} problems`, ...reasons.map((reason) => `  - ${reason}`)].join('\n'),
    );
    this.reasons = [...reasons];
  }
}

/** A path as errors print it. */
export function quotePath(path: string): string {
  return path === '' ? 'the root' : `'${path}'`;
}
