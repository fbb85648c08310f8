import { objectiveJob, type Learner } from '@lemmata/cli';
import { infer, type Layer } from '@lemmata/nn';
import { adam, cosine } from '@lemmata/optim';
import { div, mul, type Tensor } from '@lemmata/tensor';
import { bitsPerSymbol, columnTensor, type TrainState } from '@lemmata/train';
import { clipped } from '../shared/clipped.js';
import { encoded, nats, STEPS } from './letters.js';

/** A network that learns to say the next letter, at a rate that climbs to `peak` and falls to 0. */
export function learner(layer: Layer, peak: number, steps: number, seed: number): Learner<TrainState> {
  const warmup = Math.min(100, Math.floor(steps / 2));
  return objectiveJob({
    model: layer,
    inputShape: [STEPS],
    objective: (params, { state, batch: [before, next] }) => {
      const [logits, after] = layer.apply(params, state, before!, { train: true });
      const loss = nats(logits, next!, 'mean');
      return [loss, { state: after, metrics: { bits: mul(div(loss, Math.LN2), before!.shape[0]!) } }];
    },
    optimizer: clipped(adam({ learningRate: cosine({ peak, steps, warmup }) }), 1),
    seed,
  });
}

/** Bits per character of a network on these words, the end of a word counted as a letter. */
export function bitsOn(
  words: readonly string[],
  layer: Layer,
  { params, state }: Pick<TrainState, 'params' | 'state'>,
  put: (t: Tensor) => Tensor,
): number {
  let total = 0;
  for (let from = 0; from < words.length; from += 500) {
    const { before, next } = encoded(words.slice(from, from + 500));
    const logits = infer(layer, params, state, put(columnTensor(before)));
    total += nats(logits, put(columnTensor(next)), 'sum').item();
  }
  return bitsPerSymbol(total / words.reduce((sum, word) => sum + word.length + 1, 0));
}
