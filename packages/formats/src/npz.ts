import { FormatError } from './error.js';
import { readNpy, writeNpy } from './npy.js';
import { checkBytes, checkKeys } from './options.js';
import type { StoredArray, StoredArrays } from './stored.js';
import { readZip, writeZip } from './zip.js';

const SUFFIX = '.npy';

/**
 * Reads a NumPy `.npz` file, as `savez` and `savez_compressed` write it: a zip of `.npy` files, stored or deflated.
 *
 * @param options `name`: what errors call the file; default `npz file`.
 * @throws FormatError for a damaged or encrypted zip, a file in it that is no `.npy`, and as {@link readNpy}.
 */
export async function readNpz(bytes: Uint8Array, options: { readonly name?: string } = {}): Promise<StoredArrays> {
  checkKeys('readNpz', options, ['name']);
  checkBytes('readNpz', bytes);
  const { name: file = 'npz file' } = options;
  const arrays: [string, StoredArray][] = [];
  for (const { name, bytes: contents } of await readZip(bytes, file)) {
    if (!name.endsWith(SUFFIX)) {
      throw new FormatError({
        file,
        entry: name,
        received: 'a file of that name',
        expected: `names that end in ${SUFFIX}`,
      });
    }
    arrays.push([name.slice(0, -SUFFIX.length), readNpy(contents, { name: `${file}, '${name}'` })]);
  }
  return Object.fromEntries(arrays);
}

/**
 * Writes a NumPy `.npz` file, not compressed, names in the order of their UTF-16 code units: the same arrays give the
 * same bytes.
 *
 * @throws FormatError as {@link writeNpy}, and for a name that a zip cannot hold or 4 GiB or more.
 */
export function writeNpz(arrays: StoredArrays): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(arrays).sort(([a], [b]) => (a < b ? -1 : 1));
  return writeZip(
    entries.map(([name, array]) => ({ name: `${name}${SUFFIX}`, bytes: writeNpy(array) })),
    'writeNpz',
  );
}
