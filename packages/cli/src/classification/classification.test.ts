import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors } from '@lemmata/formats';
import { writeIdx } from '@lemmata/data';
import { oneCycle, sgd } from '@lemmata/optim';
import { encodeModel } from '@lemmata/train';
import { encode as encodePng } from 'fast-png';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { asDrawing, type GreyImage } from '../drawing.js';
import { predict } from '../predict.js';
import type { Recipe } from '../recipe/recipe.js';
import { runRecipe } from '../recipe/run-recipe.js';
import { FILES, RunFolder } from '../run-folder.js';
import { classification, type ClassificationRecipe } from './classification.js';
import { imageFolder, imageSet, plainImages } from './folder.js';
import { DIGITS } from './images.js';

let folder: string;
let data: string;
let printed: string;

/** A blob whose place tells its class, as MNIST stores images. */
function images(count: number): { pixels: Uint8Array; labels: Uint8Array } {
  const pixels = new Uint8Array(count * 784);
  const labels = Uint8Array.from({ length: count }, (_, i) => (i * 7) % 10);
  labels.forEach((label, i) => {
    for (let y = 0; y < 6; y++)
      for (let x = 0; x < 6; x++)
        pixels[i * 784 + (3 + y + 12 * Math.floor(label / 5)) * 28 + 1 + x + 5 * (label % 5)] = 200 + ((i + x) % 50);
  });
  return { pixels, labels };
}

const recipe = (): Recipe =>
  classification({
    name: 'blobs',
    title: 'LeNet-5 on blobs',
    settings: { epochs: 1, batchSize: 32, learningRate: 0.01 },
    quick: { limit: 96 },
    dataFolder: () => data,
    load: (from) =>
      imageSet(from, [1, 28, 28], { classes: DIGITS, source: 'Blobs', licence: 'public domain', drawn: 20 }),
    network: () => ({ name: 'lenet5', options: {} }),
    normalise: { mean: 0.1, std: 0.3 },
    optimizer: (learningRate) => sgd({ learningRate, momentum: 0.9 }),
  });

test('a classifier refuses unknown options', () => {
  expect(() => classification({ augmnet: () => {} } as never)).toThrow(
    "classification: unknown option 'augmnet'; did you mean 'augment'?",
  );
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lemmata-cli-'));
  data = join(folder, 'data');
  await mkdir(data);
  for (const [name, count] of [
    ['train', 320],
    ['t10k', 40],
  ] as const) {
    const { pixels, labels } = images(count);
    await writeFile(
      join(data, `${name}-images-idx3-ubyte`),
      writeIdx({ dtype: 'uint8', shape: [count, 28, 28], data: pixels }),
    );
    await writeFile(
      join(data, `${name}-labels-idx1-ubyte`),
      writeIdx({ dtype: 'uint8', shape: [count], data: labels }),
    );
  }
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  return () => vi.restoreAllMocks();
});

const at = (name: string): string => join(folder, name);
const lastLines = (): string[] => printed.trimEnd().split('\n').slice(-3);

