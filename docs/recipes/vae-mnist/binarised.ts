import type { Transform } from '@lemmata/data';
import { bits, foldIn, uniform24, type Key } from '@lemmata/random';
import type { Bytes, Pixels } from '../shared/digits.js';

/** Every pixel becomes 1 with its brightness as probability, drawn for this sample in this epoch. */
export function binarised(key: Key): Transform<Bytes, Pixels> {
  return ({ image: { data, shape } }, { epoch, indices }) => {
    const size = data.length / shape[0]!;
    const x = new Float32Array(data.length);
    indices.forEach((index, row) => {
      const words = bits(foldIn(foldIn(key, epoch), index), size);
      for (let i = 0; i < size; i++) x[row * size + i] = uniform24(words[i]!) < data[row * size + i]! / 255 ? 1 : 0;
    });
    return { x: { data: x, shape: [shape[0]!, size] } };
  };
}
