import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { arrayDataset, loader, normalize, subset, type Column } from '@lemmata/data';
import type { LabelledImages } from '@lemmata/data/node';
import { crossEntropy } from '@lemmata/losses';
import type { Optimizer } from '@lemmata/optim';
import { key } from '@lemmata/random';
import type { Shape } from '@lemmata/shape';
import {
  accuracy,
  encodeCheckpoint,
  encodeModel,
  evaluate,
  initialState,
  train,
  type TrainEvent,
  type TrainState,
} from '@lemmata/train';
import { backendOption } from './backend.js';
import { classificationReport, type Judged } from './classification-report.js';
import { UserError } from './failure.js';
import { network } from './networks.js';
import { countOption, positiveOption, userPath } from './options.js';
import { progress } from './progress.js';
import { FILES, RunFolder } from './run-folder.js';

/** Labelled images, and where they come from. */
export interface ImageSet {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly source: string;
  readonly licence: string;
}

/** A network trained to tell classes of images apart: what differs from one recipe to the next. */
export interface ClassificationRecipe {
  /** The run folder's name, too. */
  readonly name: string;
  readonly title: string;
  readonly network: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly inputShape: Shape;
  readonly classes: readonly string[];
  /** Folder of the data where `--data` names none. */
  readonly dataFolder: () => string;
  readonly load: (folder: string) => Promise<ImageSet>;
  readonly normalise: { readonly mean: number; readonly std: number };
  readonly batchSize: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly optimizer: (learningRate: number, steps: number) => Optimizer;
}

/** What `predict` must know of a model, kept in its file. */
export interface ModelFacts {
  readonly network: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputShape: Shape;
  readonly classes: readonly string[];
  readonly normalise: { readonly mean: number; readonly std: number };
}

const HELP = (recipe: ClassificationRecipe): string => `${recipe.title}

  --out DIR            run folder (default runs/${recipe.name})
  --data DIR           folder of the data (default: the installed package)
  --epochs N           default ${recipe.epochs}
  --batch-size N       default ${recipe.batchSize}
  --learning-rate X    peak of the schedule, default ${recipe.learningRate}
  --seed N             of parameters and order, default 0
  --limit N            train on the first N images only
  --backend NAME       wasm or reference, default wasm
  --threads N          of the wasm backend, default the number of cores
  --help`;

/** How often a checkpoint is written, in steps. */
const CHECKPOINT_EVERY = 100;

