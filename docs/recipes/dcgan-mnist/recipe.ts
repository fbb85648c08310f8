import { dcganDiscriminator, dcganGenerator } from '@lemmata/architectures/dcgan';
import { bordered, duration, layersSection, learningSection, type Job, type Recipe } from '@lemmata/cli';
import { countParameters, infer } from '@lemmata/nn';
import { adam, cosine, type Optimizer } from '@lemmata/optim';
import { key as keyTensor, randomNormal } from '@lemmata/tensor';
import { digits, scaled } from '../shared/digits.js';
import { mnistFolder, UNLABELLED } from '../shared/mnist.js';
import { digits as drawn } from '../shared/figures.js';
import { adversarial, type State } from './adversarial.js';
import { moments } from './album.js';
import { asDigits, asImages } from './worth.js';

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

/** Images of 28×28 with their border, from 0 to 1. */
const withBorder: typeof scaled = ({ image }, place) => scaled({ image: bordered(image, (SIDE - 28) / 2) }, place);

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
  dataHolds: UNLABELLED,
  async prepare(asked): Promise<Job<State>> {
    const { train, test, about, source, licence, own } = await digits(asked, withBorder);
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
      own,
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
        const images: number[] = [];
        for (let part = 0; part < SAMPLES / 100; part++) {
          const noise = put(randomNormal(keyTensor(1_000_000 + 1000 * seed + part), [100, LATENT]));
          for (const v of shown(infer(generator, params, state, noise).dataSync())) images.push(v);
        }
        const real = [...test.epoch(0)].slice(0, 2).flatMap(({ x }) => Array.from(x.data));
        const { result, goals, figures, facts, sections } =
          own === undefined ? await asDigits(images, real, asked, put) : asImages(images, real);
        return {
          result,
          goals,
          figures: { ...figures, generator: countParameters(params) },
          subtitle: `${about}, seed ${seed}`,
          facts: [...facts, ['Training time', duration(seconds)]],
          sections: [
            learningSection(history, 'Losses of both networks over each batch; neither should win.'),
            {
              title: 'Samples',
              intro: 'The first of the samples that were judged, none chosen; and real images.',
              html: drawn(images.slice(0, 150 * 784), 'samples', 15) + drawn(real.slice(0, 30 * 784), 'real', 15),
            },
            {
              title: 'Samples over time',
              intro: 'What the generator made of the same noise, and after how many steps of training.',
              html: overTime(album.pages.dataSync(), at),
            },
            ...sections,
            layersSection(generator, [LATENT], 'Layers of the generator'),
            layersSection(discriminator, imageShape, 'Layers of the discriminator'),
          ],
          footer: `${source}: ${licence}`,
        };
      },
    };
  },
};
