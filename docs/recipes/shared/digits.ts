import { arrayDataset, loader, subset, type Column, type Loader, type Transform } from '@lemmata/data';
import { limited, plainImages, type Asked } from '@lemmata/cli';
import { key } from '@lemmata/random';
import { MNIST } from './mnist.js';

/** Images as they are read, of bytes. */
export type Bytes = { readonly image: Column<Uint8Array> };

/** Images as vectors of 784 values. */
export type Pixels = { readonly x: Column<Float32Array> };

export interface Digits {
  readonly train: Loader<Pixels>;
  readonly test: Loader<Pixels>;
  readonly about: string;
  /** Where the images come from, in a word, and by what right they are used. */
  readonly source: string;
  readonly licence: string;
  /** The name of the folder, if it is one of images. */
  readonly own: string | undefined;
}

/** Pixels from 0 to 1. */
export const scaled: Transform<Bytes, Pixels> = ({ image: { data, shape } }) => ({
  x: { data: Float32Array.from(data, (v) => v / 255), shape: [shape[0]!, data.length / shape[0]!] },
});

/** MNIST without labels, or the images of a folder made 28×28 and grey, both halves through the same kind of transform. */
export async function digits(
  asked: Asked,
  train: Transform<Bytes, Pixels> = scaled,
  test: Transform<Bytes, Pixels> = scaled,
): Promise<Digits> {
  const { source, licence, own, ...images } = await plainImages(asked.data, [1, 28, 28], MNIST);
  const data = limited({ image: images.train }, asked, 'images');
  const all = arrayDataset({ image: images.test });
  const held =
    asked.quick && all.length > 1000
      ? subset(
          all,
          Int32Array.from({ length: 1000 }, (_, i) => i),
        )
      : all;
  return {
    train: loader(data, { batchSize: asked.batchSize, shuffle: key(asked.seed), transform: train }),
    test: loader(held, { batchSize: 500, shuffle: false, transform: test }),
    about: `${source}: ${data.length} training images, ${held.length} test images`,
    source,
    licence,
    own: own === undefined ? undefined : source,
  };
}
