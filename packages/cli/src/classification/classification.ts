import {
  arrayDataset,
  gather,
  loader,
  normalize,
  type Column,
  type Normalization,
  type Transform,
} from '@lemmata/data';
import type { LabelledImages } from '@lemmata/data/node';
import { crossEntropy } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import type { Optimizer } from '@lemmata/optim';
import { key, split, type Key } from '@lemmata/random';
import { unknownOptions, type Shape } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { accuracy, evaluate, supervised, type TrainState } from '@lemmata/train';
import type { ReportSection } from '@lemmata/visualize';
import { UserError } from '../failure.js';
import { network } from '../networks.js';
import type { Asked, Job, Recipe, Settings } from '../recipe/recipe.js';
import { limited, objectiveJob } from '../recipe/supervised.js';
import { bordered } from './border.js';
import { judge, type ImageSet, type Judged } from './images.js';
import { classificationOutcome, type Judgement } from './report.js';

/** A network known by its name, so that `predict` can make it again. */
export interface NamedNetwork {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A network trained to tell classes of images apart: what differs from one recipe to the next. */
export interface ClassificationRecipe {
  readonly name: string;
  readonly title: string;
  readonly settings: Settings;
  readonly quick: Partial<Settings>;
  readonly dataFolder: () => string | Promise<string>;
  /** What is in that folder, for `--help`: 'the four files of MNIST'. Default: 'the data'. */
  readonly dataHolds?: string;
  readonly load: (folder: string, asked: Asked) => Promise<ImageSet>;
  readonly network: (classes: number, inputShape: Shape) => NamedNetwork | Layer;
  /** Black pixels added on all sides of the images. Default 0. */
  readonly border?: number;
  readonly normalise: Normalization;
  /** `steps` are those of the run, and two at least: a rate that rises and falls needs as many. */
  readonly optimizer: (learningRate: number, steps: number) => Optimizer;
  /** Of the test accuracy. Default: none. */
  readonly goal?: { readonly atLeast: number; readonly aim?: number };
  /** Changes training images before they are normalised, in ways drawn from the key. Default: none. */
  readonly augment?: (key: Key) => Transform<LabelledImages, LabelledImages>;
  /** What suits this network beside what every report shows. Default: nothing. */
  readonly sections?: (judgement: Judgement) => readonly ReportSection[];
  /** Default: cross-entropy. */
  readonly loss?: (logits: Tensor, target: Tensor) => Tensor;
}

/** What `predict` must know of a model, kept in its file. */
export interface ModelFacts {
  readonly network: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputShape: Shape;
  readonly classes: readonly string[];
  readonly normalise: Normalization;
  /** Of `inputShape`, on all sides. */
  readonly border: number;
  /** See {@link ImageSet}. */
  readonly drawn?: number;
  readonly readAgain?: true;
}

/**
 * The recipe that trains a classifier and counts its mistakes.
 *
 * @throws OptionError for an unknown option.
 */
export function classification(recipe: ClassificationRecipe): Recipe {
  unknownOptions('classification', recipe, NAMES);
  const { name, title, settings, quick, dataFolder, dataHolds } = recipe;
  const about = { name, title, settings, quick, dataFolder, ...(dataHolds === undefined ? {} : { dataHolds }) };
  return { ...about, prepare: (asked) => prepare(recipe, asked) };
}

const NAMES = [
  'name',
  'title',
  'settings',
  'quick',
  'dataFolder',
  'dataHolds',
  'load',
  'network',
  'border',
  'normalise',
  'optimizer',
  'goal',
  'augment',
  'sections',
  'loss',
];

async function prepare(recipe: ClassificationRecipe, asked: Asked): Promise<Job<TrainState>> {
  const { augment, normalise, border = 0, loss = crossEntropy } = recipe;
  const loaded = await recipe.load(asked.data, asked);
  const { classes, source, drawn, readAgain, own } = loaded;
  const grown = ({ image, label }: LabelledImages): LabelledImages => ({ image: bordered(image, border), label });
  const images: ImageSet = {
    ...loaded,
    train: grown(loaded.train),
    test: grown(asked.quick ? firstOf(loaded.test, QUICK_TEST) : loaded.test),
  };
  const inputShape = images.train.image.shape.slice(1);
  const normalised = normalize('image', normalise);
  const data = limited(images.train, asked, 'images');
  // Without augmentation the order is drawn from the seed itself.
  const changed = augment?.(split(key(asked.seed), 1)[0]!);
  const batches = loader(data, {
    batchSize: asked.batchSize,
    shuffle: key(asked.seed),
    transform: (batch: LabelledImages, place): { image: Column<Float32Array>; label: Column } =>
      normalised(changed === undefined ? batch : changed(batch, place)),
  });
  const chosen = recipe.network(classes.length, inputShape);
  const named = 'init' in chosen ? null : chosen;
  const model = 'init' in chosen ? chosen : network(chosen.name, chosen.options);
  const facts: ModelFacts | undefined =
    named === null
      ? undefined
      : {
          network: named.name,
          options: named.options,
          inputShape,
          classes,
          normalise,
          border,
          ...(drawn === undefined ? {} : { drawn }),
          ...(readAgain === undefined ? {} : { readAgain }),
        };
  return {
    own: own === undefined ? undefined : source,
    about: `${source}: ${data.length} training images, ${images.test.label.shape[0]} test images`,
    unit: 'images',
    samples: data.length,
    batches,
    columns: ({ image, label }) => [image, label],
    ...objectiveJob({
      model,
      inputShape,
      objective: supervised({ model, loss, metrics: { accuracy } }),
      optimizer: recipe.optimizer(asked.learningRate, Math.max(2, batches.steps * asked.epochs)),
      seed: asked.seed,
    }),
    ...(facts === undefined ? {} : { facts }),
    async finish({ params, state }, training) {
      const judged: Judged[] = [];
      const test = await evaluate({
        model,
        params,
        state,
        loss,
        batches: loader(arrayDataset(images.test), { batchSize: 500, shuffle: false, transform: normalised }),
        metrics: { accuracy },
        onBatch: (logits, targets) => judged.push(...judge(logits.dataSync(), targets.dataSync(), classes.length)),
      });
      if (!Number.isFinite(test.loss))
        throw new UserError(
          `${recipe.title}: the loss on the test images is ${test.loss}: the training has failed; try a smaller --learning-rate`,
        );
      training.log({ kind: 'test', size: test.size, loss: test.loss, ...test.metrics });
      const judgement = { images, normalise, model, params, state, judged, test };
      const outcome = classificationOutcome(judgement, training, recipe.sections?.(judgement));
      const { name, value } = outcome.result;
      return recipe.goal === undefined ? outcome : { ...outcome, goals: [{ name, value, ...recipe.goal }] };
    },
  };
}

/** Test images of a quick run. */
const QUICK_TEST = 250;

function firstOf(images: LabelledImages, count: number): LabelledImages {
  const all = images.label.shape[0]!;
  return all <= count
    ? images
    : gather(
        images,
        Int32Array.from({ length: count }, (_, i) => i),
      );
}
