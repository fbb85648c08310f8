import { infer, type Layer } from '@lemmata/nn';
import { foldIn, fillUniform, type Key } from '@lemmata/random';
import { tensor, type Tensor } from '@lemmata/tensor';
import { END, letter, STEPS, SYMBOLS } from './letters.js';

/** Words drawn from a network, letter by letter, each with the probability that the network gives it. */
export function invent(
  { layer, params, state }: { layer: Layer; params: unknown; state: unknown },
  count: number,
  key: Key,
  put: (t: Tensor) => Tensor,
): string[] {
  const before = new Int32Array(count * STEPS).fill(END);
  const words = new Array<string>(count).fill('');
  const over = new Array<boolean>(count).fill(false);
  for (let t = 0; t < STEPS; t++) {
    const draws = new Float64Array(count);
    fillUniform(draws, foldIn(key, t));
    const logits = infer(
      layer,
      params,
      state,
      put(tensor(before, { shape: [count, STEPS], dtype: 'int32' })),
    ).dataSync();
    draws.forEach((draw, row) => {
      if (over[row]) return;
      const start = (row * STEPS + t) * SYMBOLS;
      const symbol = drawn(
        Array.from({ length: SYMBOLS }, (_, c) => logits[start + c]!),
        draw,
      );
      if (symbol === END) over[row] = true;
      else words[row] += letter(symbol);
      if (t + 1 < STEPS) before[row * STEPS + t + 1] = symbol;
    });
  }
  return words;
}

/** The class at which the probabilities of logits, added up, pass a number from 0 to 1. */
function drawn(logits: readonly number[], draw: number): number {
  const most = Math.max(...logits);
  const weights = logits.map((v) => Math.exp(v - most));
  let left = draw * weights.reduce((a, b) => a + b, 0);
  const at = weights.findIndex((weight) => (left -= weight) < 0);
  return at < 0 ? logits.length - 1 : at;
}
