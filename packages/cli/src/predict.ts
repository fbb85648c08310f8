import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors } from '@lemmata/formats';
import { normalize } from '@lemmata/data';
import { infer } from '@lemmata/nn';
import { key } from '@lemmata/tensor';
import { columnTensor, decodeModel } from '@lemmata/train';
import { ansiImage } from '@lemmata/visualize';
import type { ModelFacts } from './classification/classification.js';
import { bordered } from './classification/border.js';
import { testImageOf, type ImageShape } from './classification/folder.js';
import { pixelsOf, softmaxOf } from './classification/images.js';
import { because, UserError } from './failure.js';
import { asDrawing } from './drawing.js';
import { readGreyImage, readImage } from './image.js';
import { network } from './networks.js';
import { commandLine, countOption, userPath } from './options.js';
import { FILES } from './run-folder.js';

const HELP = `lemmata predict RUN [IMAGE] [--test N] [--data DIR] [--json]

Says what a trained network sees in a PNG or JPEG image, or in test image N of its data.

  RUN           a run folder of a recipe that tells classes of images apart by a network with a name, as LeNet-5 has one
  --test N      image N of the test set, from 0
  --data DIR    the test set of another folder: the four files of MNIST, or a folder of images for each class
                (default: the data that the run was trained on)
  --json        { class, probabilities } instead of a picture`;

