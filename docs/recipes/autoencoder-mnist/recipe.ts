import { autoencoder } from '@lemmata/architectures/autoencoder';
import { duration, layersSection, learningSection, objectiveJob, type Job, type Recipe } from '@lemmata/cli';
import { mse } from '@lemmata/losses';
import { countParameters, infer } from '@lemmata/nn';
import { adam, cosine } from '@lemmata/optim';
import { reshape, type Tensor } from '@lemmata/tensor';
import { columnTensor, psnr, type TrainState } from '@lemmata/train';
import { digits, type Pixels } from '../shared/digits.js';
import { digits as drawn, firstRows } from '../shared/figures.js';
import { mnistFolder, UNLABELLED } from '../shared/mnist.js';
import { pca, project } from '../shared/pca.js';

const LATENTS = 32;

const IMAGE = [1, 28, 28];
const model = autoencoder({ imageShape: IMAGE, latent: LATENTS });

/** Vectors of 784 pixels as images. */
const asImages = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, ...IMAGE]);

/** An autoencoder beside the best linear one: principal components. */
export const recipe: Recipe = {
  name: 'autoencoder-mnist',
  title: 'Autoencoder on MNIST',
  settings: { epochs: 3, batchSize: 100, learningRate: 2e-3 },
  quick: { epochs: 1, limit: 400 },
  dataFolder: mnistFolder,
  dataHolds: UNLABELLED,
  async prepare(asked): Promise<Job<TrainState>> {
    const { train, test, about, source, licence, own } = await digits(asked);
    return {
      about,
      own,
      unit: 'images',
      samples: train.samples,
      batches: train,
      ...objectiveJob({
        model,
        inputShape: IMAGE,
        objective: (params, { state, batch: [x], key }) => {
          const [output, next] = model.apply(params, state, asImages(x!), { train: true, key });
          return [mse(output, asImages(x!)), { state: next, metrics: {} }];
        },
        optimizer: adam({ learningRate: cosine({ peak: asked.learningRate, steps: train.steps * asked.epochs }) }),
        seed: asked.seed,
      }),
      finish({ params, state }, { history, seconds, seed, put }) {
        const tensors = function* (batches: Iterable<Pixels>): Generator<Tensor> {
          for (const { x } of batches) yield put(columnTensor(x));
        };
        const components = pca(tensors(train.epoch(0)), LATENTS, asked.quick ? 5 : 60);
        const shown: Record<string, number[]> = { original: [], autoencoder: [], 'principal components': [] };
        const all: Record<string, number[]> = { original: [], autoencoder: [], 'principal components': [] };
        for (const x of tensors(test.epoch(0))) {
          const made = {
            original: x,
            autoencoder: infer(model, params as never, state as never, asImages(x)),
            'principal components': project(x, components),
          };
          for (const [name, tensor] of Object.entries(made)) {
            const values = tensor.dataSync();
            if (shown[name]!.length === 0) shown[name] = firstRows(values, 15);
            for (const v of values) all[name]!.push(v);
          }
        }
        const [ours, linear] = [
          psnr(all['original']!, all['autoencoder']!),
          psnr(all['original']!, all['principal components']!),
        ];
        const parameters = countParameters(params);
        return Promise.resolve({
          result: { name: 'test PSNR', value: ours, digits: 2, unit: 'dB' },
          goals: [
            { name: 'PSNR, dB', value: ours, atLeast: 20 },
            { name: 'PSNR above that of principal components, dB', value: ours - linear, atLeast: 0 },
          ],
          figures: { psnr: ours, pcaPsnr: linear, latents: LATENTS, parameters },
          subtitle: `${about}, seed ${seed}`,
          facts: [
            ['Test PSNR', `${ours.toFixed(2)} dB`],
            [`${LATENTS} principal components`, `${linear.toFixed(2)} dB`],
            ['Numbers an image', String(LATENTS)],
            ['Parameters', parameters.toLocaleString('en')],
            ['Training time', duration(seconds)],
          ],
          sections: [
            learningSection(history, 'Mean squared error of each batch before its step.'),
            {
              title: 'Reconstructions',
              intro:
                'The first test images, and what comes back through 32 numbers: of the network, and of principal components.',
              html: Object.entries(shown)
                .map(([name, images]) => drawn(images, name, 15))
                .join(''),
            },
            layersSection(model, IMAGE),
          ],
          footer: `${source}: ${licence}`,
        });
      },
    };
  },
};
