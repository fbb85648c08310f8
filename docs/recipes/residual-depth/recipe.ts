import { valueAndGrad } from '@lemmata/autograd';
import { curves, eachOf, sideBySide, type Job, type Recipe } from '@lemmata/cli';
import { crossEntropy } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import { cosine, sgd } from '@lemmata/optim';
import { norm, type Tensor } from '@lemmata/tensor';
import { columnTensor, type TrainState } from '@lemmata/train';
import { toRecord } from '@lemmata/tree';
import { columns, lineChart, table } from '@lemmata/visualize';
import { classifier, lesson, shareRight } from '../shared/lesson.js';
import { MNIST_LICENCE, mnistFolder, MNIST_FILES } from '../shared/mnist.js';
import { DEPTHS, KINDS, network, type Depth, type Kind } from './networks.js';

const nameOf = (kind: Kind, depth: Depth): string => `${kind} ${depth}`;
const NAMES = KINDS.flatMap((kind) => DEPTHS.map((depth) => nameOf(kind, depth)));
const DEEPEST = DEPTHS[DEPTHS.length - 1]!;

/** Plain and residual networks of growing depth: how they learn, and how much of the gradient reaches their first layers. */
export const recipe: Recipe = {
  name: 'residual-depth',
  title: 'Residual against plain, by depth',
  settings: { epochs: 4, batchSize: 50, learningRate: 0.1, limit: 5000 },
  quick: { epochs: 1, limit: 100 },
  dataFolder: mnistFolder,
  dataHolds: MNIST_FILES,
  async prepare(asked): Promise<Job<Readonly<Record<string, TrainState>>>> {
    const { data, seen, test } = await lesson(asked);
    const steps = data.batches.steps * asked.epochs;
    const optimizer = sgd({ learningRate: cosine({ peak: asked.learningRate, steps }), momentum: 0.9 });
    const models: Record<string, Layer> = Object.fromEntries(
      KINDS.flatMap((kind) => DEPTHS.map((depth) => [nameOf(kind, depth), network(kind, depth)] as const)),
    );
    const learners = eachOf(NAMES, (name) => classifier(models[name]!, optimizer, asked.seed));
    return {
      ...data,
      ...sideBySide(learners),
      async finish(state, { history, seed, put }) {
        const [{ image, label }] = seen.epoch(0) as Iterable<any> as [any];
        const [x, y] = [put(columnTensor(image)), put(columnTensor(label))];
        const right: Record<string, number> = {};
        for (const name of NAMES) right[name] = await shareRight(models[name]!, state[name]!, test);
        /** Before the first step: the length of the gradient of each block's first weights. */
        const gradients = eachOf(NAMES, (name) => lengths(models[name]!, put(learners[name]!.start()), x, y));
        const last = history.filter(({ kind }) => kind === 'step').slice(-50);
        const loss = eachOf(
          NAMES,
          (name) => last.reduce((sum, { metrics }) => sum + metrics[`loss ${name}`]!, 0) / last.length,
        );
        /** Of the first block beside the last. */
        const growth = eachOf(NAMES, (name) => gradients[name]![0]! / gradients[name]!.at(-1)!);
        const [plain, residual] = [nameOf('plain', DEEPEST), nameOf('residual', DEEPEST)] as const;
        const learning = curves(history, {
          title: 'Training loss',
          logY: true,
          smooth: 0.95,
          metrics: eachOf(NAMES, (name) => `loss ${name}`),
        });
        return {
          result: {
            name: `training loss of ${DEEPEST} layers, plain beside residual`,
            value: loss[plain]! / loss[residual]!,
            digits: 2,
          },
          goals: [
            {
              name: `training loss of ${DEEPEST} layers, plain beside residual`,
              value: loss[plain]! / loss[residual]!,
              atLeast: 1.5,
            },
            {
              name: `training loss of plain networks, ${DEEPEST} layers beside ${DEPTHS[0]}`,
              value: loss[plain]! / loss[nameOf('plain', DEPTHS[0])]!,
              atLeast: 1.2,
            },
            {
              name: `training loss of residual networks, ${DEPTHS[0]} layers beside ${DEEPEST}`,
              value: loss[nameOf('residual', DEPTHS[0])]! / loss[residual]!,
              atLeast: 1,
            },
            {
              name: `gradient of the first block beside the last of ${DEEPEST} layers, plain beside residual`,
              value: growth[plain]! / growth[residual]!,
              atLeast: 2,
            },
          ],
          figures: {
            'training loss': loss,
            'test accuracy': right,
            'gradient of the first block beside the last': growth,
          },
          subtitle: `${data.about}, seed ${seed}`,
          facts: NAMES.map((name) => [`Loss, ${name} layers`, loss[name]!.toFixed(3)] as const),
          sections: [
            {
              title: 'Learning',
              intro: 'Loss of each batch before its step.',
              html: columns(learning, gradientChart(gradients)),
            },
            {
              title: 'Numbers',
              intro:
                'The loss is the mean over the last 50 batches; the gradient is that of the first weights of a block, before the first step.',
              html: table({
                columns: ['Layers', 'Training loss', 'Test accuracy', 'Gradient, first block', 'Last block', 'Ratio'],
                rows: NAMES.map((name) => [
                  name,
                  loss[name]!.toFixed(4),
                  `${(100 * right[name]!).toFixed(1)}%`,
                  gradients[name]![0]!.toPrecision(3),
                  gradients[name]!.at(-1)!.toPrecision(3),
                  growth[name]!.toPrecision(3),
                ]),
              }),
            },
          ],
          footer: `MNIST: ${MNIST_LICENCE}`,
          figure: learning,
        };
      },
    };
  },
};

function gradientChart(gradients: Readonly<Record<string, readonly number[]>>): string {
  return lineChart({
    title: 'Length of the gradient by block, before training',
    xLabel: 'place of the block, from the first to the last',
    logY: true,
    series: NAMES.map((name) => ({
      name,
      x: gradients[name]!.map((_, i, { length }) => i / (length - 1)),
      y: gradients[name]!,
    })),
  });
}

/** Block by block, the length of the loss's gradient for the weights of its first convolution. */
function lengths(model: Layer, { params, state }: TrainState, x: Tensor, y: Tensor): number[] {
  const { grads } = valueAndGrad((p: any) => crossEntropy(model.apply(p, state, x, { train: true })[0], y))(params);
  return Object.entries(toRecord(grads as never) as Record<string, Tensor>)
    .filter(([name]) => /^blocks\..*conv1\.weight$/.test(name))
    .map(([, gradient]) => norm(gradient).item());
}
