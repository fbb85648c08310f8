import { foldIn, type Key, uniform53, bits } from '@lemmata/random';
import { type Column, type Columns, sizeOf, type Values, zerosLike } from '../columns.js';
import { DataError } from '../error.js';
import type { Transform } from '../transform.js';

/** One image: planes of height × width, row by row, as in `[c, h, w]`. */
export interface Image<A extends Values = Values> {
  readonly data: A;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Makes another image of one, in ways drawn from the key alone: the same key, the same change. Never writes into its input. */
export type ImageChange = (image: Image, key: Key) => Image;

/**
 * A transform that changes each image of a column `[n, c, h, w]`, by one change after the other. What a sample becomes
 * depends on the key, the epoch and the sample's index alone: not on its batch, or on what else is drawn.
 *
 * @param name of the column, or several: an image and its mask are then turned and cut alike, since each change draws the
 * same for both. A mask of class numbers wants `interpolation: 'nearest'`.
 * @throws TypeError at once where the changes are no list of them; DataError for a batch without the column, a column of another rank, and changes that leave images of different sizes.
 */
export function augment<C extends Columns>(
  name: (keyof C & string) | readonly (keyof C & string)[],
  key: Key,
  changes: readonly ImageChange[],
): Transform<C, C> {
  if (!Array.isArray(changes) || !changes.every((change) => typeof change === 'function'))
    throw new TypeError(
      `augment: received changes of type ${typeof changes}; expected a list of them, such as [horizontalFlip()]`,
    );
  const names = typeof name === 'string' ? [name] : name;
  return (batch, { epoch, indices }) => {
    const forEpoch = foldIn(key, epoch);
    const keys = Array.from(indices, (index) => foldIn(forEpoch, index));
    const changed = names.map((each) => [each, changeColumn(each, batch[each], keys, changes)] as const);
    return { ...batch, ...Object.fromEntries(changed) };
  };
}

function changeColumn(
  name: string,
  column: Column | undefined,
  keys: readonly Key[],
  changes: readonly ImageChange[],
): Column {
  if (column === undefined || column.shape.length !== 4) {
    throw new DataError({
      source: `augment, column '${name}'`,
      received: column === undefined ? 'a batch without it' : `shape [${column.shape.join(', ')}]`,
      expected: 'images [n, channels, height, width]',
    });
  }
  const [n, channels, height, width] = column.shape as readonly [number, number, number, number];
  const size = channels * height * width;
  let out: Values | undefined;
  let shape: readonly number[] = [channels, height, width];
  for (let i = 0; i < n; i++) {
    let image: Image = { data: column.data.subarray(i * size, (i + 1) * size), channels, height, width };
    changes.forEach((change, place) => (image = change(image, foldIn(keys[i]!, place))));
    const own = [image.channels, image.height, image.width];
    if (out === undefined) {
      shape = own;
      out = zerosLike(image.data, n * sizeOf(own));
    }
    if (own.join() !== shape.join()) {
      throw new DataError({
        source: `augment, column '${name}'`,
        received: `image ${i} of shape [${own.join(', ')}] after one of [${shape.join(', ')}]`,
        expected: 'changes that leave all images the same size',
        fix: 'End with a crop or a resize to one size',
      });
    }
    out.set(image.data, i * sizeOf(shape));
  }
  return { data: out ?? zerosLike(column.data, 0), shape: [n, ...shape] };
}

/** Numbers of [0, 1), as many as are asked for, of which the first do not depend on how many. */
export function draws(key: Key, count: number): number[] {
  const words = bits(key, 2 * count);
  return Array.from({ length: count }, (_, i) => uniform53(words[2 * i]!, words[2 * i + 1]!));
}

/** A value as an array of this type can hold it: integers are rounded and kept within their range, as pixels are. */
export function holder(data: Values): (value: number) => number {
  const range = RANGES.find(([type]) => data instanceof type);
  if (range === undefined) return (value) => value;
  const [, low, high] = range;
  return (value) => Math.min(high, Math.max(low, Math.round(value)));
}

const RANGES = [
  [Uint8Array, 0, 255],
  [Int8Array, -128, 127],
  [Uint16Array, 0, 65_535],
  [Int16Array, -32_768, 32_767],
  [Uint32Array, 0, 4_294_967_295],
  [Int32Array, -2_147_483_648, 2_147_483_647],
] as const;

/** What white is: 255 for bytes, 1 for fractions. */
export function whiteOf(data: Values): number {
  return data instanceof Uint8Array ? 255 : 1;
}
