import { elboParts, vae } from '@lemmata/architectures/vae';
import { duration, layersSection, learningSection, objectiveJob, type Job, type Recipe } from '@lemmata/cli';
import { countParameters, infer } from '@lemmata/nn';
import { adam, cosine } from '@lemmata/optim';
import { key, split, type Key } from '@lemmata/random';
import {
  add,
  key as keyTensor,
  mean,
  narrow,
  randomNormal,
  reshape,
  sigmoid,
  splitKey,
  tensor,
  type Tensor,
} from '@lemmata/tensor';
import { columnTensor, total, type TrainState } from '@lemmata/train';
import type { ReportSection } from '@lemmata/visualize';
import { digits } from '../shared/digits.js';
import { digits as drawn, firstRows } from '../shared/figures.js';
import { mnistFolder, UNLABELLED } from '../shared/mnist.js';
import { binarised } from './binarised.js';

const IMAGE = [1, 28, 28];
const LATENTS = 32;
const model = vae({ imageShape: IMAGE, latent: LATENTS });

/** Vectors of 784 pixels as images. */
const asImages = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, ...IMAGE]);

/** A variational autoencoder of binarised digits: 32 latents, an encoder and a decoder of two convolutions each. */
export const recipe: Recipe = {
  name: 'vae-mnist',
  title: 'Variational autoencoder on MNIST',
  settings: { epochs: 6, batchSize: 100, learningRate: 2e-3 },
  quick: { epochs: 1, limit: 400 },
  dataFolder: mnistFolder,
  dataHolds: UNLABELLED,
  async prepare(asked): Promise<Job<TrainState>> {
    const [forTrain, forTest] = split(key(asked.seed), 2) as [Key, Key];
    const { train, test, about, source, licence, own } = await digits(asked, binarised(forTrain), binarised(forTest));
    return {
      about: `${about}, pixels drawn as 0 or 1`,
      own,
      unit: 'images',
      samples: train.samples,
      batches: train,
      ...objectiveJob({
        model,
        inputShape: IMAGE,
        objective: (params, { state, batch: [x], key: stepKey }) => {
          const images = asImages(x!);
          const [output, next] = model.apply(params, state, images, { train: true, key: stepKey });
          const { missed, divergence } = elboParts(output, images);
          return [mean(add(missed, divergence)), { state: next, metrics: { 'KL divergence': total(divergence) } }];
        },
        optimizer: adam({ learningRate: cosine({ peak: asked.learningRate, steps: train.steps * asked.epochs }) }),
        seed: asked.seed,
      }),
      finish({ params, state }, { history, seconds, seed, put }) {
        let [missed, divergence, count] = [0, 0, 0];
        let shown: Tensor | null = null;
        const keys = splitKey(keyTensor(seed), test.steps + 1);
        let step = 0;
        for (const batch of test.epoch(0)) {
          const x = asImages(put(columnTensor(batch.x)));
          // In training mode the latents are drawn; the network has nothing else that would differ.
          const [output] = model.apply(params as never, state as never, x, { train: true, key: keys[step++]! });
          const parts = elboParts(output, x);
          for (const v of parts.missed.dataSync()) missed += v;
          for (const v of parts.divergence.dataSync()) divergence += v;
          count += x.shape[0]!;
          shown ??= x;
        }
        const bound = -(missed + divergence) / count;
        const parameters = countParameters(params);
        return Promise.resolve({
          result: { name: 'test ELBO', value: bound, digits: 2, unit: 'nats' },
          goals: [{ name: 'ELBO, nats', value: bound, atLeast: -110, aim: -100 }],
          figures: {
            elbo: bound,
            reconstruction: missed / count,
            divergence: divergence / count,
            latents: LATENTS,
            parameters,
          },
          subtitle: `${about}, seed ${seed}`,
          facts: [
            ['Test ELBO', `${bound.toFixed(2)} nats`],
            ['of it reconstruction', (-missed / count).toFixed(2)],
            ['of it divergence', (-divergence / count).toFixed(2)],
            ['Parameters', parameters.toLocaleString('en')],
            ['Training time', duration(seconds)],
          ],
          sections: [
            learningSection(
              history,
              'The negative ELBO of each batch before its step, in nats, and the part of it that is divergence.',
            ),
            pictures({ params, state }, shown!, put, keys.at(-1)!),
            layersSection(model.layers.encoder, IMAGE, 'Layers of the encoder'),
            layersSection(model.layers.decoder, [LATENTS], 'Layers of the decoder'),
          ],
          footer: `${source}: ${licence}`,
        });
      },
    };
  },
};

/** Reconstructions, samples, and the way from one image to another through the latents. */
function pictures(
  { params, state }: { params: any; state: any },
  x: Tensor,
  put: <T>(tree: T) => T,
  drawKey: Tensor,
): ReportSection {
  const { encoder, decoder } = model.layers;
  const decode = (z: Tensor): Tensor => sigmoid(infer(decoder, params.decoder, state.decoder, z));
  const means = narrow(infer(encoder, params.encoder, state.encoder, x), 1, 0, LATENTS);
  const [samples, back] = [decode(put(randomNormal(drawKey, [45, LATENTS]))), decode(means)];
  const codes = means.dataSync();
  const walk: number[] = [];
  const [lines, steps] = [Math.min(4, Math.floor(x.shape[0]! / 2)), 10];
  for (let line = 0; line < lines; line++)
    for (let step = 0; step < steps; step++)
      for (let i = 0; i < LATENTS; i++) {
        const [from, to] = [codes[2 * line * LATENTS + i]!, codes[(2 * line + 1) * LATENTS + i]!];
        walk.push(from + ((to - from) * step) / (steps - 1));
      }
  const walked = decode(put(tensor(walk, { shape: [lines * steps, LATENTS] })));
  return {
    title: 'Pictures',
    intro: 'Probabilities of pixels to be 1, as grey.',
    html: [
      drawn(firstRows(x.dataSync(), 15), 'test images, binarised', 15),
      drawn(firstRows(back.dataSync(), 15), 'the same through their mean latents', 15),
      drawn(samples.dataSync(), 'samples from latents drawn at random', 15),
      drawn(walked.dataSync(), 'a walk through the latents, from one test image to another', 10),
    ].join(''),
  };
}
