/** What a {@link DataError} reports. */
export interface DataFault {
  /** The file, column or dataset at fault, as the caller named it. */
  readonly source: string;
  readonly received: string;
  readonly expected: string;
  /** What to change, where that is known. */
  readonly fix?: string;
}

/** Data that is not what it should be: a malformed file, or columns that do not fit together. */
export class DataError extends Error {
  override readonly name: string = 'DataError';
  readonly source: string;
  readonly received: string;
  readonly expected: string;

  constructor(fault: DataFault, options?: ErrorOptions) {
    const fix = fault.fix === undefined ? '' : `. ${fault.fix}`;
    super(`${fault.source}: received ${fault.received}; expected ${fault.expected}${fix}`, options);
    this.source = fault.source;
    this.received = fault.received;
    this.expected = fault.expected;
  }
}
