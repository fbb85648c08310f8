import { sequenceClassifier } from '@lemmata/architectures/sequence-classifier';
import { classification, testImages, type Judgement, type Recipe } from '@lemmata/cli';
import { functionLayer, infer, sequential } from '@lemmata/nn';
import { adam, oneCycle } from '@lemmata/optim';
import { argmax, narrow, reshape, type Tensor } from '@lemmata/tensor';
import { lineChart, type ReportSection } from '@lemmata/visualize';
import { clipped } from '../shared/clipped.js';
import { mnist, mnistFolder, MNIST_NORM, IMAGES } from '../shared/mnist.js';

const ROWS = 28;

/** Images [1, H, W] as sequences of their rows, [H, W]. */
const rowsOf = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, ...x.shape.slice(2)]);

/** An LSTM that reads a digit row by row, and says which it was behind the last one. */
export const recipe: Recipe = classification({
  name: 'rows-mnist',
  title: 'LSTM on the rows of MNIST',
  settings: { epochs: 3, batchSize: 128, learningRate: 6e-3 },
  quick: { epochs: 1, limit: 128, batchSize: 32 },
  goal: { atLeast: 0.98 },
  dataFolder: mnistFolder,
  dataHolds: IMAGES,
  load: mnist,
  network: (classes) =>
    sequential({
      rows: functionLayer('rows', rowsOf, (shape) => shape.slice(1)),
      classifier: sequenceClassifier({ classes, cell: 'lstm', hiddenSize: 128, numLayers: 1 }),
    }),
  normalise: MNIST_NORM,
  sections: (judgement) => [asRowsCome(judgement)],
  optimizer: (learningRate, steps) => clipped(adam({ learningRate: oneCycle({ peak: learningRate, steps }) }), 1),
});

/** How often the network is right if it is asked before it has read all rows. */
function asRowsCome({ model, params, state, ...judgement }: Judgement & { params: any; state: any }): ReportSection {
  const images = testImages({ model, params, state, ...judgement }, 1000);
  const actual = judgement.images.test.label.data;
  const rows = Array.from({ length: ROWS }, (_, i) => i + 1);
  const right = rows.map((count) => {
    const read = narrow(rowsOf(images), 1, 0, count);
    const logits = infer(model.layers!['classifier']!, params.classifier, state.classifier, read);
    const said = Array.from(argmax(logits, { axis: 1 }).dataSync());
    return said.filter((digit, i) => digit === actual[i]).length / said.length;
  });
  return {
    title: 'As the rows come',
    intro: `The share of ${images.shape[0]} test digits that it names rightly after so many rows. It was trained to answer behind the last one alone.`,
    html: lineChart({
      title: 'Right after so many rows',
      xLabel: 'rows read',
      series: [{ name: 'right', x: rows, y: right }],
    }),
  };
}
