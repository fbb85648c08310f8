import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lenet5 } from '@lemmata/architectures';
import { key, mul } from '@lemmata/tensor';
import { encodeModel } from '@lemmata/train';
import { map } from '@lemmata/tree';
import { encode as encodePng } from 'fast-png';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { predict } from './predict.js';

const FACTS = {
  network: 'lenet5',
  options: { classes: 2 },
  inputShape: [1, 28, 28],
  classes: ['cat', 'dog'],
  normalise: { mean: 0.5, std: 0.5 },
  border: 0,
};
let folder: string;
let image: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lemmata-predict-'));
  image = join(folder, 'image.png');
  await writeFile(image, encodePng({ width: 2, height: 1, data: Uint8Array.of(9, 200), channels: 1, depth: 8 }));
});
afterAll(() => rm(folder, { recursive: true }));

/** A model of LeNet-5 with its weights times a factor, whose file says this of it. */
async function write(lemmata: string, factor = 1): Promise<void> {
  const { params, state } = lenet5({ classes: 2 }).init(key(0), [1, 28, 28]);
  const scaled = map((leaf) => mul(leaf, factor), params as never);
  await writeFile(join(folder, 'model.safetensors'), encodeModel({ params: scaled, state }, { lemmata }));
}

test.each([
  ['{', 'no network, options, inputShape, classes, normalise, border that could be'],
  ['null', 'no network, options, inputShape, classes, normalise, border that could be'],
  [JSON.stringify({ ...FACTS, inputShape: [28], border: null }), 'no inputShape, border that could be'],
  [JSON.stringify({ ...FACTS, classes: [1, 2], options: [] }), 'no options, classes that could be'],
  [JSON.stringify({ ...FACTS, classes: ['cat'] }), '1 classes for 2 outputs'],
])('a model that says of itself what cannot be is damaged: %s', async (facts, received) => {
  await write(facts);
  await expect(predict([folder, image])).rejects.toThrow(
    `model.safetensors: received ${received}; expected what a recipe writes. Run the recipe again`,
  );
});

test('a network whose training has failed tells no class', async () => {
  await write(JSON.stringify(FACTS), 1e30);
  await expect(predict([folder, image])).rejects.toThrow(
    /received probabilities NaN, NaN from its network; expected numbers: its training has failed/,
  );
});

test('a model that cannot be read is not one that is not there yet', async () => {
  await mkdir(join(folder, 'run/model.safetensors'), { recursive: true });
  await writeFile(join(folder, 'run/checkpoint.safetensors'), '');
  await expect(predict([join(folder, 'run'), image])).rejects.toThrow(
    'model.safetensors: it is a folder; expected a run',
  );
  await expect(predict(['', image])).rejects.toThrow("RUN: expected a path, received ''");
});
