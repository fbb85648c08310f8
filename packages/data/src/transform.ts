import { type Column, type Columns, sizeOf } from './columns.js';
import { DataError } from './error.js';
import { checkInteger, checkKeys } from './options.js';

/** Where in an epoch a batch stands. */
export interface BatchPlace {
  /** The epoch's number. */
  readonly epoch: number;
  /** The batch's number in the epoch, from 0. */
  readonly step: number;
  /** For each sample of the batch its index in the dataset, or its place in the stream. */
  readonly indices: Int32Array;
}

/**
 * Turns a batch into the one that training reads. A transform that draws random numbers should fold `epoch` and each
 * sample's index into its key: then what a sample becomes does not depend on the batch it falls into.
 */
export type Transform<C extends Columns, D extends Columns> = (batch: C, place: BatchPlace) => D;

/** How {@link normalize} scales a column. */
export interface Normalization {
  /** Subtracted after scaling: one number, or one for each index of `axis`. */
  readonly mean: number | readonly number[];
  /** Divided by: one positive number, or one for each index of `axis`. */
  readonly std: number | readonly number[];
  /** Multiplied by first. Default 1/255 for a Uint8Array, 1 otherwise. */
  readonly scale?: number;
  /** The axis that lists of `mean` and `std` run along, where the batch's is 0. Default 1: channels of `[n, c, h, w]`. */
  readonly axis?: number;
}

/** A column type after {@link normalize}. */
export type Normalized<C extends Columns, K extends PropertyKey> = {
  readonly [N in keyof C]: N extends K ? Column<Float32Array> : C[N];
};

/**
 * A transform that makes the named column `(x · scale − mean) / std`, in fresh float32 arrays computed in float64.
 * Other columns pass through. For MNIST: `normalize('image', { mean: 0.1307, std: 0.3081 })`.
 *
 * @throws RangeError at once for a std that is not positive, a number that is not finite, or an axis without lists; TypeError for an unknown
 * option; DataError on a batch without the column, or whose axis is not as long as the lists.
 */
export function normalize<K extends string>(
  name: K,
  options: Normalization,
): <C extends Columns & Readonly<Record<K, Column>>>(batch: C) => Normalized<C, K> {
  checkKeys('normalize', options, ['mean', 'std', 'scale', 'axis']);
  const { mean, std, scale, axis = 1 } = options;
  const lists = [mean, std].filter((value) => typeof value !== 'number');
  const means = [mean].flat();
  const stds = [std].flat();
  checkInteger('normalize', 'axis', axis, 1);
  if (lists.length === 0 && options.axis !== undefined)
    throw new RangeError(`normalize: received axis = ${axis} beside one mean and std for all; expected a list of one`);
  for (const [what, values] of Object.entries({ mean: means, std: stds, scale: scale === undefined ? [] : [scale] })) {
    for (const value of values) {
      if (!Number.isFinite(value) || (what === 'std' && value <= 0)) {
        const range = what === 'std' ? 'a positive, finite number' : 'a finite number';
        throw new RangeError(`normalize: received ${what} ${String(value)}; expected ${range}`);
      }
    }
  }
  return (batch) => {
    const column: Column | undefined = Object.hasOwn(batch, name) ? batch[name] : undefined;
    if (column === undefined) {
      throw new DataError({
        source: 'normalize',
        received: `a batch of columns ${Object.keys(batch).join(', ')}`,
        expected: `a column '${name}'`,
      });
    }
    const { data, shape } = column;
    const channels = lists.length === 0 ? 1 : shape[axis];
    if (lists.some((list) => list.length !== channels)) {
      throw new DataError({
        source: `normalize, column '${name}'`,
        received: `lists of ${lists.map((list) => list.length).join(' and ')} for shape [${shape.join(', ')}]`,
        expected: `one number for each of the ${channels ?? 'missing'} indices of axis ${axis}`,
      });
    }
    const factor = scale ?? (data instanceof Uint8Array ? 1 / 255 : 1);
    const inner = lists.length === 0 ? data.length : sizeOf(shape.slice(axis + 1));
    const out = new Float32Array(data.length);
    const tables = new Map<number, Float32Array>();
    for (let start = 0, run = 0; start < data.length; start += inner, run++) {
      const channel = run % channels!;
      const center = means[means.length === 1 ? 0 : channel]!;
      const width = stds[stds.length === 1 ? 0 : channel]!;
      const value = (x: number): number => (x * factor - center) / width;
      const end = start + inner;
      if (data instanceof Uint8Array) {
        // Bytes take 256 values: a table of the same numbers is several times faster than the formula.
        let table = tables.get(channel);
        if (table === undefined) tables.set(channel, (table = Float32Array.from({ length: 256 }, (_, x) => value(x))));
        for (let i = start; i < end; i++) out[i] = table[data[i]!]!;
      } else {
        for (let i = start; i < end; i++) out[i] = value(data[i]!);
      }
    }
    return { ...batch, [name]: { data: out, shape } } as unknown as Normalized<typeof batch, K>;
  };
}
