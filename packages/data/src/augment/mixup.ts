import { bits, bounded, foldIn, type Key, normalQuantile, open52 } from '@lemmata/random';
import { type Column, type Columns, sizeOf } from '../columns.js';
import type { Dataset } from '../dataset.js';
import { DataError } from '../error.js';
import { checkLabels } from '../labels.js';
import { checkInteger, checkKeys } from '../options.js';
import type { Transform } from '../transform.js';

export interface MixupOptions {
  /** Of the Beta(α, α) distribution that a sample's share is drawn from: small ones leave most samples nearly alone. Default 0.2. */
  readonly alpha?: number;
  /** How many classes there are: a label becomes a share of each. */
  readonly classes: number;
}

/** A batch with its image as float32, and its label as probabilities of the classes. */
export type Mixed<C extends Columns, X extends PropertyKey, Y extends PropertyKey> = {
  readonly [N in keyof C]: N extends X | Y ? Column<Float32Array> : C[N];
};

/**
 * A transform that mixes each sample with another of the dataset: x ← λx + (1 − λ)x′, and the labels' probabilities likewise,
 * with λ from Beta(α, α). The partner and the share depend on the key, the epoch and the sample's index alone, not on the
 * batch: partners are read from the dataset. Apply it before changes of single images and before normalising.
 *
 * @param dataset the one that is loaded.
 * @param names of the column to mix and of the class numbers [n].
 * @throws DataError where labels are not one class number a sample, or where the batch's images have another shape than the
 * dataset's.
 *
 * Source: Zhang, Cissé, Dauphin and Lopez-Paz 2018, https://arxiv.org/abs/1710.09412.
 */
export function mixup<C extends Columns, X extends keyof C & string, Y extends keyof C & string>(
  dataset: Dataset<C>,
  names: readonly [image: X, label: Y],
  key: Key,
  options: MixupOptions,
): Transform<C, Mixed<C, X, Y>> {
  checkKeys('mixup', options, ['alpha', 'classes']);
  const { alpha = 0.2, classes } = options;
  checkInteger('mixup', 'classes', classes, 1);
  // Below, draws have logarithms beyond float64.
  if (!(alpha >= 1e-300 && Number.isFinite(alpha)))
    throw new RangeError(`mixup: received alpha = ${alpha}; expected a positive number, of at least 1e-300`);
  const [imageName, labelName] = names;
  return (batch, { epoch, indices }) => {
    const forEpoch = foldIn(key, epoch);
    const keys = Array.from(indices, (index) => foldIn(forEpoch, index));
    const partners = Int32Array.from(keys, (own) => bounded(foldIn(own, 0), 0, dataset.length));
    const shares = keys.map((own) => beta(foldIn(own, 1), alpha));
    const other = dataset.batch(partners);
    const [x, x2] = [column(batch, imageName), column(other, imageName)];
    const [y, y2] = [column(batch, labelName), column(other, labelName)];
    checkAlike(imageName, x, x2);
    // The partner's too: a class beyond the last would count for the next sample.
    for (const { data } of [y, y2])
      checkLabels(data, { classes, count: keys.length, name: `mixup, column '${labelName}'` });
    const width = sizeOf(x.shape.slice(1));
    const image = Float32Array.from(x.data, (value, i) => {
      const share = shares[Math.floor(i / width)]!;
      return share * value + (1 - share) * x2.data[i]!;
    });
    const label = new Float32Array(shares.length * classes);
    shares.forEach((share, row) => {
      label[row * classes + y.data[row]!]! += share;
      label[row * classes + y2.data[row]!]! += 1 - share;
    });
    return {
      ...batch,
      [imageName]: { data: image, shape: x.shape },
      [labelName]: { data: label, shape: [shares.length, classes] },
    } as unknown as Mixed<C, X, Y>;
  };
}

/** Throws unless the batch is as the dataset has it: partners are read from there. */
function checkAlike(name: string, { shape }: Column, { shape: there }: Column): void {
  if (shape.join() === there.join()) return;
  throw new DataError({
    source: `mixup, column '${name}'`,
    received: `shape [${shape.join(', ')}] in the batch and [${there.join(', ')}] in the dataset`,
    expected: 'the same',
    fix: 'Mix before images are cropped or padded',
  });
}

function column(batch: Columns, name: string): Column {
  const found: Column | undefined = batch[name];
  if (found !== undefined) return found;
  throw new DataError({
    source: 'mixup',
    received: `a batch of columns ${Object.keys(batch).join(', ')}`,
    expected: `a column '${name}'`,
  });
}

/** A draw of Beta(α, α): X / (X + Y) of two gamma draws; by their logarithms, for small α has tiny ones. */
export function beta(key: Key, alpha: number): number {
  const [x, y] = [logGamma(foldIn(key, 0), alpha), logGamma(foldIn(key, 1), alpha)];
  return 1 / (1 + Math.exp(y - x));
}

/**
 * The logarithm of a draw of Gamma(α, 1), by rejection from a cubed normal; below α = 1, Gamma(α + 1) · U^(1/α).
 *
 * Source: Marsaglia and Tsang 2000, A simple method for generating gamma variables, https://doi.org/10.1145/358407.358414.
 */
function logGamma(key: Key, alpha: number): number {
  const boosted = alpha < 1 ? alpha + 1 : alpha;
  const d = boosted - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let attempt = 1; ; attempt++) {
    const [n, u] = uniforms(foldIn(key, attempt)) as [number, number];
    const z = normalQuantile(n);
    const v = (1 + c * z) ** 3;
    if (v <= 0 || Math.log(u) >= 0.5 * z * z + d - d * v + d * Math.log(v)) continue;
    const drawn = Math.log(d) + Math.log(v);
    return alpha < 1 ? drawn + Math.log(uniforms(foldIn(key, 0))[0]!) / alpha : drawn;
  }
}

/** Two numbers of (0, 1). */
function uniforms(key: Key): number[] {
  const words = bits(key, 4);
  return [open52(words[0]!, words[1]!), open52(words[2]!, words[3]!)];
}
