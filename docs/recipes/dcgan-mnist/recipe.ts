import { dcganDiscriminator, dcganGenerator } from '@lemmata/architectures/dcgan';
import { duration, layersSection, learningSection, type Job, type Recipe } from '@lemmata/cli';
import { countParameters, infer } from '@lemmata/nn';
import { adam } from '@lemmata/optim';
import { key as keyTensor, randomNormal } from '@lemmata/tensor';
import { digits, scaled } from '../shared/digits.js';
import { MNIST_LICENCE, mnistFolder } from '../shared/mnist.js';
import { digits as drawn } from '../shared/figures.js';
import { adversarial, type State } from './adversarial.js';
import { judgeSamples, trainJudge } from './judge.js';

const LATENT = 64;
const SAMPLES = 1000;
const shape = { imageShape: [1, 28, 28], width: 32 };
const generator = dcganGenerator({ ...shape, latent: LATENT });
const discriminator = dcganDiscriminator(shape);

/** Two networks against each other: one draws digits, the other tells them from real ones. */
export const recipe: Recipe = {
  name: 'dcgan-mnist',
  title: 'DCGAN on MNIST',
  settings: { epochs: 5, batchSize: 128, learningRate: 4e-4 },
  quick: { epochs: 1, limit: 256, batchSize: 32 },
  dataFolder: mnistFolder,
  async prepare(asked): Promise<Job<State>> {
    const { train, test, about } = await digits(asked, scaled, scaled);
    const optimizer = adam({ learningRate: asked.learningRate, betas: [0.5, 0.999] });
    const game = adversarial({ generator, discriminator, optimizer, latent: LATENT, imageShape: [1, 28, 28] });
    return {
      about,
      unit: 'images',
      samples: train.samples,
      batches: train,
      start: () => game.start(asked.seed),
      step: game.step,
      model: ({ generator: g, discriminator: d }) => ({
        params: { generator: g.params, discriminator: d.params },
        state: { generator: g.state, discriminator: d.state },
      }),
      async finish({ generator: { params, state } }, { history, seconds, seed, put }) {
        const judge = await trainJudge(asked, put);
        const images: number[] = [];
        for (let part = 0; part < SAMPLES / 100; part++) {
          const noise = put(randomNormal(keyTensor(1_000_000 + 1000 * seed + part), [100, LATENT]));
          for (const v of infer(generator, params, state, noise).dataSync()) images.push((v + 1) / 2);
        }
        const real = [...test.epoch(0)].slice(0, 2).flatMap(({ x }) => Array.from(x.data));
        const verdict = judgeSamples(judge, images, real, put);
        const { least, confidence, spread } = verdict;
        return {
          result: { name: 'mean top probability of samples', value: confidence, digits: 4 },
          goals: [
            { name: 'share of the rarest digit among samples', value: least, atLeast: 0.03 },
            { name: 'mean top probability of samples', value: confidence, atLeast: 0.9 },
            { name: 'distance between samples of a digit, of that between real ones', value: spread, atLeast: 0.5 },
          ],
          figures: { ...verdict, generator: countParameters(params) },
          subtitle: `${about}, seed ${seed}`,
          facts: [
            ['Mean top probability', confidence.toFixed(3)],
            ['Rarest digit', `${(least * 100).toFixed(1)}%`],
            ['Spread within a digit', spread.toFixed(2)],
            ['Judge’s own test accuracy', `${(judge.accuracy * 100).toFixed(2)}%`],
            ['Training time', duration(seconds)],
          ],
          sections: [
            learningSection(history, 'Losses of both networks over each batch; neither should win.'),
            {
              title: 'Samples',
              intro: 'The first of the samples that were judged, none chosen; and real digits.',
              html: drawn(images.slice(0, 200 * 784), 'samples', 20) + drawn(real.slice(0, 40 * 784), 'real', 20),
            },
            layersSection(generator, [LATENT], 'Layers of the generator'),
            layersSection(discriminator, [1, 28, 28], 'Layers of the discriminator'),
          ],
          footer: `MNIST: ${MNIST_LICENCE}`,
        };
      },
    };
  },
};
