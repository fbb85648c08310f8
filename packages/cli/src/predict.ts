import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSafetensors } from '@lemmata/formats';
import { loadMnist } from '@lemmata/data/node';
import { normalize } from '@lemmata/data';
import { infer } from '@lemmata/nn';
import { key } from '@lemmata/tensor';
import { columnTensor, decodeModel } from '@lemmata/train';
import { ansiImage } from '@lemmata/visualize';
import type { ModelFacts } from './classification/classification.js';
import { pixelsOf, softmaxOf } from './classification/images.js';
import { UserError } from './failure.js';
import { asMnistDigit, readGreyImage, readImage } from './image.js';
import { network } from './networks.js';
import { countOption, userPath } from './options.js';
import { FILES } from './run-folder.js';

const HELP = `lemmata predict RUN [IMAGE] [--test N] [--data DIR] [--json]

Says what a trained network sees in a PNG or JPEG image, or in test image N of its data.

  RUN           a run folder
  --test N      image N of the test set, from 0
  --data DIR    folder of the data (default: the one that the run was trained on)
  --json        { class, probabilities } instead of a picture`;

/** `lemmata predict`; returns the exit code. */
export async function predict(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      test: { type: 'string' },
      data: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const [run, image, ...more] = positionals;
  if (run === undefined || more.length > 0 || (image === undefined) === (values.test === undefined)) {
    throw new UserError(`predict: expected a run folder and either an image file or --test N\n\n${HELP}`);
  }
  const folder = userPath(run);
  const { facts, model, params, state } = await loadModel(join(folder, FILES.model));
  const [c, h, w] = facts.inputShape as [number, number, number];
  const digits = facts.inputShape.join() === '1,28,28';
  if (image === undefined && !digits) {
    throw new UserError(
      `--test: only networks of 28×28 grey images know their test set, this one takes ${c}×${h}×${w}; give an image file`,
    );
  }
  const sample =
    image === undefined
      ? await testImage(folder, values.data, values.test!)
      : {
          pixels: digits
            ? asMnistDigit(await readGreyImage(userPath(image)))
            : await readImage(userPath(image), c, h, w),
          label: null,
        };

  const batch = normalize('image', facts.normalise)({ image: { data: sample.pixels, shape: [1, c, h, w] } });
  const probabilities = softmaxOf(Array.from(infer(model, params, state, columnTensor(batch.image)).dataSync()));
  const best = probabilities.indexOf(Math.max(...probabilities));
  const name = facts.classes[best]!;
  if (values.json) {
    const named = Object.fromEntries(facts.classes.map((label, i) => [label, probabilities[i]]));
    process.stdout.write(
      `${JSON.stringify({ class: name, probabilities: named, ...(sample.label === null ? {} : { label: facts.classes[sample.label] }) })}\n`,
    );
    return 0;
  }
  const color = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  const bars = facts.classes.map(
    (label, i) =>
      `  ${label.padStart(2)}  ${probabilities[i]!.toFixed(4)}  ${'█'.repeat(Math.round(probabilities[i]! * 30))}`,
  );
  const truth = sample.label === null ? '' : `, and is ${facts.classes[sample.label]}`;
  process.stdout.write(
    `${c === 1 ? `${ansiImage(sample.pixels, h, w, { color, normalise: [0, 255] })}\n\n` : ''}class ${name}, probability ${probabilities[best]!.toFixed(4)}${truth}\n\n${bars.join('\n')}\n`,
  );
  return 0;
}

async function loadModel(path: string) {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new UserError(`${path}: ${cause.message}; expected a run folder with a trained model (npm start makes one)`, {
      cause,
    });
  });
  const { metadata } = readSafetensors(new Uint8Array(bytes), { name: path });
  if (metadata['lemmata'] === undefined)
    throw new UserError(`${path}: it does not say which network it is of; expected a model written by a recipe`);
  const facts = JSON.parse(metadata['lemmata']) as ModelFacts;
  const model = network(facts.network, facts.options);
  const like = model.init(key(0), facts.inputShape);
  return { facts, model, ...decodeModel(new Uint8Array(bytes), like, { name: path }) };
}

async function testImage(
  folder: string,
  data: string | undefined,
  index: string,
): Promise<{ pixels: Uint8Array; label: number }> {
  const test = countOption('test', index, 0, 0);
  const dataFolder = data === undefined ? await dataOf(folder) : userPath(data);
  const images = (await loadMnist(dataFolder)).test;
  const count = images.label.shape[0]!;
  if (test >= count) throw new UserError(`--test: there are ${count} test images, 0 to ${count - 1}; received ${test}`);
  return { pixels: pixelsOf(images.image, test), label: images.label.data[test]! };
}

async function dataOf(folder: string): Promise<string> {
  const path = join(folder, FILES.run);
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as { data: string }).data;
  } catch (cause) {
    throw new UserError(`${path}: ${(cause as Error).message}; say where the data is with --data DIR`, { cause });
  }
}
