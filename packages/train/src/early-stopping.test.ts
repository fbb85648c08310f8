import { arrayDataset, loader } from '@lemmata/data';
import { linearLayer } from '@lemmata/layers-linear';
import { mse } from '@lemmata/losses';
import { sequential } from '@lemmata/nn';
import { sgd } from '@lemmata/optim';
import { full, type Tensor, tensor } from '@lemmata/tensor';
import { leaves } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { earlyStopping, type EarlyStoppingOptions, type EarlyStoppingState } from './early-stopping.js';
import type { Cursor } from './loop.js';
import type { TrainState } from './step.js';
import { train } from './train.js';

/** The memory after these measures, or after the one that stops; states are the numbers of measurements. */
function after(options: EarlyStoppingOptions, measures: readonly number[]): EarlyStoppingState<number> {
  const { init, update } = earlyStopping(options);
  let memory = init<number>();
  for (const [i, measure] of measures.entries()) {
    memory = update(memory, measure, i);
    if (memory.stop) break;
  }
  return memory;
}
const kept = ({ best, count, stop }: EarlyStoppingState<number>): unknown[] => [best?.state, count, stop];

const bits = (tree: unknown): number[][] => (leaves<unknown>(tree) as Tensor[]).map((t) => Array.from(t.dataSync()));

