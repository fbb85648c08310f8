import { mse } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import { sgd } from '@lemmata/optim';
import { key, matmul, ones, randomNormal, type Tensor, tensor, zeros } from '@lemmata/tensor';
import { compiledStep, supervised, type TrainState } from '@lemmata/train';
import { expect, test } from 'vitest';
import { eachOf, sideBySide, whileFinite, type Learner } from './side-by-side.js';
import { objectiveJob } from './supervised.js';

const model: Layer<{ weight: Tensor }, object> = {
  kind: 'line',
  init: () => ({ params: { weight: randomNormal(key(1), [2, 1]) }, state: {}, outputShape: [1] }),
  apply: ({ weight }, state, x) => [matmul(x, weight), state],
};
const learner = (learningRate: number, seed = 1): Learner<TrainState> => {
  const objective = supervised({ model, loss: mse, metrics: { high: (y) => y } });
  return objectiveJob({ model, inputShape: [2], objective, optimizer: sgd({ learningRate }), seed });
};
const x = tensor([
  [1, 2],
  [3, 4],
]);
const y = tensor([[1], [-1]]);

/** The model after so many steps, and what was reported of the last. */
function trained<T>(one: Learner<T>, steps: number, compiled = true) {
  const step = compiled ? compiledStep(one.step) : one.step;
  let state = one.start();
  let sums: ReturnType<Learner['step']>[1] | undefined;
  for (let i = 0; i < steps; i++) [state, sums] = step(state, x, y);
  return { state, loss: sums!.loss.item(), metrics: sums!.metrics, params: one.model(state).params as any };
}

test.each([true, false])('learners side by side learn what each learns alone, compiled %j', (compiled) => {
  const learners = { slow: learner(0.01), fast: learner(0.02) };
  const together = trained(sideBySide(learners), 3, compiled);
  const alone = eachOf(['slow', 'fast'], (name) => trained(learners[name], 3, compiled));
  for (const name of ['slow', 'fast'] as const) {
    expect(together.params[name].weight.toArray()).toEqual(alone[name].params.weight.toArray());
    // Sums over the batch of two.
    expect(together.metrics[`loss ${name}`]!.item()).toBeCloseTo(2 * alone[name].loss, 5);
    expect(together.metrics[`high ${name}`]!.item()).toBe(alone[name].metrics['high']!.item());
  }
  expect(together.loss).toBeCloseTo((alone.slow.loss + alone.fast.loss) / 2, 5);
});

test('one that fails stays where it was; those beside it go on', () => {
  const wild = learner(1e15);
  const { state, metrics, params, loss } = trained(
    sideBySide({ tame: whileFinite(learner(0.01)), wild: whileFinite(wild) }),
    12,
  );
  const taken = state.wild.taken.item();
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(12);
  expect(state.tame.taken.item()).toBe(12);
  expect(params.tame.weight.toArray()).toEqual(trained(learner(0.01), 12).params.weight.toArray());
  expect(params.wild.weight.toArray()).toEqual(trained(wild, taken).params.weight.toArray());
  expect(metrics['loss wild']!.item()).toBeCloseTo(2 * trained(wild, taken).loss, -30);
  expect(metrics['high wild']!.item()).toBe(0);
  expect(Number.isFinite(loss)).toBe(true);
});

test('a learner refuses unknown options', () => {
  expect(() => objectiveJob({ inputShap: [2] } as never)).toThrow(
    "objectiveJob: unknown option 'inputShap'; did you mean 'inputShape'?",
  );
});

test('once failed, a learner does not go on, even where it could', () => {
  // Its next state is not finite for one batch alone.
  const shy: Learner<Tensor> = {
    start: () => zeros([]),
    step: (_state, batch) => [ones([]), { loss: batch!, metrics: {} }],
    model: (state) => ({ params: state, state: {} }),
  };
  const step = whileFinite(shy).step;
  let held = whileFinite(shy).start();
  for (const value of [2, Infinity, 3]) [held] = step(held, tensor(value));
  expect([held.loss, held.taken, held.alive, held.now].map((t) => t.item())).toEqual([2, 1, 0, 1]);
});
