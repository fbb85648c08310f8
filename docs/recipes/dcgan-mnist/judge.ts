import { lenet5 } from '@lemmata/architectures/lenet5';
import { limited, softmaxOf, type Asked } from '@lemmata/cli';
import { arrayDataset, loader, normalize } from '@lemmata/data';
import { loadMnist } from '@lemmata/data/node';
import { crossEntropy } from '@lemmata/losses';
import { infer, type Layer } from '@lemmata/nn';
import { cosine, sgd } from '@lemmata/optim';
import { key } from '@lemmata/random';
import { tensor } from '@lemmata/tensor';
import { accuracy, evaluate, initialState, train } from '@lemmata/train';
import { MNIST_NORM } from '../shared/mnist.js';

/** A classifier of real digits that has never seen a drawn one. */
export interface Judge {
  readonly model: Layer;
  readonly params: unknown;
  readonly state: unknown;
  /** On the test digits. */
  readonly accuracy: number;
}

type Put = <T>(tree: T) => T;

/** LeNet-5, trained for two epochs on its own. */
export async function trainJudge(asked: Asked, put: Put): Promise<Judge> {
  const { train: digits, test } = await loadMnist(asked.data);
  const transform = normalize('image', MNIST_NORM);
  const batches = loader(limited(digits, asked, 'images'), { batchSize: 64, shuffle: key(77), transform });
  const epochs = 2;
  const learningRate = cosine({ peak: 0.05, steps: epochs * batches.steps });
  const optimizer = sgd({ learningRate, momentum: 0.9, weightDecay: 1e-4 });
  const model = lenet5();
  const from = { state: put(initialState(model, optimizer, [1, 28, 28], 77)), cursor: { epoch: 0, step: 0 } };
  let last = from.state;
  for await (const event of train({ model, loss: crossEntropy, optimizer, batches, epochs, seed: 77, from })) {
    last = event.state as typeof last;
  }
  const { params, state } = last;
  const held = loader(arrayDataset(test), { batchSize: 500, shuffle: false, transform });
  const result = await evaluate({ model, params, state, loss: crossEntropy, batches: held, metrics: { accuracy } });
  return { model, params, state, accuracy: result.metrics['accuracy']! };
}

export interface Verdict {
  /** Share of the rarest digit among the samples. */
  readonly least: number;
  /** Mean probability of the class that a sample is taken for. */
  readonly confidence: number;
  /** Mean distance between samples taken for the same digit, over that between real digits taken for it. */
  readonly spread: number;
  readonly digits: readonly DigitVerdict[];
}

/** Of the samples taken for one digit; null where there are too few. */
export interface DigitVerdict {
  readonly share: number;
  readonly confidence: number | null;
  readonly distance: number | null;
  /** Between real digits. */
  readonly real: number | null;
}

/** What the judge makes of drawn digits beside real ones, both of 784 values from 0 to 1. */
export function judgeSamples(judge: Judge, samples: readonly number[], real: readonly number[], put: Put): Verdict {
  const drawn = classify(judge, samples, put);
  const between = distances(samples, drawn);
  const betweenReal = distances(real, classify(judge, real, put));
  const digits = Array.from({ length: 10 }, (_, digit) => {
    const of = drawn.filter(({ said }) => said === digit);
    return {
      share: of.length / drawn.length,
      confidence: mean(of.map(({ sure }) => sure)),
      distance: between[digit]!,
      real: betweenReal[digit]!,
    };
  });
  return {
    least: Math.min(...digits.map(({ share }) => share)),
    confidence: mean(drawn.map(({ sure }) => sure))!,
    spread: mean(between)! / mean(betweenReal)!,
    digits,
  };
}

/** Mean distance between samples over that between real images, both of 784 values from 0 to 1, whatever they show. */
export function spreadOf(samples: readonly number[], real: readonly number[]): number {
  const [drawn, between] = [samples, real].map(
    (images) =>
      distances(
        images,
        Array.from({ length: images.length / 784 }, () => ({ said: 0 })),
      )[0]!,
  );
  return drawn! / between!;
}

/** Of those that are. */
function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
}

function classify(
  { model, params, state }: Judge,
  images: readonly number[],
  put: Put,
): { said: number; sure: number }[] {
  const count = images.length / 784;
  const { mean, std } = MNIST_NORM;
  const x = tensor(
    Float32Array.from(images, (v) => (v - mean) / std),
    { shape: [count, 1, 28, 28] },
  );
  const logits = infer(model, params, state, put(x)).dataSync();
  return Array.from({ length: count }, (_, i) => {
    const probabilities = softmaxOf(Array.from(logits.subarray(10 * i, 10 * i + 10)));
    const sure = Math.max(...probabilities);
    return { said: probabilities.indexOf(sure), sure };
  });
}

/** The mean Euclidean distance between two images of a class, over pairs of the first 60, for each class that has any. */
function distances(images: readonly number[], classes: readonly { said: number }[]): (number | null)[] {
  return Array.from({ length: 10 }, (_, digit) => {
    const of = classes.flatMap(({ said }, i) => (said === digit ? [i] : [])).slice(0, 60);
    return mean(
      of.flatMap((a, i) =>
        of.slice(i + 1).map((b) => {
          let square = 0;
          for (let p = 0; p < 784; p++) square += (images[a * 784 + p]! - images[b * 784 + p]!) ** 2;
          return Math.sqrt(square);
        }),
      ),
    );
  });
}
