import { learningSection, type Job, type Recipe } from '@lemmata/cli';
import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { sequential } from '@lemmata/nn';
import { sgd } from '@lemmata/optim';
import { foldIn, key, permutation } from '@lemmata/random';
import { argmax, tensor, type Tensor } from '@lemmata/tensor';
import { initialState, type TrainState } from '@lemmata/train';
import { barChart, columns, escapeText, lineChart } from '@lemmata/visualize';
import { classifier, DIGIT, lesson, type Labelled } from '../shared/lesson.js';
import { MNIST_LICENCE, mnistFolder, MNIST_FILES } from '../shared/mnist.js';

const model = sequential({
  conv1: conv2dLayer({ outChannels: 8, kernelSize: 3, stride: 2, padding: 1, bias: false }),
  bn1: batchNormLayer(),
  relu1: reluLayer(),
  conv2: conv2dLayer({ outChannels: 16, kernelSize: 3, stride: 2, padding: 1, bias: false }),
  bn2: batchNormLayer(),
  relu2: reluLayer(),
  flatten: flattenLayer(),
  fc1: linearLayer({ outFeatures: 64, bias: false }),
  bn3: batchNormLayer(),
  relu3: reluLayer(),
  fc2: linearLayer({ outFeatures: 10 }),
});

/** Batches in which a network in training mode is asked. */
const SIZES = [2, 4, 8, 16, 32, 64, 128];

/** One network, trained as it should be, and what becomes of it in the wrong mode. */
export const recipe: Recipe = {
  name: 'batch-norm-modes',
  title: 'Batch norm in the wrong mode',
  settings: { epochs: 4, batchSize: 50, learningRate: 0.1, limit: 5000 },
  quick: { epochs: 1, limit: 500 },
  dataFolder: mnistFolder,
  dataHolds: MNIST_FILES,
  async prepare(asked): Promise<Job<TrainState>> {
    const { data, test } = await lesson(asked);
    const optimizer = sgd({ learningRate: asked.learningRate });
    return {
      ...data,
      ...classifier(model, optimizer, asked.seed),
      finish({ params, state }, { history, seed, put }) {
        const { label, batchOf } = whole(test.epoch(0));
        const drawn = (nth: number): number[] => [...permutation(foldIn(key(seed), nth), label.length)];
        const inOrder = drawn(0).toSorted((a, b) => a - b);
        const byClass = inOrder.toSorted((a, b) => label[a]! - label[b]!);
        /** What images are taken for, asked in batches of `size` in a given order. */
        const said = (order: readonly number[], size: number, train: boolean, statistics = state): Int32Array => {
          const answers = new Int32Array(label.length);
          for (let from = 0; from < order.length; from += size) {
            const asking = order.slice(from, from + size);
            const [logits] = model.apply(params, statistics, put(batchOf(asking)), { train });
            argmax(logits, { axis: 1 })
              .dataSync()
              .forEach((digit, i) => (answers[asking[i]!] = Number(digit)));
          }
          return answers;
        };
        const right = (answers: Int32Array): number => answers.filter((a, i) => a === label[i]).length / label.length;
        const differ = (a: Int32Array, b: Int32Array): number => a.filter((v, i) => v !== b[i]).length / a.length;

        const never = initialState(model, optimizer, DIGIT, seed).state;
        const inference = right(said(inOrder, 100, false));
        const bySize = SIZES.map((size) => right(said(drawn(1), size, true)));
        const cases = {
          'right mode': inference,
          'mixed 128': bySize.at(-1)!,
          'batch of 8': bySize[2]!,
          'batch of 2': bySize[0]!,
          'one class': right(said(byClass, 50, true)),
          'not updated': right(said(inOrder, 100, false, never)),
        };
        const swayed = {
          inference: differ(said(drawn(1), 4, false), said(drawn(2), 4, false)),
          training: differ(said(drawn(1), 4, true), said(drawn(2), 4, true)),
        };
        const chart = lineChart({
          title: 'Test accuracy by size of the batch',
          xLabel: 'images in a batch',
          logX: true,
          series: [
            { name: 'training mode', x: SIZES, y: bySize },
            { name: 'inference mode', x: SIZES, y: SIZES.map(() => inference) },
          ],
        });
        return Promise.resolve({
          result: { name: 'test accuracy in inference mode', value: inference, digits: 4 },
          goals: [
            { name: 'test accuracy in inference mode', value: inference, atLeast: 0.93 },
            { name: 'lost in training mode, asked by twos', value: inference - cases['batch of 2'], atLeast: 0.1 },
            { name: 'lost in training mode, asked by class', value: inference - cases['one class'], atLeast: 0.1 },
            {
              name: 'lost with running statistics that were never updated',
              value: inference - cases['not updated'],
              atLeast: 0.01,
            },
            {
              name: 'answers that change with the neighbours in a batch of 4, training mode more than inference',
              value: swayed.training - swayed.inference,
              atLeast: 0.01,
            },
          ],
          figures: { accuracy: cases, 'answers that change with the neighbours': swayed },
          subtitle: `${data.about}, seed ${seed}`,
          facts: Object.entries(cases).map(([name, value]) => [name, percent(value)] as const),
          sections: [
            {
              title: 'The same weights, asked in different ways',
              intro:
                'In training mode an image is judged by the statistics of the images beside it. In a batch of two each is high where the other is low; in a batch of one class what is typical of the class is taken away. Statistics that were not updated are a mean of 0 and a variance of 1.',
              html: columns(
                chart,
                barChart({
                  title: 'Test accuracy',
                  labels: Object.keys(cases),
                  values: Object.values(cases),
                  highlight: [0],
                  format: 'percent',
                }),
              ),
            },
            {
              title: 'Neighbours',
              intro:
                'Images that get another answer when they are asked a second time, in batches of four with other neighbours.',
              html: barChart({
                labels: ['inference mode', 'training mode'],
                values: [swayed.inference, swayed.training],
                format: 'percent',
              }),
            },
            {
              title: 'What is refused',
              intro: 'Behind a fully connected layer a batch of one has one value a channel, and no variance:',
              html: `<p><code>${escapeText(refusal(() => said(inOrder.slice(0, 1), 1, true)))}</code></p>`,
            },
            learningSection(history, 'Loss of each batch before its step.'),
          ],
          footer: `MNIST: ${MNIST_LICENCE}`,
          figure: chart,
        });
      },
    };
  },
};

const percent = (v: number): string => `${(100 * v).toFixed(1)}%`;

/** All images of some batches, to be picked from. */
function whole(batches: Iterable<Labelled>) {
  const all = [...batches];
  const label = all.flatMap((batch) => [...batch.label.data]);
  const size = DIGIT.reduce((a, b) => a * b);
  const pixels = new Float32Array(label.length * size);
  let at = 0;
  for (const { image } of all) {
    pixels.set(image.data, at);
    at += image.data.length;
  }
  const batchOf = (indices: readonly number[]): Tensor => {
    const data = new Float32Array(indices.length * size);
    indices.forEach((index, i) => data.set(pixels.subarray(index * size, (index + 1) * size), i * size));
    return tensor(data, { shape: [indices.length, ...DIGIT] });
  };
  return { label, batchOf };
}

function refusal(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('a batch of one was not refused');
}
