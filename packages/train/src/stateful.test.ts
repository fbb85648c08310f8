import { valueAndGrad } from '@lemmata/autograd';
import { reluLayer } from '@lemmata/layers-activation';
import { dropoutLayer } from '@lemmata/layers-dropout';
import { linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { crossEntropy } from '@lemmata/losses';
import { sequential, type Layer } from '@lemmata/nn';
import { adam } from '@lemmata/optim';
import { key, randomNormal, REFERENCE, run, splitKey, tensor, type Tensor } from '@lemmata/tensor';
import { leaves } from '@lemmata/tree';
import { describe, expect, test, vi } from 'vitest';
import { initialState, trainingStep, type TrainState } from './step.js';

// Batch norm forces state through the step, dropout forces keys: what is dropped on the way shows here.
const model: Layer = sequential({
  fc1: linearLayer({ outFeatures: 12 }),
  bn: batchNormLayer(),
  relu: reluLayer(),
  drop1: dropoutLayer({ p: 0.4 }),
  fc2: linearLayer({ outFeatures: 12 }),
  drop2: dropoutLayer({ p: 0.4 }),
  fc3: linearLayer({ outFeatures: 3 }),
});
const optimizer = adam({ learningRate: 0.01 });
const x = randomNormal(key(11), [16, 5]);
const y = tensor(
  Array.from({ length: 16 }, (_, i) => i % 3),
  { dtype: 'int32' },
);
const bits = (tree: unknown): number[][] => (leaves<unknown>(tree) as Tensor[]).map((t) => Array.from(t.dataSync()));

/** The training step without compilation; the variants are the bugs that the comparison must notice. */
function eagerStep(
  now: TrainState,
  bug?: 'state by closure' | 'key not advanced' | 'one key for all layers',
): [TrainState, Tensor] {
  const [forNext, forThis] = splitKey(now.key, 2) as [Tensor, Tensor];
  const used = bug === 'one key for all layers' ? now.key : forThis;
  const { value, aux, grads } = valueAndGrad((params: any) => {
    const [output, state] = model.apply(params, now.state, x, { train: true, key: used });
    return [crossEntropy(output, y), state] as const;
  })(now.params);
  const [params, memory] = optimizer.update(grads, now.optimizer, now.params);
  return [
    {
      params,
      state: bug === 'state by closure' ? now.state : aux,
      optimizer: memory,
      key: bug === 'key not advanced' ? now.key : forNext,
    },
    value,
  ];
}

describe('batch norm, dropout and Adam in a compiled step', () => {
  const step = trainingStep({ model, loss: crossEntropy, optimizer });

  test('equal eager code bit for bit, step after step, in one program', () => {
    let compiled = initialState(model, optimizer, [5], 4);
    let eager: TrainState = initialState(model, optimizer, [5], 4);
    for (let i = 0; i < 4; i++) {
      let loss: Tensor;
      [eager, loss] = eagerStep(eager);
      const [next, sums] = step(compiled, x, y);
      compiled = next;
      expect(sums.loss.item()).toBe(loss.item());
      expect(bits(compiled)).toEqual(bits(eager));
    }
    expect(step.size).toBe(1);
    expect(bits(compiled.state)[0]!.some((v) => v !== 0)).toBe(true);
  });

  test.each(['state by closure', 'key not advanced', 'one key for all layers'] as const)(
    'a step with %s would be noticed',
    (bug) => {
      let compiled = initialState(model, optimizer, [5], 4);
      let wrong: TrainState = initialState(model, optimizer, [5], 4);
      for (let i = 0; i < 2; i++) {
        [compiled] = step(compiled, x, y);
        [wrong] = eagerStep(wrong, bug);
      }
      expect(bits(compiled)).not.toEqual(bits(wrong));
    },
  );

  test('masks differ from step to step and from layer to layer', () => {
    const zeros = (params: any, k: Tensor): string[] => {
      const seen: string[] = [];
      const watch = (layer: Layer): Layer => ({
        ...layer,
        apply(p, s, input, context) {
          const [out, state] = layer.apply(p, s, input, context);
          seen.push(Array.from(out.dataSync(), (v) => (v === 0 ? 0 : 1)).join(''));
          return [out, state];
        },
      });
      const two = sequential({ a: watch(dropoutLayer({ p: 0.5 })), b: watch(dropoutLayer({ p: 0.5 })) });
      two.apply(params, { a: {}, b: {} }, randomNormal(key(3), [4, 16]), { train: true, key: k });
      return seen;
    };
    const [first, second] = [zeros({ a: {}, b: {} }, key(1)), zeros({ a: {}, b: {} }, key(2))];
    expect(first[0]).not.toBe(second[0]);
    // The second layer's mask is not the first's: it drops some of what the first let through.
    expect(first[1]).not.toBe(first[0]);
    expect(zeros({ a: {}, b: {} }, key(1))).toEqual(first);
  });

  test('1,000 steps reserve nothing after the first, and allocate one scalar each: the loss', () => {
    const fresh = trainingStep({ model, loss: crossEntropy, optimizer });
    let state = initialState(model, optimizer, [5], 4);
    [state] = fresh(state, x, y);
    const [reserve, allocate] = [vi.spyOn(REFERENCE, 'reserve'), vi.spyOn(REFERENCE, 'allocate')];
    for (let i = 0; i < 1000; i++) [state] = fresh(state, x, y);
    expect(reserve).not.toHaveBeenCalled();
    expect(allocate).toHaveBeenCalledTimes(1000);
    expect(new Set(allocate.mock.calls.map(([, length]) => length))).toEqual(new Set([1]));
    vi.restoreAllMocks();
  });

  test('1,000 eager steps live in the memory of the first', () => {
    let state: TrainState = initialState(model, optimizer, [5], 4);
    const step = (now: TrainState): TrainState => run((s: TrainState) => eagerStep(s)[0], now);
    for (let i = 0; i < 3; i++) state = step(state);
    const warm = REFERENCE.memory.spareBytes;
    for (let i = 0; i < 1000; i++) state = step(state);
    expect(REFERENCE.memory.spareBytes).toBe(warm);
  });
});
