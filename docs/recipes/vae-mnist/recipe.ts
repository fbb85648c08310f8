import { duration, layersSection, learningSection, objectiveJob, type Job, type Recipe } from '@lemmata/cli';
import { countParameters } from '@lemmata/nn';
import { adam, cosine } from '@lemmata/optim';
import { key, split, type Key } from '@lemmata/random';
import { key as keyTensor, mean, add, randomNormal, sigmoid, splitKey, tensor, type Tensor } from '@lemmata/tensor';
import { columnTensor, total, type TrainState } from '@lemmata/train';
import type { ReportSection } from '@lemmata/visualize';
import { digits } from '../shared/digits.js';
import { digits as drawn, firstRows } from '../shared/figures.js';
import { MNIST_LICENCE, mnistFolder } from '../shared/mnist.js';
import { binarised } from './binarised.js';
import { decode, decoder, elbo, encode, encoder, init, LATENTS } from './vae.js';

/** A variational autoencoder of binarised digits: 32 latents, an encoder and a decoder of two hidden layers of 512. */
export const recipe: Recipe = {
  name: 'vae-mnist',
  title: 'Variational autoencoder on MNIST',
  settings: { epochs: 24, batchSize: 100, learningRate: 1e-3 },
  quick: { epochs: 1, limit: 2000 },
  dataFolder: mnistFolder,
  async prepare(asked): Promise<Job<TrainState>> {
    const [forTrain, forTest] = split(key(asked.seed), 2) as [Key, Key];
    const { train, test, about } = await digits(asked, binarised(forTrain), binarised(forTest));
    return {
      about: `${about}, pixels drawn as 0 or 1`,
      unit: 'images',
      samples: train.samples,
      batches: train,
      ...objectiveJob({
        model: { init },
        inputShape: [784],
        objective: (params, { state, batch: [x], key: stepKey }) => {
          const { error, divergence } = elbo(params, x!, randomNormal(stepKey, [x!.shape[0]!, LATENTS]));
          return [mean(add(error, divergence)), { state, metrics: { 'KL divergence': total(divergence) } }];
        },
        optimizer: adam({ learningRate: cosine({ peak: asked.learningRate, steps: train.steps * asked.epochs }) }),
        seed: asked.seed,
      }),
      finish({ params }, { history, seconds, seed, put }) {
        let [error, divergence, count] = [0, 0, 0];
        let shown: { x: Tensor; back: Tensor } | null = null;
        const keys = splitKey(keyTensor(seed), test.steps + 1);
        let step = 0;
        for (const batch of test.epoch(0)) {
          const x = put(columnTensor(batch.x));
          const parts = elbo(params, x, randomNormal(keys[step++]!, [x.shape[0]!, LATENTS]));
          for (const v of parts.error.dataSync()) error += v;
          for (const v of parts.divergence.dataSync()) divergence += v;
          count += x.shape[0]!;
          shown ??= { x, back: sigmoid(decode(params, encode(params, x).mean)) };
        }
        const bound = -(error + divergence) / count;
        const parameters = countParameters(params);
        return Promise.resolve({
          result: { name: 'test ELBO', value: bound, digits: 2, unit: 'nats' },
          goals: [{ name: 'ELBO, nats', value: bound, atLeast: -110, aim: -100 }],
          figures: {
            elbo: bound,
            reconstruction: error / count,
            divergence: divergence / count,
            latents: LATENTS,
            parameters,
          },
          subtitle: `${about}, seed ${seed}`,
          facts: [
            ['Test ELBO', `${bound.toFixed(2)} nats`],
            ['of it reconstruction', (-error / count).toFixed(2)],
            ['of it divergence', (-divergence / count).toFixed(2)],
            ['Parameters', parameters.toLocaleString('en')],
            ['Training time', duration(seconds)],
          ],
          sections: [
            learningSection(
              history,
              'The negative ELBO of each batch before its step, in nats, and the part of it that is divergence.',
            ),
            pictures(params, shown!, put, keys.at(-1)!),
            layersSection(encoder, [784], 'Layers of the encoder'),
            layersSection(decoder, [LATENTS], 'Layers of the decoder'),
          ],
          footer: `MNIST: ${MNIST_LICENCE}`,
        });
      },
    };
  },
};

/** Reconstructions, samples, and the way from one digit to another through the latents. */
function pictures(
  params: any,
  { x, back }: { x: Tensor; back: Tensor },
  put: <T>(tree: T) => T,
  drawKey: Tensor,
): ReportSection {
  const samples = sigmoid(decode(params, put(randomNormal(drawKey, [40, LATENTS]))));
  const codes = encode(params, x).mean.dataSync();
  const walk: number[] = [];
  const [lines, steps] = [4, 10];
  for (let line = 0; line < lines; line++)
    for (let step = 0; step < steps; step++)
      for (let i = 0; i < LATENTS; i++) {
        const [from, to] = [codes[2 * line * LATENTS + i]!, codes[(2 * line + 1) * LATENTS + i]!];
        walk.push(from + ((to - from) * step) / (steps - 1));
      }
  const walked = sigmoid(decode(params, put(tensor(walk, { shape: [lines * steps, LATENTS] }))));
  return {
    title: 'Pictures',
    intro: 'Probabilities of pixels to be 1, as grey.',
    html: [
      drawn(firstRows(x.dataSync(), 20), 'test digits, binarised', 20),
      drawn(firstRows(back.dataSync(), 20), 'the same through their mean latents', 20),
      drawn(samples.dataSync(), 'samples from latents drawn at random', 20),
      drawn(walked.dataSync(), 'a walk through the latents, from one test digit to another', 10),
    ].join(''),
  };
}
