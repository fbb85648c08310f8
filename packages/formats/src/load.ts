import { FormatError } from './error.js';
import { checkKeys } from './options.js';
import { showShape, type StoredArray, type StoredArrays, type StoredDtype } from './stored.js';

/** What an array must be to be loaded. */
export interface Expected {
  readonly shape: readonly number[];
  readonly dtype: StoredDtype;
}

/** The arrays of {@link loadInto}, under their names and of the types expected. */
export type Loaded<E extends Readonly<Record<string, Expected>>> = {
  readonly [N in keyof E]: Extract<StoredArray, { readonly dtype: E[N]['dtype'] }>;
};

/** Types that float32 holds exactly, and that are float32 in memory. */
const EXACT_IN_F32: readonly StoredDtype[] = ['float16', 'bfloat16'];

/** A {@link FormatError} that lists every array that does not fit. */
export class LoadError extends FormatError {
  override readonly name: string = 'LoadError';
  /** Names expected and not found. */
  readonly missing: readonly string[];
  /** Names found, not expected and not ignored. */
  readonly unexpected: readonly string[];
  /** Names found with another shape or type. */
  readonly mismatched: readonly string[];

  constructor(
    file: string,
    expected: Readonly<Record<string, Expected>>,
    arrays: StoredArrays,
    faults: { missing: readonly string[]; unexpected: readonly string[]; mismatched: readonly string[] },
  ) {
    const { missing, unexpected, mismatched } = faults;
    const lines = [
      ...missing.map((name) => `\n  missing: ${name}, expected ${form(expected[name])}`),
      ...unexpected.map((name) => `\n  unexpected: ${name}, received ${form(arrays[name])}`),
      ...mismatched.map(
        (name) => `\n  mismatched: ${name}, received ${form(arrays[name])}, expected ${form(expected[name])}`,
      ),
    ];
    super({
      file,
      received: `${missing.length} missing, ${unexpected.length} unexpected and ${mismatched.length} mismatched arrays`,
      expected: `the ${Object.keys(expected).length} arrays of the model, no other${lines.join('')}`,
    });
    this.missing = missing;
    this.unexpected = unexpected;
    this.mismatched = mismatched;
  }
}

const form = ({ dtype, shape }: Expected): string => `${dtype} ${showShape(shape)}`;

/**
 * Picks the arrays that a model expects out of a file's, in the model's order, strictly: nothing may be missing, left over
 * or of another shape or type. float16 and bfloat16 pass as float32, which holds them exactly.
 *
 * @param options `name`: what errors call the file, default `arrays`; `ignore`: names of the file that may be left
 * over, such as `(name) => name.endsWith('num_batches_tracked')`.
 * @throws LoadError listing every array that does not fit.
 */
export function loadInto<const E extends Readonly<Record<string, Expected>>>(
  expected: E,
  arrays: StoredArrays,
  options: { readonly name?: string; readonly ignore?: (name: string) => boolean } = {},
): Loaded<E> {
  checkKeys('loadInto', options, ['name', 'ignore']);
  const { name: file = 'arrays', ignore = () => false } = options;
  const names = Object.keys(expected);
  const fits = (name: string): boolean => {
    const { dtype, shape } = arrays[name];
    const want = expected[name];
    const sameType = dtype === want.dtype || (want.dtype === 'float32' && EXACT_IN_F32.includes(dtype));
    return sameType && shape.length === want.shape.length && shape.every((axis, i) => axis === want.shape[i]);
  };
  const missing = names.filter((name) => !Object.hasOwn(arrays, name));
  const unexpected = Object.keys(arrays).filter((name) => !Object.hasOwn(expected, name) && !ignore(name));
  const mismatched = names.filter((name) => Object.hasOwn(arrays, name) && !fits(name));
  if (missing.length + unexpected.length + mismatched.length > 0) {
    throw new LoadError(file, expected, arrays, { missing, unexpected, mismatched });
  }
  const loaded = names.map((name) => [name, { ...arrays[name], dtype: expected[name].dtype } as StoredArray]);
  return Object.fromEntries(loaded) as Loaded<E>;
}