describe('a classifier', () => {
  test('trains, writes its run folder, and ends with hash, seconds and accuracy', async () => {
    expect(await runRecipe(recipe(), ['--out', at('one'), '--epochs', '3'])).toBe(0);
    const [hash, seconds, accuracy] = lastLines();
    expect(hash).toMatch(/^weights sha256 [0-9a-f]{64}$/);
    expect(seconds).toMatch(/^training seconds \d+\.\d$/);
    expect(accuracy).toMatch(/^test accuracy [01]\.\d{4}$/);
    expect(printed).toMatch(/^epoch 3\/3 {2}loss \d\.\d{4} {2}accuracy \d\.\d{4} {2}\d+ images\/s/m);
    expect((await readdir(at('one'))).sort()).toEqual([
      'checkpoint.safetensors',
      'history.jsonl',
      'model.safetensors',
      'report.html',
      'run.json',
    ]);
    const history = (await readFile(at('one/history.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(history.filter((h) => h.kind === 'step').length).toBe(30);
    expect(history.at(-1).kind).toBe('test');
    const epochs = history.filter((h) => h.kind === 'epoch');
    expect(epochs[2].loss).toBeLessThan(epochs[0].loss);
    const report = await readFile(at('one/report.html'), 'utf8');
    for (const part of [
      'Learning',
      'Filters of the first layer',
      'Feature maps',
      'Confusion matrix',
      'Worst mistakes',
      'Layers',
      '61,706',
      'Receptive field',
      'public domain',
    ]) {
      expect(report).toContain(part);
    }
    const { arrays } = readSafetensors(new Uint8Array(await readFile(at('one/model.safetensors'))));
    expect(Object.keys(arrays).sort()).toEqual(
      ['conv1', 'conv2', 'fc1', 'fc2', 'fc3'].flatMap((n) => [`${n}.bias`, `${n}.weight`]),
    );
  });

  test('same seed, same weights; another seed, others', async () => {
    const hashes: string[] = [];
    for (const seed of ['5', '5', '6']) {
      printed = '';
      await runRecipe(recipe(), ['--out', at('seeded'), '--seed', seed, '--limit', '96']);
      hashes.push(lastLines()[0]!);
    }
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  test('a checkpoint is due after so many steps, whatever the length of an epoch', async () => {
    const saved: string[] = [];
    const original = RunFolder.prototype.write;
    const write = vi.spyOn(RunFolder.prototype, 'write').mockImplementation(async function (
      this: RunFolder,
      name,
      contents,
    ) {
      await original.call(this, name, contents);
      if (name === FILES.checkpoint) {
        const { metadata } = readSafetensors(contents as Uint8Array);
        saved.push(`${metadata['epoch']}:${metadata['step']}`);
      }
    });
    const args = ['--limit', '96', '--epochs', '4', '--checkpoint-every', '5'];
    expect(await runRecipe(recipe(), ['--out', at('counted'), ...args])).toBe(0);
    write.mockRestore();
    // Three steps an epoch: after 5 and 10 steps, and at the end, where the place is the next epoch's first.
    expect(saved).toEqual(['1:2', '3:1', '4:0']);
    await expect(runRecipe(recipe(), ['--out', at('never'), '--checkpoint-every', '101'])).rejects.toThrow(
      '--checkpoint-every: expected at most 100 steps, received 101',
    );
  });

  test('says on what it runs; any number of threads gives the same weights', async () => {
    const hashes: string[] = [];
    for (const [args, where] of [
      [['--threads', '1'], /^running on wasm, (relaxed|plain) SIMD, 1 thread$/m],
      [['--threads', '2'], /^running on wasm, (relaxed|plain) SIMD, 2 threads$/m],
      [['--backend', 'reference'], /^running on reference, plain JavaScript$/m],
    ] as const) {
      printed = '';
      await runRecipe(recipe(), ['--out', at('placed'), '--quick', ...args]);
      expect(printed).toMatch(where);
      hashes.push(lastLines()[0]!);
    }
    expect(hashes[1]).toBe(hashes[0]);
    // Rounded otherwise.
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  test('weights that overflow on the test images are a failure, in words', async () => {
    const steep = ['--limit', '32', '--batch-size', '32', '--learning-rate', '1e30', '--threads', '1'];
    await expect(runRecipe(recipe(), ['--out', at('steep'), ...steep])).rejects.toThrow(
      /LeNet-5 on blobs: the loss on the test images is (NaN|Infinity): the training has failed; try a smaller --learning-rate/,
    );
    expect(printed).toContain('seed 0, 1 epoch of 1 step of 32 images');
  });

  test('interrupted, it keeps a checkpoint and a model that can be used', async () => {
    const running = runRecipe(recipe(), ['--out', at('stopped'), '--epochs', '50']);
    while (!printed.includes('writing to')) await new Promise((r) => setTimeout(r, 5));
    await new Promise((r) => setTimeout(r, 300));
    process.emit('SIGINT');
    expect(await running).toBe(130);
    expect(printed).toMatch(/stopped in epoch \d+ after step \d+ of 10; checkpoint and model are in /);
    expect((await readdir(at('stopped'))).sort()).toEqual([
      'checkpoint.safetensors',
      'history.jsonl',
      'model.safetensors',
      'run.json',
    ]);
    printed = '';
    expect(await predict([at('stopped'), '--test', '3'])).toBe(0);
    await rm(at('stopped/model.safetensors'));
    await expect(predict([at('stopped'), '--test', '3'])).rejects.toThrow(
      /stopped: its training was cut off, and left a checkpoint but no model; go on with the same command and --resume/,
    );
  });

  test.each([
    [['--epoch', '3'], /unknown option '--epoch'; did you mean '--epochs'\?/],
    [['--zzz'], /unknown option '--zzz'; there are --quick, --out, --resume, /],
    [['quick'], /unexpected 'quick': all that a recipe takes are options, which --help lists/],
    [['--epochs'], /Option '--epochs <value>' argument missing/],
    [['--epochs', '0'], /--epochs: expected a whole number of at least 1, received '0'/],
    [['--seed', 'x'], /--seed: expected a whole number of at least 0, received 'x'/],
    [['--learning-rate=-1'], /--learning-rate: expected a positive number, received '-1'/],
    [['--backend', 'gpu'], /--backend: expected wasm or reference, received 'gpu'/],
    [['--threads', '0'], /--threads: expected a whole number of at least 1, received '0'/],
    [['--threads', '65'], /--threads: expected at most 64, received 65/],
    [['--backend', 'reference', '--threads', '2'], /--threads: the reference backend has one thread; leave it out/],
    [['--out', ''], /--out: expected a path, received ''; give \. for the folder that you are in/],
    [['--data='], /--data: expected a path, received ''/],
    [['--limit', '9999'], /--limit: there are 320 training images, received 9999/],
  ])('refuses %j before anything is written', async (args, message) => {
    await expect(runRecipe(recipe(), ['--out', at('never'), ...args])).rejects.toThrow(message);
    expect(await readdir(folder)).not.toContain('never');
  });

  test('a run folder that cannot be: a file is in its place', async () => {
    await writeFile(at('file'), '');
    await expect(runRecipe(recipe(), ['--out', at('file/run')])).rejects.toThrow(
      /run folder .*: .*file is a file; choose another place with --out DIR/,
    );
  });

  test('bad data: missing, truncated, wrong magic, labels that do not match', async () => {
    const bad = at('bad');
    await mkdir(bad);
    const attempt = (): Promise<number> => runRecipe(recipe(), ['--out', at('never'), '--data', bad]);
    await expect(attempt()).rejects.toThrow(/train-images-idx3-ubyte/);
    const files = [
      'train-images-idx3-ubyte',
      'train-labels-idx1-ubyte',
      't10k-images-idx3-ubyte',
      't10k-labels-idx1-ubyte',
    ];
    const copy = async (): Promise<void> => {
      for (const name of files) await writeFile(join(bad, name), await readFile(join(data, name)));
    };
    await copy();
    await writeFile(join(bad, files[0]!), (await readFile(join(data, files[0]!))).subarray(0, 5000));
    await expect(attempt()).rejects.toThrow(/train-images-idx3-ubyte/);
    await copy();
    await writeFile(join(bad, files[2]!), new Uint8Array(100));
    await expect(attempt()).rejects.toThrow(/t10k-images-idx3-ubyte/);
    await copy();
    await writeFile(join(bad, files[1]!), await readFile(join(data, files[3]!)));
    await expect(attempt()).rejects.toThrow(/train-labels-idx1-ubyte.*40.*320|320.*40/s);
    expect(await readdir(folder)).not.toContain('never');
  });
});

describe('a folder of images per class', () => {
  /** Three classes, whose images are bright at the top, in the middle or at the bottom. */
  const draw = async (path: string, count: number, size = 20): Promise<void> => {
    for (const [c, name] of ['Zebra', 'ant', 'bee'].entries()) {
      await mkdir(join(path, name), { recursive: true });
      for (let i = 0; i < count; i++) {
        const data = Uint8Array.from({ length: size * size }, (_, p) =>
          Math.floor((3 * p) / (size * size)) === c ? 200 + ((i * 7 + p) % 50) : (i * p) % 60,
        );
        await writeFile(
          join(path, name, `${i}.png`),
          encodePng({ width: size, height: size, data, channels: 1, depth: 8 }),
        );
      }
    }
  };
  const folders = (changed: Partial<ClassificationRecipe> = {}): Recipe =>
    classification({
      name: 'folders',
      title: 'LeNet-5 on folders',
      settings: { epochs: 6, batchSize: 8, learningRate: 0.01 },
      quick: { epochs: 1, limit: 5000 },
      dataFolder: () => data,
      load: async (from) => (await imageFolder(from, [1, 28, 28]))!,
      network: (classes) => ({ name: 'lenet5', options: { classes } }),
      normalise: { mean: 0.3, std: 0.3 },
      optimizer: (learningRate) => sgd({ learningRate, momentum: 0.9 }),
      ...changed,
    });
  const answer = async (run: string, ...args: string[]): Promise<object> => {
    printed = '';
    expect(await predict([at(run), ...args, '--json'])).toBe(0);
    return JSON.parse(printed);
  };

  test('trains, with classes in the order of code points and every fifth image held out, one class after the other in turn', async () => {
    await draw(at('animals'), 25);
    const set = (await imageFolder(at('animals'), [1, 28, 28]))!;
    expect(set.classes).toEqual(['Zebra', 'ant', 'bee']);
    expect([set.train.label.data.length, set.test.label.data.length]).toEqual([60, 15]);
    expect([...set.test.label.data]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(await runRecipe(folders(), ['--out', at('zoo'), '--data', at('animals')])).toBe(0);
    expect(printed).toMatch(/^LeNet-5 on animals\nanimals: 60 training images, 15 test images\n/);
    expect(lastLines()[2]).toBe('test accuracy 1.0000');
    const report = await readFile(at('zoo/report.html'), 'utf8');
    for (const part of ['Zebra', '<h1>LeNet-5 on animals</h1>']) expect(report).toContain(part);
    expect(JSON.parse(await readFile(at('zoo/run.json'), 'utf8')).title).toBe('LeNet-5 on animals');
  });

  test('a quick run takes at most its slice, and what a user asks for there must be', async () => {
    expect(await runRecipe(folders(), ['--quick', '--out', at('slice'), '--data', at('animals')])).toBe(0);
    expect(printed).toContain('animals: 60 training images, 15 test images');
    await expect(
      runRecipe(folders(), ['--quick', '--limit', '61', '--out', at('never'), '--data', at('animals')]),
    ).rejects.toThrow(/--limit: there are 60 training images, received 61/);
  });

  test('a few images make a single step, also of a schedule that rises and falls', async () => {
    const optimizer: ClassificationRecipe['optimizer'] = (peak, steps) =>
      sgd({ learningRate: oneCycle({ peak, steps }) });
    const options = ['--out', at('few'), '--data', at('animals'), '--epochs', '1', '--batch-size', '60'];
    expect(await runRecipe(folders({ optimizer }), options)).toBe(0);
    expect(printed).toContain('seed 0, 1 epoch of 1 step of 60 images');
  });

  test('a network of colour images is told what is in a file of any size', async () => {
    const colour: Recipe = {
      ...folders(),
      prepare: classification({
        name: 'colour',
        title: 'ResNet on folders',
        settings: { epochs: 1, batchSize: 8, learningRate: 0.01 },
        quick: {},
        dataFolder: () => data,
        load: async (from) => (await imageFolder(from, [3, 16, 16]))!,
        network: (classes) => ({ name: 'resnetCifar', options: { depth: 8, width: 4, classes } }),
        normalise: { mean: 0.3, std: 0.3 },
        optimizer: (learningRate) => sgd({ learningRate }),
      }).prepare,
    };
    expect(await runRecipe(colour, ['--out', at('colour'), '--data', at('animals'), '--epochs', '1'])).toBe(0);
    printed = '';
    expect(await predict([at('colour'), at('animals/ant/0.png'), '--json'])).toBe(0);
    expect(Object.keys(JSON.parse(printed).probabilities)).toEqual(['Zebra', 'ant', 'bee']);
    expect(await answer('colour', '--test', '1')).toEqual({
      ...(await answer('colour', at('animals/ant/12.png'))),
      label: 'ant',
    });
  });

  test('train and test may be folders of their own; their classes must be the same', async () => {
    await draw(at('parted/train'), 4);
    await draw(at('parted/test'), 2, 28);
    const set = (await imageFolder(at('parted'), [1, 28, 28]))!;
    expect([set.train.image.shape, set.test.image.shape]).toEqual([
      [12, 1, 28, 28],
      [6, 1, 28, 28],
    ]);
    await rm(at('parted/test/bee'), { recursive: true });
    await expect(imageFolder(at('parted'), [1, 28, 28])).rejects.toThrow(
      /train has the classes Zebra, ant, bee, test has Zebra, ant; they must be the same/,
    );
    expect(await imageFolder(data, [1, 28, 28])).toBe(null);
  });

  test('a folder val is a test where there is none named so; too few images for a test are refused', async () => {
    await draw(at('valued/train'), 3);
    await draw(at('valued/val'), 2);
    expect((await imageFolder(at('valued'), [1, 28, 28]))!.test.label.shape).toEqual([6]);
    await expect(imageFolder(at('valued/val'), [1, 28, 28])).rejects.toThrow(
      /val: no class has five images, of which one would be kept for the test; add images, or a folder test/,
    );
  });

  test('predict reads the images of the run, and makes of a file what training made of it', async () => {
    for (const [run, border] of [
      ['plain', 0],
      ['bordered', 2],
    ] as const) {
      const side = 28 - 2 * border;
      const changed: Partial<ClassificationRecipe> = {
        border,
        load: async (from) => (await imageFolder(from, [1, side, side]))!,
      };
      const options = ['--out', at(run), `--data=${at('animals')}`, '--epochs', '1'];
      expect(await runRecipe(folders(changed), options)).toBe(0);
      expect(await readFile(at(`${run}/run.json`), 'utf8')).toContain('--data=DIR --epochs 1"');
      // Every fifth of the names in the order of their code points: 0, 1, 10, 11, 12, ….
      for (const [index, file] of [
        ['0', 'Zebra/12'],
        ['4', 'ant/17'],
        ['14', 'bee/9'],
      ] as const) {
        const told = await answer(run, '--test', index);
        expect(told).toEqual({ ...(await answer(run, at(`animals/${file}.png`))), label: file.split('/')[0] });
      }
    }
    printed = '';
    expect(await predict([at('plain'), '--test', '0'])).toBe(0);
    for (const name of ['Zebra', '  ant', '  bee'])
      expect(printed).toMatch(new RegExp(`^  ${name}  \\d\\.\\d{4}`, 'm'));
  });

  test('predict names the recipe of a run whose network has no name, and says what can be done', async () => {
    await mkdir(at('unnamed'));
    await writeFile(at('unnamed/model.safetensors'), encodeModel({ params: {}, state: {} }));
    const refused = /model\.safetensors: it does not say which network it is of; expected .* decodeModel/;
    await expect(predict([at('unnamed'), '--test', '0'])).rejects.toThrow(refused);
    await writeFile(at('unnamed/run.json'), JSON.stringify({ recipe: 'rows-mnist' }));
    await expect(predict([at('unnamed'), '--test', '0'])).rejects.toThrow(
      "which network it is of: that of the recipe 'rows-mnist' has no name; expected a model of a recipe that tells classes apart",
    );
  });

  test('predict says what is wrong with the images of a run', async () => {
    await expect(predict([at('plain'), '--test', '15'])).rejects.toThrow(
      '--test: there are 15 test images, 0 to 14; received 15',
    );
    await mkdir(at('beasts'));
    for (const [from, to] of [
      ['Zebra', 'ape'],
      ['ant', 'bat'],
      ['bee', 'cat'],
    ] as const)
      await cp(at(`animals/${from}`), at(`beasts/${to}`), { recursive: true });
    await expect(predict([at('plain'), '--test', '1', '--data', at('beasts')])).rejects.toThrow(
      /beasts: the network has the classes Zebra, ant, bee, the folder has ape, bat, cat; they must be the same/,
    );
    await expect(predict([at('plain'), '--test', '1', '--data', at('nowhere')])).rejects.toThrow(
      /nowhere: no such file or folder; expected the four files of MNIST \(train-images-idx3-ubyte, …\), or a folder of images for each class/,
    );
    await expect(predict([at('plain'), '--test', '1', '--data', at('animals/ant')])).rejects.toThrow(
      /ant: nothing to learn from in it; expected the four files of MNIST/,
    );
    await cp(at('beasts'), at('gone'), { recursive: true });
    expect(await runRecipe(folders(), ['--out', at('lost'), '--data', at('gone'), '--epochs', '1'])).toBe(0);
    await rm(at('gone'), { recursive: true });
    await expect(predict([at('lost'), '--test', '1'])).rejects.toThrow(
      /gone: no such file or folder; .*lost was trained on it: say where the data is with --data DIR/,
    );
    await writeFile(at('beasts/ape/12.png'), new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]));
    await expect(runRecipe(folders(), ['--out', at('never'), '--data', at('beasts')])).rejects.toThrow(
      /ape\/12\.png: received .*; expected /,
    );
  });

  test('a data set of which only its recipe knows how it is read has no test images for predict', async () => {
    const load: ClassificationRecipe['load'] = async (from) => {
      const { readAgain: _, ...set } = (await imageFolder(from, [1, 28, 28]))!;
      return set;
    };
    const options = ['--out', at('own'), '--data', at('animals'), '--epochs', '1'];
    expect(await runRecipe(folders({ load }), options)).toBe(0);
    await expect(predict([at('own'), '--test', '1'])).rejects.toThrow(
      /own was trained on images that its recipe alone can read; give an image file, or with --data DIR a folder/,
    );
    expect(await answer('own', '--test', '1', '--data', at('animals'))).toMatchObject({ label: 'ant' });
  });

  test('a resumed run whose history has lost lines says so, and ends with the same weights', async () => {
    const options = ['--out', at('curves'), '--data', at('animals'), '--epochs', '2', '--batch-size', '20'];
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await runRecipe(folders(), options);
    const [hash] = lastLines();
    await runRecipe(folders(), [...options, '--resume']);
    expect(stderr).not.toHaveBeenCalled();
    const history = await readFile(at('curves/history.jsonl'), 'utf8');
    await writeFile(at('curves/history.jsonl'), history.split('\n').slice(2).join('\n'));
    await runRecipe(folders(), [...options, '--resume']);
    expect(stderr).toHaveBeenCalledWith(
      expect.stringMatching(
        /history\.jsonl: received 4 whole lines of steps; expected 6\. The weights do not depend on them; the curves of the report do\n$/,
      ),
    );
    expect(lastLines()[0]).toBe(hash);
  });

  test('a run is not resumed on other images', async () => {
    const options = (from: string): string[] => ['--out', at('again'), '--data', at(from), '--epochs', '1'];
    expect(await runRecipe(folders(), options('animals'))).toBe(0);
    await expect(runRecipe(folders(), [...options('valued'), '--resume'])).rejects.toThrow(
      /another run: data was animals: 60 training images, 15 test images, is valued: 9 tr/,
    );
  });

  test('images without labels: all there are, however deep; or the parts train and test; or the four files', async () => {
    const about = { source: 'Blobs', licence: 'public domain' };
    const read = async (path: string): Promise<unknown> => {
      const { train, test, own, source } = await plainImages(path, [1, 28, 28], about);
      return [train.shape[0], test.shape[0], own, source];
    };
    expect(await read(at('animals/ant'))).toEqual([20, 5, true, 'ant']);
    expect(await read(at('animals'))).toEqual([60, 15, true, 'animals']);
    // From the front some of each folder: bright at the top, in the middle and at the bottom.
    const { train } = await plainImages(at('animals'), [1, 3, 1], about);
    const brightest = [0, 1, 2, 3, 4, 5]
      .map((i) => train.data.subarray(3 * i, 3 * i + 3))
      .map((rows) => rows.indexOf(Math.max(...rows)));
    expect(brightest).toEqual([0, 1, 2, 0, 1, 2]);
    await draw(at('valued/train'), 3);
    await draw(at('valued/val'), 2);
    expect(await read(at('valued'))).toEqual([9, 6, true, 'valued']);
    expect(await read(data)).toEqual([320, 40, undefined, 'Blobs']);
    await expect(read(at('valued/val/ant'))).rejects.toThrow(
      /ant: 2 images to train on and 0 to test; expected at least two of each/,
    );
    await expect(read(at('plain'))).rejects.toThrow(
      /plain: nothing to learn from in it; expected the four files of MNIST \(train-images-idx3-ubyte, …\), or images$/,
    );
  });
});

describe('predict', () => {
  test('a test image: class, probabilities and a picture; or JSON', async () => {
    await runRecipe(recipe(), ['--out', at('two'), '--limit', '96']);
    printed = '';
    expect(await predict([at('two'), '--test', '17'])).toBe(0);
    expect(printed).toMatch(/class \d, probability \d\.\d{4}, and is 9/);
    expect(printed.split('\n').filter((line) => /^ {3}\d {2}\d\.\d{4}/.test(line)).length).toBe(10);
    printed = '';
    await predict([at('two'), '--test', '17', '--json']);
    const answer = JSON.parse(printed);
    expect([Number(answer.class) >= 0, answer.label]).toEqual([true, '9']);
    expect(Object.values(answer.probabilities as Record<string, number>).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
  });

  test('an image file of any size, dark on bright or bright on dark', async () => {
    const { pixels } = images(3);
    const big = new Uint8Array(112 * 112);
    big.forEach((_, i) => (big[i] = 255 - pixels[2 * 784 + Math.floor(i / 112 / 4) * 28 + Math.floor((i % 112) / 4)]!));
    await writeFile(at('digit.png'), encodePng({ width: 112, height: 112, data: big, channels: 1, depth: 8 }));
    expect(await predict([at('two'), at('digit.png')])).toBe(0);
    expect(printed).toMatch(/class \d, probability/);
  });

  test('a photograph of a drawing, on grey paper in uneven light, is read as one on white', async () => {
    const { pixels } = images(3);
    const drawn = (paper: (x: number) => number, ink: number): GreyImage => ({
      width: 112,
      height: 112,
      pixels: Float64Array.from({ length: 112 * 112 }, (_, i) => {
        const [x, y] = [i % 112, Math.floor(i / 112)];
        return pixels[2 * 784 + Math.floor(y / 4) * 28 + Math.floor(x / 4)]! > 0 ? ink : paper(x);
      }),
    });
    const white = asDrawing(
      drawn(() => 1, 0),
      20,
    )!;
    const photo = asDrawing(
      drawn((x) => 0.6 + (0.08 * x) / 112, 0.15),
      20,
    )!;
    const blackboard = asDrawing(
      drawn((x) => 0.2 + (0.08 * x) / 112, 0.9),
      20,
    )!;
    const dim = asDrawing(
      drawn((x) => 0.4 + (0.05 * x) / 112, 0.1),
      20,
    )!;
    for (const read of [photo, blackboard, dim])
      white.forEach((v, i) => expect(Math.abs(v - read[i]!)).toBeLessThan(26));
    expect(
      asDrawing(
        drawn(() => 0.7, 0.6),
        20,
      ),
    ).toBe(null);
  });

  test('says what is wrong with what it is given', async () => {
    await expect(predict([])).rejects.toThrow(/expected a run folder and either an image file or --test N/);
    await expect(predict([at('two')])).rejects.toThrow(/either an image file or --test N/);
    await expect(predict([at('nowhere'), '--test', '1'])).rejects.toThrow(
      /nowhere.*expected a run folder with a trained model/,
    );
    await expect(predict([at('two'), '--test', '40'])).rejects.toThrow(
      /--test: there are 40 test images, 0 to 39; received 40/,
    );
    await writeFile(
      at('blank.png'),
      encodePng({ width: 9, height: 9, data: new Uint8Array(81), channels: 1, depth: 8 }),
    );
    await expect(predict([at('two'), at('blank.png')])).rejects.toThrow(
      /blank\.png: it is blank: nothing in it stands out from its border/,
    );
    const record = await readFile(at('two/run.json'));
    for (const [damaged, message] of [
      ['{', /two\/run\.json: it is damaged \(.*\); say where the data is with --data DIR/],
      ['{}', /two\/run\.json: it names no data; say where the data is with --data DIR/],
    ] as const) {
      await writeFile(at('two/run.json'), damaged);
      await expect(predict([at('two'), '--test', '1'])).rejects.toThrow(message);
    }
    await writeFile(at('two/run.json'), record);
    await writeFile(at('not.png'), 'hello');
    await expect(predict([at('two'), at('not.png')])).rejects.toThrow(
      /not\.png: received a file that begins with 68 65 6c 6c; expected a PNG or JPEG image/,
    );
    await expect(predict([at('two'), at('missing.png')])).rejects.toThrow(
      /missing\.png: no such file or folder; expected an image file$/,
    );
    await expect(predict([at('two'), folder])).rejects.toThrow(/: it is a folder; expected an image file$/);
    await expect(predict([at('digit.png'), '--test', '1'])).rejects.toThrow(
      /model\.safetensors: a file where a folder should be; expected a run folder/,
    );
    await expect(predict([at('two'), '--tests', '1'])).rejects.toThrow(/'--tests'; did you mean '--test'\?/);
  });
});
