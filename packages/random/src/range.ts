import { checkInteger } from './key.js';

/** Which elements to write, and where. */
export interface Range {
  /** First place of `out` to write; default 0. */
  readonly offset?: number;
  /** How many elements to write; default: to the end of `out`. */
  readonly count?: number;
  /** Index in the stream of the first element written; default 0. Chunks with matching `first` equal one fill. */
  readonly first?: number;
}

/** Fills in the defaults; throws RangeError where the range leaves `out` or the stream of 2^52 elements. */
export function checkRange(op: string, out: ArrayLike<number>, range: Range): Required<Range> {
  for (const name of Object.keys(range)) {
    if (name !== 'offset' && name !== 'count' && name !== 'first') {
      throw new TypeError(`${op}: unknown option '${name}'; a range takes offset, count and first`);
    }
  }
  const { offset = 0, first = 0 } = range;
  checkInteger(op, 'offset', offset, 0);
  checkInteger(op, 'first', first, 0);
  const { count = out.length - offset } = range;
  if (!Number.isSafeInteger(count) || count < 0 || offset + count > out.length) {
    throw new RangeError(`${op}: ${count} elements from ${offset} on do not lie within an array of ${out.length}`);
  }
  // Elements may take two words each, and a block counter of 52 bits fits beside the purpose.
  if (first + count > 2 ** 52) throw new RangeError(`${op}: a stream has 2^52 elements; received first = ${first}`);
  return { offset, count, first };
}
