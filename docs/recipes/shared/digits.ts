import { arrayDataset, loader, subset, type Column, type Loader, type Transform } from '@lemmata/data';
import { loadMnist, type LabelledImages } from '@lemmata/data/node';
import { limited, type Asked } from '@lemmata/cli';
import { key } from '@lemmata/random';

/** Digits as vectors of 784 values, without their labels. */
export type Pixels = { readonly x: Column<Float32Array> };

export interface Digits {
  readonly train: Loader<Pixels>;
  readonly test: Loader<Pixels>;
  readonly about: string;
}

/** Pixels from 0 to 1. */
export const scaled: Transform<Omit<LabelledImages, 'label'>, Pixels> = ({ image: { data, shape } }) => ({
  x: { data: Float32Array.from(data, (v) => v / 255), shape: [shape[0]!, 784] },
});

/** MNIST without labels, both halves through the same kind of transform. */
export async function digits(
  asked: Asked,
  train: Transform<Omit<LabelledImages, 'label'>, Pixels> = scaled,
  test: Transform<Omit<LabelledImages, 'label'>, Pixels> = scaled,
): Promise<Digits> {
  const halves = await loadMnist(asked.data);
  const data = limited({ image: halves.train.image }, asked, 'images');
  const all = arrayDataset({ image: halves.test.image });
  const held = asked.quick
    ? subset(
        all,
        Int32Array.from({ length: 1000 }, (_, i) => i),
      )
    : all;
  return {
    train: loader(data, { batchSize: asked.batchSize, shuffle: key(asked.seed), transform: train }),
    test: loader(held, { batchSize: 500, shuffle: false, transform: test }),
    about: `MNIST: ${data.length} training images, ${held.length} test images`,
  };
}
