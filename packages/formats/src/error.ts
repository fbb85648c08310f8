/** What a {@link FormatError} reports. */
export interface FormatFault {
  /** The file at fault, as the caller named it. */
  readonly file: string;
  /** The array in the file, where one is at fault. */
  readonly entry?: string;
  readonly received: string;
  readonly expected: string;
  /** What to change, where that is known. */
  readonly fix?: string;
}

/** A file that is malformed, unsupported or does not hold what was asked of it. */
export class FormatError extends Error {
  override readonly name: string = 'FormatError';
  readonly file: string;
  readonly entry: string | undefined;
  readonly received: string;
  readonly expected: string;

  constructor(fault: FormatFault, options?: ErrorOptions) {
    const entry = fault.entry === undefined ? '' : `, '${fault.entry}'`;
    const fix = fault.fix === undefined ? '' : `. ${fault.fix}`;
    super(`${fault.file}${entry}: received ${fault.received}; expected ${fault.expected}${fix}`, options);
    this.file = fault.file;
    this.entry = fault.entry;
    this.received = fault.received;
    this.expected = fault.expected;
  }
}