/** Runs a recipe from the command line; returns the exit code. */
export async function runClassification(recipe: ClassificationRecipe, argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      out: { type: 'string' },
      data: { type: 'string' },
      epochs: { type: 'string' },
      'batch-size': { type: 'string' },
      'learning-rate': { type: 'string' },
      seed: { type: 'string' },
      limit: { type: 'string' },
      backend: { type: 'string' },
      threads: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP(recipe)}\n`);
    return 0;
  }
  const epochs = countOption('epochs', values.epochs, recipe.epochs, 1);
  const batchSize = countOption('batch-size', values['batch-size'], recipe.batchSize, 1);
  const seed = countOption('seed', values.seed, 0, 0);
  const learningRate = positiveOption('learning-rate', values['learning-rate'], recipe.learningRate);
  const backend = backendOption(values.backend, values.threads);
  const out = userPath(values.out ?? `runs/${recipe.name}`);
  const dataFolder = values.data === undefined ? recipe.dataFolder() : userPath(values.data);

  // Everything that can be refused is, before anything is written.
  await RunFolder.check(out);
  const images = await recipe.load(dataFolder);
  const limit = countOption('limit', values.limit, images.train.label.shape[0]!, 1);
  const count = images.train.label.shape[0]!;
  if (limit > count) throw new UserError(`--limit: there are ${count} training images, received ${limit}`);
  const normalised = normalize('image', recipe.normalise);
  const all = arrayDataset(images.train);
  const batches = loader(
    limit < count
      ? subset(
          all,
          Int32Array.from({ length: limit }, (_, i) => i),
        )
      : all,
    {
      batchSize,
      shuffle: key(seed),
      transform: normalised,
    },
  );
  const model = network(recipe.network.name, recipe.network.options);
  const optimizer = recipe.optimizer(learningRate, batches.steps * epochs);
  const facts: ModelFacts = {
    network: recipe.network.name,
    options: recipe.network.options,
    inputShape: recipe.inputShape,
    classes: recipe.classes,
    normalise: recipe.normalise,
  };

  const folder = await RunFolder.create(out);
  process.stdout.write(
    `${recipe.title}\n${images.source}: ${limit} training images, ${images.test.label.shape[0]} test images\nseed ${seed}, ${epochs} epoch${epochs === 1 ? '' : 's'} of ${batches.steps} steps of ${batchSize} images, writing to ${out}\nrunning on ${backend}\n`,
  );
  const start: TrainState = initialState(model, optimizer, recipe.inputShape, seed);
  const history: TrainEvent[] = [];
  let last: TrainEvent | null = null;
  let stopped = false;
  const interrupt = (): void => {
    // A second time means at once.
    if (stopped) process.exit(130);
    stopped = true;
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const shown = progress();
  const began = performance.now();
  const save = async (event: TrainEvent): Promise<void> => {
    await folder.flush();
    await folder.write(FILES.checkpoint, encodeCheckpoint(event.state, event.cursor, { seed: String(seed) }));
  };
  try {
    let seen = 0;
    for await (const event of train({
      model,
      loss: crossEntropy,
      optimizer,
      batches,
      epochs,
      seed,
      metrics: { accuracy },
      from: { state: backend.put(start), cursor: { epoch: 0, step: 0 } },
    })) {
      last = event;
      const seconds = (performance.now() - began) / 1000;
      if (event.kind === 'step') seen += event.size;
      const rate = seen / seconds;
      const standing = {
        epoch: event.epoch,
        epochs,
        step: event.step,
        steps: event.steps,
        loss: event.loss,
        accuracy: event.metrics['accuracy']!,
        imagesPerSecond: rate,
        secondsLeft: (limit * epochs - seen) / rate,
      };
      const { kind, epoch, step, size, loss, metrics } = event;
      folder.log({ kind, epoch, step, size, loss, ...metrics });
      history.push({ ...event, state: null as never });
      if (kind === 'step') shown.step(standing);
      else shown.epoch(standing, seconds);
      if (stopped) break;
      if (kind === 'step' && step % CHECKPOINT_EVERY === 0) await save(event);
    }
  } finally {
    shown.stop();
    await folder.flush();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  const seconds = (performance.now() - began) / 1000;
  if (last === null) throw new UserError('there was nothing to train on');
  await save(last);
  const { params, state } = last.state;
  const bytes = encodeModel({ params, state });
  await folder.write(FILES.model, encodeModel({ params, state }, { lemmata: JSON.stringify(facts) }));
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (stopped) {
    process.stdout.write(
      `stopped in epoch ${last.epoch + 1} after step ${last.step} of ${last.steps}; checkpoint and model are in ${out}\n`,
    );
    return 130;
  }

  const judged: Judged[] = [];
  const testBatches = loader(arrayDataset(images.test), { batchSize: 500, shuffle: false, transform: normalised });
  const test = await evaluate({
    model,
    params,
    state,
    loss: crossEntropy,
    batches: testBatches,
    metrics: { accuracy },
    onBatch: (logits, targets) => judged.push(...judge(logits.dataSync(), targets.dataSync(), recipe.classes.length)),
  });
  folder.log({ kind: 'test', size: test.size, loss: test.loss, ...test.metrics });
  await folder.flush();
  await folder.write(
    FILES.run,
    `${JSON.stringify({ recipe: recipe.name, seed, epochs, batchSize, learningRate, limit, backend: String(backend), data: dataFolder, weights: hash, trainingSeconds: seconds, test }, null, 2)}\n`,
  );
  await folder.write(
    FILES.report,
    classificationReport({ recipe, model, params, state, history, judged, test, images, seconds, seed }),
  );
  process.stdout.write(
    `report ${folder.file(FILES.report)}\nweights sha256 ${hash}\ntraining seconds ${seconds.toFixed(1)}\ntest accuracy ${test.metrics['accuracy']!.toFixed(4)}\n`,
  );
  return 0;
}

function judge(logits: ArrayLike<number>, targets: ArrayLike<number>, classes: number): Judged[] {
  return Array.from(targets, (actual, i) => {
    const row = Array.from({ length: classes }, (_, c) => logits[i * classes + c]!);
    const probabilities = softmaxOf(row);
    const predicted = probabilities.indexOf(Math.max(...probabilities));
    return { actual, predicted, probability: probabilities[predicted]!, ofActual: probabilities[actual]! };
  });
}

/** Probabilities of logits, in float64. */
export function softmaxOf(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const weights = logits.map((v) => Math.exp(v - most));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
}

/** Pixels of one image of a column, as bytes. */
export function pixelsOf({ data, shape }: Column, index: number): Uint8Array {
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  return Uint8Array.from(data.subarray(index * size, (index + 1) * size));
}
