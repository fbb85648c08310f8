import { valueAndGrad } from '@lemmata/autograd';
import { bceWithLogits } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import type { Optimizer } from '@lemmata/optim';
import type { Shape } from '@lemmata/shape';
import {
  add,
  cast,
  div,
  gt,
  key as keyTensor,
  lt,
  minimum,
  mul,
  onesLike,
  randomNormal,
  reshape,
  splitKey,
  stopGradient,
  sub,
  zerosLike,
  type Tensor,
} from '@lemmata/tensor';
import { map } from '@lemmata/tree';
import { initialState, total, type Step, type TrainState } from '@lemmata/train';
import { album, type Album } from './album.js';

/** Of both networks, each with an optimiser of its own, the key of the next step, the generator's average, and samples over time. */
export interface State {
  readonly generator: TrainState;
  readonly discriminator: TrainState;
  readonly key: Tensor;
  /** Of the generator over the last hundreds of steps: what is drawn with in the end. */
  readonly average: Weights;
  readonly album: Album;
}

export interface Weights {
  readonly params: unknown;
  readonly state: unknown;
}

/** What an average keeps of itself at each step. */
const KEPT = 0.995;

/**
 * The game of two networks: in each step first the discriminator learns to tell real images, of values from 0 to 1, from
 * drawn ones, then the generator to have its own taken for real: −ln D(G(z)), the loss that does not saturate. The generator
 * circles about what it has learnt, and its average over many steps draws better than it does at any one.
 *
 * Source: Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661; Radford et al. 2015, https://arxiv.org/abs/1511.06434;
 * the average: Yazıcı et al. 2018, https://arxiv.org/abs/1806.04498.
 */
export function adversarial(options: {
  readonly generator: Layer;
  readonly discriminator: Layer;
  readonly optimizers: { readonly generator: Optimizer; readonly discriminator: Optimizer };
  readonly latent: number;
  readonly imageShape: Shape;
  /** So many samples are kept, as they are after each of these steps. */
  readonly samples: { readonly images: number; readonly at: readonly number[] };
}): { start: (seed: number) => State; step: Step<State> } {
  const { generator, discriminator, optimizers, latent, imageShape, samples } = options;
  const pages = album({ generator, latent, ...samples });
  const start = (seed: number): State => {
    const first = initialState(generator, optimizers.generator, [latent], seed);
    return {
      generator: first,
      discriminator: initialState(discriminator, optimizers.discriminator, imageShape, seed + 1),
      key: keyTensor(seed),
      average: { params: first.params, state: first.state },
      album: pages.start(),
    };
  };
  const step: Step<State> = ({ generator: g, discriminator: d, key, average, album }, pixels) => {
    const [next, forNoise] = splitKey(key, 2) as [Tensor, Tensor];
    const n = pixels!.shape[0]!;
    const real = sub(mul(reshape(pixels!, [n, ...imageShape]), 2), 1);
    const train = { train: true };
    // Both networks learn from the same noise: the compiled step draws once.
    const noise = randomNormal(forNoise, [n, latent]);
    const draw = (params: unknown): [Tensor, unknown] => generator.apply(params, g.state, noise, train);

    const [fake] = draw(g.params);
    const judged = valueAndGrad((params: unknown) => {
      // Batch norm sees real and drawn images apart.
      const [onReal, state] = discriminator.apply(params, d.state, real, train);
      const [onFake, after] = discriminator.apply(params, state, stopGradient(fake), train);
      const loss = add(bceWithLogits(onReal, onesLike(onReal)), bceWithLogits(onFake, zerosLike(onFake)));
      const right = add(total(cast(gt(onReal, 0), 'float32')), total(cast(lt(onFake, 0), 'float32')));
      return [loss, { state: after, right }] as const;
    })(d.params);
    const [dParams, dMemory] = optimizers.discriminator.update(judged.grads, d.optimizer, d.params);

    const drawn = valueAndGrad((params: unknown) => {
      const [images, state] = draw(params);
      const [logits] = discriminator.apply(dParams, judged.aux.state, images, train);
      return [bceWithLogits(logits, onesLike(logits)), state] as const;
    })(g.params);
    const [gParams, gMemory] = optimizers.generator.update(drawn.grads, g.optimizer, g.params);
    // Of the first steps as many as there are: an early generator must not linger.
    const kept = minimum(KEPT, div(cast(album.step, 'float32'), add(cast(album.step, 'float32'), 10)));
    const nextAverage = map(
      (old: Tensor, now: Tensor) => add(now, mul(kept, sub(old, now))),
      average as never,
      { params: gParams, state: drawn.aux } as never,
    ) as Weights;
    return [
      {
        generator: { ...g, params: gParams, state: drawn.aux, optimizer: gMemory },
        discriminator: { ...d, params: dParams, state: judged.aux.state, optimizer: dMemory },
        key: next,
        average: nextAverage,
        album: pages.turn(album, nextAverage.params, nextAverage.state),
      },
      {
        loss: judged.value,
        metrics: { 'generator loss': mul(drawn.value, n), 'discriminator right': mul(judged.aux.right, 0.5) },
      },
    ];
  };
  return { start, step };
}
