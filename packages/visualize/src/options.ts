/**
 * Throws where `given` has a key that is not in `known`.
 * @throws TypeError naming the caller, the unknown keys and the known ones.
 */
export function checkOptions(caller: string, given: object, known: readonly string[]): void {
  if (given === null || typeof given !== 'object') {
    throw new TypeError(`${caller}: received ${String(given)}, expected an object of options: ${known.join(', ')}`);
  }
  const unknown = Object.keys(given).filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    throw new TypeError(`${caller}: unknown option ${unknown.join(', ')}; the options are ${known.join(', ')}`);
  }
}

/** Throws a RangeError that names the caller and the two lengths, unless they are equal. */
export function checkLength(caller: string, what: string, received: number, expected: number): void {
  if (received !== expected) {
    throw new RangeError(`${caller}: ${what} has length ${received}, expected ${expected}`);
  }
}

/** Throws a RangeError unless `value` is an integer ≥ `least`. */
export function checkInteger(caller: string, what: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${caller}: ${what} is ${value}, expected an integer ≥ ${least}`);
  }
}
