import { dcganDiscriminator, dcganGenerator } from '@lemmata/architectures/dcgan';
import { duration, layersSection, learningSection, type Job, type Recipe } from '@lemmata/cli';
import { countParameters, infer } from '@lemmata/nn';
import { adam, cosine, type Optimizer } from '@lemmata/optim';
import { key as keyTensor, randomNormal } from '@lemmata/tensor';
import { table } from '@lemmata/visualize';
import { digits, scaled } from '../shared/digits.js';
import { MNIST_LICENCE, mnistFolder, MNIST_FILES } from '../shared/mnist.js';
import { digits as drawn } from '../shared/figures.js';
import { adversarial, type State } from './adversarial.js';
import { moments } from './album.js';
import { judgeSamples, trainJudge } from './judge.js';

const LATENT = 64;
const SAMPLES = 1000;
/** Digits with a border of two pixels: 32 can be halved three times, which lets the discriminator see whole digits. */
const SIDE = 32;
const imageShape = [1, SIDE, SIDE];
// The generator has the harder part: without more channels and larger steps it falls behind.
const generator = dcganGenerator({ imageShape, latent: LATENT, width: 48 });
const discriminator = dcganDiscriminator({ imageShape, width: 24 });

/** Pages of samples one beneath the other. */
function overTime(pages: ArrayLike<number>, at: readonly number[]): string {
  const images = shown(pages);
  const size = images.length / at.length;
  return at.map((step, i) => drawn(images.slice(i * size, (i + 1) * size), `step ${step}`, 15)).join('');
}

/** Digits of 28×28 with their border, from 0 to 1. */
const bordered: typeof scaled = (batch, place) => {
  const { data } = scaled(batch, place).x;
  const count = data.length / 784;
  const out = new Float32Array(count * SIDE * SIDE);
  for (let row = 0; row < count * 28; row++)
    out.set(data.subarray(28 * row, 28 * row + 28), (Math.floor(row / 28) * SIDE + (row % 28) + 2) * SIDE + 2);
  return { x: { data: out, shape: [count, SIDE * SIDE] } };
};

/** What is drawn, from −1 to 1, without its border and from 0 to 1. */
function shown(images: ArrayLike<number>): number[] {
  const count = images.length / (SIDE * SIDE);
  return Array.from({ length: count * 784 }, (_, i) => {
    const [image, y, x] = [Math.floor(i / 784), Math.floor(i / 28) % 28, i % 28];
    return (images[(image * SIDE + y + 2) * SIDE + x + 2]! + 1) / 2;
  });
}

/** Two networks against each other: one draws digits, the other tells them from real ones. */
export const recipe: Recipe = {
  name: 'dcgan-mnist',
  title: 'DCGAN on MNIST',
  settings: { epochs: 5, batchSize: 64, learningRate: 8e-4 },
  quick: { epochs: 1, limit: 128, batchSize: 32 },
  dataFolder: mnistFolder,
  dataHolds: MNIST_FILES,
  async prepare(asked): Promise<Job<State>> {
    const { train, test, about } = await digits(asked, bordered);
    const steps = train.steps * asked.epochs;
    const optimizer = (peak: number): Optimizer => adam({ learningRate: cosine({ peak, steps }), betas: [0.5, 0.999] });
    const at = moments(steps, 8);
    const game = adversarial({
      generator,
      discriminator,
      optimizers: { generator: optimizer(asked.learningRate), discriminator: optimizer(asked.learningRate / 4) },
      latent: LATENT,
      imageShape,
      samples: { images: 15, at },
    });
    return {
      about,
      unit: 'images',
      samples: train.samples,
      batches: train,
      start: () => game.start(asked.seed),
      step: game.step,
      model: ({ average, discriminator: d }) => ({
        params: { generator: average.params, discriminator: d.params },
        state: { generator: average.state, discriminator: d.state },
      }),
      async finish({ average: { params, state }, album }, { history, seconds, seed, put }) {
        const judge = await trainJudge(asked, put);
        const images: number[] = [];
        for (let part = 0; part < SAMPLES / 100; part++) {
          const noise = put(randomNormal(keyTensor(1_000_000 + 1000 * seed + part), [100, LATENT]));
          for (const v of shown(infer(generator, params, state, noise).dataSync())) images.push(v);
        }
        const real = [...test.epoch(0)].slice(0, 2).flatMap(({ x }) => Array.from(x.data));
        const { least, confidence, spread, digits: judged } = judgeSamples(judge, images, real, put);
        return {
          result: { name: 'mean top probability of samples', value: confidence, digits: 4 },
          goals: [
            { name: 'share of the rarest digit among samples', value: least, atLeast: 0.03 },
            { name: 'mean top probability of samples', value: confidence, atLeast: 0.9 },
            { name: 'distance between samples of a digit, of that between real ones', value: spread, atLeast: 0.5 },
          ],
          figures: {
            least,
            confidence,
            spread,
            shares: judged.map(({ share }) => share),
            judge: judge.accuracy,
            generator: countParameters(params),
          },
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
              html: drawn(images.slice(0, 150 * 784), 'samples', 15) + drawn(real.slice(0, 30 * 784), 'real', 15),
            },
            {
              title: 'Samples over time',
              intro: 'What the generator made of the same noise, and after how many steps of training.',
              html: overTime(album.pages.dataSync(), at),
            },
            {
              title: 'Digits among the samples',
              intro: 'What the judge takes them for, and how sure it is of those; and the distances between them.',
              html: table({
                columns: ['Digit', 'Share', 'Mean top probability', 'Mean distance', 'of real ones'],
                rows: judged.map(({ share, confidence, distance, real }, digit) => [
                  String(digit),
                  `${(share * 100).toFixed(1)}%`,
                  confidence?.toFixed(3) ?? '–',
                  distance?.toFixed(2) ?? '–',
                  real?.toFixed(2) ?? '–',
                ]),
              }),
            },
            layersSection(generator, [LATENT], 'Layers of the generator'),
            layersSection(discriminator, imageShape, 'Layers of the discriminator'),
          ],
          footer: `MNIST: ${MNIST_LICENCE}`,
        };
      },
    };
  },
};