/** `lemmata predict`; returns the exit code. */
export async function predict(argv: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(argv, {
    test: { type: 'string' },
    data: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const [run, image, ...more] = positionals;
  if (run === undefined || more.length > 0 || (image === undefined) === (values.test === undefined)) {
    throw new UserError(`predict: expected a run folder and either an image file or --test N\n\n${HELP}`);
  }
  const folder = userPath('RUN', run);
  const { facts, model, params, state } = await loadModel(folder);
  const [c, h, w] = innerShape(facts);
  const sample =
    image === undefined
      ? await testImage(folder, facts, values.data, countOption('test', values.test, 0, 0))
      : {
          pixels:
            facts.drawn === undefined
              ? await readImage(userPath('IMAGE', image), c, h, w)
              : await drawingOf(userPath('IMAGE', image), facts.drawn),
          label: null,
        };

  const read = bordered({ data: sample.pixels, shape: [1, c, h, w] }, facts.border);
  const batch = normalize('image', facts.normalise)({ image: read });
  const probabilities = softmaxOf(Array.from(infer(model, params, state, columnTensor(batch.image)).dataSync()));
  if (probabilities.length !== facts.classes.length)
    throw damaged(join(folder, FILES.model), `${facts.classes.length} classes for ${probabilities.length} outputs`);
  if (!probabilities.every(Number.isFinite))
    throw new UserError(
      `${folder}: received probabilities ${probabilities.join(', ')} from its network; expected numbers: its training has failed. Train it anew with a smaller --learning-rate`,
    );
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
  const longest = Math.max(2, ...facts.classes.map((label) => label.length));
  const bars = facts.classes.map(
    (label, i) =>
      `  ${label.padStart(longest)}  ${probabilities[i]!.toFixed(4)}  ${'█'.repeat(Math.round(probabilities[i]! * 30))}`,
  );
  const truth = sample.label === null ? '' : `, and is ${facts.classes[sample.label]}`;
  process.stdout.write(
    `${c === 1 ? `${ansiImage(sample.pixels, h, w, { color, normalise: [0, 255] })}\n\n` : ''}class ${name}, probability ${probabilities[best]!.toFixed(4)}${truth}\n\n${bars.join('\n')}\n`,
  );
  return 0;
}

async function loadModel(folder: string) {
  const path = join(folder, FILES.model);
  const bytes = await readFile(path).catch(async (cause: NodeJS.ErrnoException) => {
    const begun =
      cause.code === 'ENOENT' &&
      (await access(join(folder, FILES.checkpoint)).then(
        () => true,
        () => false,
      ));
    throw new UserError(
      begun
        ? `${folder}: its training was cut off, and left a checkpoint but no model; go on with the same command and --resume`
        : `${path}: ${because(cause)}; expected a run folder with a trained model (npm start makes one)`,
      { cause },
    );
  });
  const { metadata } = readSafetensors(new Uint8Array(bytes), { name: path });
  if (metadata['lemmata'] === undefined) {
    const recipe = await recipeOf(folder);
    throw new UserError(
      `${path}: it does not say which network it is of${recipe === undefined ? '' : `: that of the recipe '${recipe}' has no name`}; expected a model of a recipe that tells classes apart by a network with a name. What it does on test data is in ${FILES.report} of a finished run; a program that makes the network reads its weights with decodeModel of @lemmata/train`,
    );
  }
  const facts = modelFacts(path, metadata['lemmata']);
  const model = network(facts.network, facts.options);
  const like = model.init(key(0), facts.inputShape);
  return { facts, model, ...decodeModel(new Uint8Array(bytes), like, { name: path }) };
}

/** What each of the facts must be. */
const FACTS: Readonly<Record<string, (fact: unknown) => boolean>> = {
  network: (fact) => typeof fact === 'string',
  options: isRecord,
  inputShape: (fact) => Array.isArray(fact) && fact.length === 3 && fact.every((size) => Number.isSafeInteger(size)),
  classes: (fact) => Array.isArray(fact) && fact.every((name) => typeof name === 'string'),
  normalise: isRecord,
  border: (fact) => Number.isSafeInteger(fact),
};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function modelFacts(path: string, text: string): ModelFacts {
  let facts: unknown;
  try {
    facts = JSON.parse(text);
  } catch {
    // What is no JSON has none of the facts.
  }
  const wrong = Object.keys(FACTS).filter((name) => !isRecord(facts) || !FACTS[name]!(facts[name]));
  if (wrong.length > 0) throw damaged(path, `no ${wrong.join(', ')} that could be`);
  return facts as ModelFacts;
}

function damaged(path: string, received: string): UserError {
  return new UserError(`${path}: received ${received}; expected what a recipe writes. Run the recipe again`);
}

/** The recipe of a run; undefined where nothing says so. */
async function recipeOf(folder: string): Promise<string | undefined> {
  try {
    const { recipe } = JSON.parse(await readFile(join(folder, FILES.run), 'utf8')) as { recipe?: string };
    return recipe;
  } catch {
    return undefined;
  }
}

async function drawingOf(path: string, side: number): Promise<Uint8Array> {
  const drawing = asDrawing(await readGreyImage(path), side);
  if (drawing === null) throw new UserError(`${path}: it is blank: nothing in it stands out from its border`);
  return drawing;
}

/** Of images as they are read, without the border. */
function innerShape({ inputShape, border }: ModelFacts): ImageShape {
  const [c, h, w] = inputShape as ImageShape;
  return [c, h - 2 * border, w - 2 * border];
}

async function testImage(
  run: string,
  facts: ModelFacts,
  data: string | undefined,
  index: number,
): Promise<{ pixels: Uint8Array; label: number }> {
  if (data === undefined && facts.readAgain === undefined)
    throw new UserError(
      `--test: ${run} was trained on images that its recipe alone can read; give an image file, or with --data DIR a folder of images for each class`,
    );
  const from = data === undefined ? await dataOf(run) : userPath('--data', data);
  const { image, place, label } = await testImageOf(from, innerShape(facts), facts.classes, index);
  return { pixels: pixelsOf(image, place), label };
}

async function dataOf(folder: string): Promise<string> {
  const path = join(folder, FILES.run);
  const hint = 'say where the data is with --data DIR';
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new UserError(`${path}: ${because(cause)}; ${hint}`, { cause });
  });
  let data: unknown;
  try {
    ({ data } = JSON.parse(text) as { data?: unknown });
  } catch (cause) {
    throw new UserError(`${path}: it is damaged (${(cause as Error).message}); ${hint}`, { cause });
  }
  if (typeof data !== 'string') throw new UserError(`${path}: it names no data; ${hint}`);
  await access(data).catch((cause: Error) => {
    throw new UserError(`${data}: ${because(cause)}; ${folder} was trained on it: ${hint}`, { cause });
  });
  return data;
}