describe('O11: early stopping', () => {
  test('O11: keeps the best state where patience ends, and where the measures end by themselves', () => {
    expect(kept(after({ patience: 2 }, [5, 3, 4, 6, 7, 0]))).toEqual([1, 5, true]);
    expect(kept(after({ patience: 2 }, [5, 3, 4, 6]))).toEqual([1, 4, false]);
    expect(kept(after({ patience: 2, mode: 'max' }, [5, 9, 4, 6]))).toEqual([1, 4, false]);
    expect(kept(after({}, []))).toEqual([undefined, 0, false]);
  });

  test('O11: patience 0 stops at the first measurement without progress, never at the first of all', () => {
    expect(kept(after({ patience: 0 }, [5]))).toEqual([0, 1, false]);
    expect(kept(after({ patience: 0 }, [5, 4, 4.5, 1]))).toEqual([1, 3, true]);
    expect(kept(after({ patience: 1 }, [5, 4, 4.5, 1, 1]))).toEqual([3, 5, false]);
    const defaults = after({}, [1, ...new Array<number>(20).fill(1)]);
    expect([defaults.count, defaults.waited]).toEqual([12, 11]);
  });

  test('O11: of ties the first is best, and a tie is no progress', () => {
    expect(kept(after({ patience: 0 }, [2, 2, 1]))).toEqual([0, 2, true]);
    expect(kept(after({ patience: 0, mode: 'max' }, [2, 2, 3]))).toEqual([0, 2, true]);
  });

  test('O11: minDelta must be exceeded; small steps are best at once, and progress once they add up', () => {
    // Steps of exactly 0.25.
    expect(kept(after({ patience: 0, minDelta: 0.25 }, [2, 1.75, 1]))).toEqual([1, 2, true]);
    expect(kept(after({ patience: 1, minDelta: 0.25 }, [2, 1.75, 1.5, 1.25, 1]))).toEqual([4, 5, false]);
    expect(kept(after({ patience: 0, minDelta: 0.25, mode: 'max' }, [2, 2.25, 3]))).toEqual([1, 2, true]);
    expect(kept(after({ patience: 0, minDelta: 0.2 }, [2, 1.75, 1.5]))).toEqual([2, 3, false]);
    // Not measured against the best but against the last progress: a better state is kept, patience goes on.
    expect(after({ patience: 5, minDelta: 1 }, [2, 1.5, 1.75])).toMatchObject({
      best: { measure: 1.5, index: 1 },
      progress: 2,
      waited: 2,
    });
  });

  test('O11: NaN is neither best nor progress, wherever it comes', () => {
    expect(kept(after({ patience: 1 }, [NaN, NaN, 1]))).toEqual([undefined, 2, true]);
    expect(kept(after({ patience: 1 }, [NaN, 3, NaN, 2]))).toEqual([3, 4, false]);
    expect(kept(after({ patience: 0, mode: 'max' }, [3, NaN, 9]))).toEqual([0, 2, true]);
    expect(kept(after({ patience: 1 }, [Infinity, 1, -Infinity, -5]))).toEqual([2, 4, false]);
  });

  test('O11: the memory is a value, and kept tensors are copies of all dtypes', () => {
    const { init, update } = earlyStopping({ patience: 0 });
    const state = {
      w: tensor([1, 2], { dtype: 'float64' }),
      n: [full([], 3, 'int32')],
      on: tensor([true, false]),
      none: null,
    };
    const one = update(init<typeof state>(), 1, state);
    const two = update(one, 2, { ...state, w: tensor([7, 8]) });
    expect([one.stop, two.stop, update(one, 0.5, state).stop]).toEqual([false, true, false]);
    const copy = two.best!.state;
    expect(copy).toBe(one.best!.state);
    expect([copy.w === state.w, copy.w.dtype, copy.n[0]!.dtype, copy.on.dtype, copy.none]).toEqual([
      false,
      'float64',
      'int32',
      'bool',
      null,
    ]);
    expect(bits(copy)).toEqual(bits(state));
  });

  test('O11: of a training whose epochs end, the best state outlives the steps after it and can be gone on from', async () => {
    const x = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i * i));
    const y = Float32Array.from({ length: 8 }, (_, i) => x[2 * i]! - x[2 * i + 1]!);
    const data = arrayDataset({ x: { data: x, shape: [8, 2] }, y: { data: y, shape: [8, 1] } });
    const options = {
      model: sequential({ out: linearLayer({ outFeatures: 1 }) }),
      loss: mse,
      optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }),
      batches: loader(data, { batchSize: 4, shuffle: false }),
      seed: 3,
    };
    /** What stands in for a measure on held-out data: epoch 2 is the best of 5. */
    const measures = [3, 2, 1, 4, 5];
    const seen: number[][][] = [];
    const { init, update } = earlyStopping({ patience: 3 });
    let memory = init<{ state: TrainState; cursor: Cursor }>();
    for await (const { kind, epoch, state, cursor } of train({ ...options, epochs: 5 })) {
      if (kind !== 'epoch') continue;
      seen.push(bits(state));
      memory = update(memory, measures[epoch]!, { state, cursor });
    }
    expect([memory.stop, memory.best!.index, memory.best!.state.cursor]).toEqual([false, 2, { epoch: 3, step: 0 }]);
    expect(bits(memory.best!.state.state)).toEqual(seen[2]);
    expect(seen[4]).not.toEqual(seen[2]);

    let last: unknown;
    for await (const { state } of train({ ...options, epochs: 5, from: memory.best!.state })) last = bits(state);
    expect(last).toEqual(seen[4]);
  });

  test('refuses unknown options and values that are none', () => {
    expect(() => earlyStopping({ patients: 3 } as never)).toThrow(
      "earlyStopping: unknown option 'patients'; did you mean 'patience'? (it takes mode, patience, minDelta)",
    );
    expect(() => earlyStopping({ mode: 'least' as never, patience: -1, minDelta: NaN })).toThrow(
      /^earlyStopping: 3 problems[\s\S]*mode must be 'min' or 'max', received 'least'[\s\S]*patience must be a whole number of at least 0, received -1[\s\S]*minDelta must be a finite number of at least 0, received NaN/,
    );
    expect(() => earlyStopping({ patience: 1.5 })).toThrow(/patience/);
    expect(() => earlyStopping({ minDelta: -0.1 })).toThrow(/minDelta/);
    expect(() => earlyStopping({ minDelta: Infinity })).toThrow(/minDelta/);
  });
});
