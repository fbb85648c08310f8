import { valueAndGrad } from '@lemmata/autograd';
import { bceWithLogits } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import type { Optimizer } from '@lemmata/optim';
import type { Shape } from '@lemmata/shape';
import {
  add,
  cast,
  gt,
  key as keyTensor,
  lt,
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
import { initialState, total, type Step, type TrainState } from '@lemmata/train';

/** Of both networks, each with an optimiser of its own, and the key of the next step. */
export interface State {
  readonly generator: TrainState;
  readonly discriminator: TrainState;
  readonly key: Tensor;
}

/**
 * The game of two networks: in each step first the discriminator learns to tell real images, of values from 0 to 1, from
 * drawn ones, then the generator to have its own taken for real: −ln D(G(z)), the loss that does not saturate.
 *
 * Source: Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661; Radford et al. 2015, https://arxiv.org/abs/1511.06434.
 */
export function adversarial(options: {
  readonly generator: Layer;
  readonly discriminator: Layer;
  readonly optimizer: Optimizer;
  readonly latent: number;
  readonly imageShape: Shape;
}): { start: (seed: number) => State; step: Step<State> } {
  const { generator, discriminator, optimizer, latent, imageShape } = options;
  const start = (seed: number): State => ({
    generator: initialState(generator, optimizer, [latent], seed),
    discriminator: initialState(discriminator, optimizer, imageShape, seed + 1),
    key: keyTensor(seed),
  });
  const step: Step<State> = ({ generator: g, discriminator: d, key }, pixels) => {
    const [next, forFirst, forSecond] = splitKey(key, 3) as [Tensor, Tensor, Tensor];
    const n = pixels!.shape[0]!;
    const real = sub(mul(reshape(pixels!, [n, ...imageShape]), 2), 1);
    const train = { train: true };
    const draw = (params: unknown, from: Tensor): [Tensor, unknown] =>
      generator.apply(params, g.state, randomNormal(from, [n, latent]), train);

    const [fake] = draw(g.params, forFirst);
    const judged = valueAndGrad((params: unknown) => {
      // Batch norm sees real and drawn images apart.
      const [onReal, state] = discriminator.apply(params, d.state, real, train);
      const [onFake, after] = discriminator.apply(params, state, stopGradient(fake), train);
      const loss = add(bceWithLogits(onReal, onesLike(onReal)), bceWithLogits(onFake, zerosLike(onFake)));
      const right = add(total(cast(gt(onReal, 0), 'float32')), total(cast(lt(onFake, 0), 'float32')));
      return [loss, { state: after, right }] as const;
    })(d.params);
    const [dParams, dMemory] = optimizer.update(judged.grads, d.optimizer, d.params);

    const drawn = valueAndGrad((params: unknown) => {
      const [images, state] = draw(params, forSecond);
      const [logits] = discriminator.apply(dParams, judged.aux.state, images, train);
      return [bceWithLogits(logits, onesLike(logits)), state] as const;
    })(g.params);
    const [gParams, gMemory] = optimizer.update(drawn.grads, g.optimizer, g.params);
    return [
      {
        generator: { ...g, params: gParams, state: drawn.aux, optimizer: gMemory },
        discriminator: { ...d, params: dParams, state: judged.aux.state, optimizer: dMemory },
        key: next,
      },
      {
        loss: judged.value,
        metrics: { 'generator loss': mul(drawn.value, n), 'discriminator right': mul(judged.aux.right, 0.5) },
      },
    ];
  };
  return { start, step };
}
