import { valueAndGrad } from '@lemmata/autograd';
import { wasmBackend } from '@lemmata/backend-wasm';
import { NonFiniteError } from '@lemmata/compile';
import { arrayDataset, loader } from '@lemmata/data';
import { readSafetensors, writeSafetensors } from '@lemmata/formats';
import { reluLayer } from '@lemmata/layers-activation';
import { linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { dropoutLayer } from '@lemmata/layers-dropout';
import { crossEntropy } from '@lemmata/losses';
import { sequential, type Layer } from '@lemmata/nn';
import { sgd } from '@lemmata/optim';
import { key } from '@lemmata/random';
import { div, key as keyTensor, mean, splitKey, sub, tensor, type Tensor } from '@lemmata/tensor';
import { leaves } from '@lemmata/tree';
import { describe, expect, test, vi } from 'vitest';
import { columnTensor, macrotask } from './batch.js';
import { decodeCheckpoint, decodeModel, encodeCheckpoint, encodeModel } from './checkpoint.js';
import { evaluate } from './evaluate.js';
import { accuracy } from './metrics/index.js';
import { loop, TrainingError } from './loop.js';
import { initialState, supervised, trainingStep } from './step.js';
import { train, type TrainEvent, type TrainOptions } from './train.js';

/** Points on a plane; the class is the quadrant. */
function quadrants(count: number): {
  x: { data: Float32Array; shape: number[] };
  y: { data: Int32Array; shape: number[] };
} {
  const x = new Float32Array(2 * count);
  const y = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    x[2 * i] = Math.sin(1 + 7 * i);
    x[2 * i + 1] = Math.cos(3 * i);
    y[i] = (x[2 * i]! > 0 ? 1 : 0) + (x[2 * i + 1]! > 0 ? 2 : 0);
  }
  return { x: { data: x, shape: [count, 2] }, y: { data: y, shape: [count] } };
}

const model = (): Layer =>
  sequential({ fc1: linearLayer({ outFeatures: 16 }), relu: reluLayer(), fc2: linearLayer({ outFeatures: 4 }) });
const batches = loader(arrayDataset(quadrants(50)), { batchSize: 16, shuffle: key(1) });

function options(more: Partial<TrainOptions<any, any, any, any>> = {}): TrainOptions<any, any, any, any> {
  return {
    model: model(),
    loss: crossEntropy,
    optimizer: sgd({ learningRate: 0.3, momentum: 0.9 }),
    batches,
    epochs: 3,
    seed: 7,
    metrics: { accuracy },
    ...more,
  };
}

async function collect(
  more: Partial<TrainOptions<any, any, any, any>> = {},
  stopAfter = Infinity,
): Promise<{ events: TrainEvent[]; last: TrainEvent }> {
  const events: TrainEvent[] = [];
  let steps = 0;
  for await (const event of train(options(more))) {
    events.push(event);
    if (event.kind === 'step' && ++steps >= stopAfter) break;
  }
  return { events, last: events.at(-1)! };
}

const bits = (tree: unknown): number[][] => (leaves<unknown>(tree) as Tensor[]).map((t) => Array.from(t.dataSync()));

describe('train', () => {
  test('learns, and reports every step and epoch', async () => {
    const { events } = await collect({ epochs: 30 });
    const steps = events.filter((e) => e.kind === 'step');
    const epochs = events.filter((e) => e.kind === 'epoch');
    expect([steps.length, epochs.length]).toEqual([120, 30]);
    expect(steps.slice(0, 4).map((e) => [e.step, e.size])).toEqual([
      [1, 16],
      [2, 16],
      [3, 16],
      [4, 2],
    ]);
    expect(epochs.at(-1)!.metrics['accuracy']).toBeGreaterThan(0.9);
  });

  test('O8: an epoch counts its last partial batch by its size', async () => {
    const { events } = await collect({ epochs: 1 });
    const steps = events.filter((e) => e.kind === 'step');
    const weighted = (f: (e: TrainEvent) => number): number =>
      steps.reduce((total, e) => total + f(e) * e.size, 0) / 50;
    const epoch = events.at(-1)!;
    expect(epoch.size).toBe(50);
    expect(epoch.loss).toBeCloseTo(
      weighted((e) => e.loss),
      12,
    );
    expect(epoch.metrics['accuracy']).toBeCloseTo(
      weighted((e) => e.metrics['accuracy']!),
      12,
    );
  });

  test('each event says where to go on; a resumed epoch is of the samples that were left', async () => {
    const { events } = await collect({ epochs: 2 });
    const places = events.map(({ kind, epoch, step, steps, cursor }) => [kind, epoch, step, steps, cursor]);
    const rest = (epoch: number) => [
      ...[1, 2, 3].map((step) => ['step', epoch, step, 4, { epoch, step }]),
      ['step', epoch, 4, 4, { epoch: epoch + 1, step: 0 }],
      ['epoch', epoch, 4, 4, { epoch: epoch + 1, step: 0 }],
    ];
    expect(places).toEqual([...rest(0), ...rest(1)]);
    for (const [step, left] of [
      [3, ['step 2', 'epoch 2']],
      [4, []],
    ] as const) {
      const from = { state: initialState(model(), options().optimizer, [2], 1), cursor: { epoch: 0, step } };
      const resumed = await collect({ epochs: 1, from });
      expect(resumed.events.map(({ kind, size }) => `${kind} ${size}`)).toEqual(left);
    }
  });

  test('parameters are drawn for the shape of one sample', async () => {
    const init = vi.fn(model().init);
    await collect({ model: { ...model(), init }, epochs: 1 });
    expect(init.mock.calls.map(([, shape]) => shape)).toEqual([[2]]);
  });

  test('same seed, same bits; another seed, others', async () => {
    const [a, b, c] = [await collect(), await collect(), await collect({ seed: 8 })];
    expect(bits(a.last.state)).toEqual(bits(b.last.state));
    expect(bits(c.last.state)).not.toEqual(bits(a.last.state));
  });

  test('begins on the backend that it is given, from a fresh start and from a state that lies elsewhere', async () => {
    const backend = wasmBackend({ threads: 1 });
    const places = (state: unknown): Set<unknown> =>
      new Set((leaves<unknown>(state) as Tensor[]).map((t) => t.interpreter));
    const { last } = await collect({ backend, epochs: 1 });
    expect([...places(last.state)]).toEqual([backend.eager]);
    const elsewhere = initialState(model(), options().optimizer, [2], 7);
    expect(places(elsewhere).has(backend.eager)).toBe(false);
    const from = { state: elsewhere, cursor: { epoch: 0, step: 0 } };
    const again = await collect({ backend, epochs: 1, from });
    expect([...places(again.last.state)]).toEqual([backend.eager]);
    expect(bits(again.last.state)).toEqual(bits(last.state));
  });

  test('O10: stopped anywhere and resumed from a checkpoint, it ends with the same bits', async () => {
    const whole = await collect();
    for (const stop of [1, 4, 6]) {
      const { last } = await collect({}, stop);
      const bytes = encodeCheckpoint(last.state, last.cursor, { recipe: 'quadrants' });
      const fresh = initialState(model(), options().optimizer, [2], 123);
      const from = decodeCheckpoint(bytes, fresh);
      expect([from.cursor, from.metadata['recipe']]).toEqual([last.cursor, 'quadrants']);
      const resumed = await collect({ from });
      expect(resumed.events.filter(({ kind }) => kind === 'step')).toHaveLength(12 - stop);
      expect(bits(resumed.last.state)).toEqual(bits(whole.last.state));
    }
  });

  test('a compiled step equals the same step in eager code, bit for bit', () => {
    const { optimizer } = options();
    const step = trainingStep({ model: model(), loss: crossEntropy, optimizer, metrics: { accuracy } });
    const start = initialState(model(), optimizer, [2], 3);
    const { x, y } = quadrants(8);
    const [xs, ys] = [tensor(x.data, { shape: x.shape }), tensor(y.data, { shape: y.shape })];
    let compiled = start;
    let eager = start;
    for (let i = 0; i < 3; i++) {
      [compiled] = step(compiled, xs, ys);
      const { params, state, optimizer: memory, key: before } = eager;
      const [forNext, forThis] = splitKey(before, 2) as [Tensor, Tensor];
      const { grads } = valueAndGrad((p: any) =>
        crossEntropy(model().apply(p, state, xs, { train: true, key: forThis })[0], ys),
      )(params);
      const [nextParams, nextMemory] = optimizer.update(grads, memory, params);
      eager = { params: nextParams as never, state, optimizer: nextMemory, key: forNext };
      expect(bits(compiled)).toEqual(bits(eager));
    }
    expect(step.size).toBe(1);
  });

  test('stops at the first value that is not finite, naming epoch, step and op; the state before is unharmed', async () => {
    let last: TrainEvent | undefined;
    const poisoned = {
      steps: 4,
      epoch: () =>
        [...batches.epoch(0)].map((b, i) =>
          i === 2 ? { ...b, x: { ...b.x, data: b.x.data.map(() => Infinity) } } : b,
        ),
    };
    const run = async (): Promise<void> => {
      for await (const event of train(options({ batches: poisoned }))) last = event;
    };
    const error: unknown = await run().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TrainingError);
    expect(error).toMatchObject({ name: 'TrainingError', epoch: 0, step: 3, cause: expect.any(NonFiniteError) });
    expect((error as Error).message).toMatch(
      /^training stopped in epoch 1, step 3: training step: argument 1 is Infinity at 0 already/,
    );
    expect(last!.step).toBe(2);
    for (const values of bits(last!.state)) for (const v of values) expect(Number.isFinite(v)).toBe(true);
  });

  test('names the op that made it, and the layer before it', async () => {
    const loss = (output: Tensor, target: Tensor): Tensor =>
      div(crossEntropy(output, target), sub(mean(output), mean(output)));
    await expect(
      (async () => {
        for await (const _ of train(options({ loss }))) void _;
      })(),
    ).rejects.toThrow(
      /in epoch 1, step 1: training step: div, behind .*0\.params\.fc2\.weight.* made Infinity of finite values/,
    );
  });

  test('the event loop has its turn between steps', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 0);
    await collect({ epochs: 20 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
  });

  test('where there is no setImmediate the loop waits for a timer', async () => {
    const timer = vi.spyOn(globalThis, 'setTimeout');
    await macrotask();
    expect(timer).not.toHaveBeenCalled();
    vi.stubGlobal('setImmediate', undefined);
    await macrotask();
    vi.unstubAllGlobals();
    expect(timer).toHaveBeenCalledOnce();
    timer.mockRestore();
  });

  test('an epoch without a batch tells nothing', async () => {
    const { last } = await collect({ batches: { steps: 0, epoch: () => [] } });
    expect(last).toBeUndefined();
  });

  test('columns of float64 stay so, whole numbers become int32', () => {
    const dtypes = [new Float32Array(1), new Float64Array(1), new Uint8Array(1)].map(
      (data) => columnTensor({ data, shape: [1] }).dtype,
    );
    expect(dtypes).toEqual(['float32', 'float64', 'int32']);
  });

  test('an error of the step is passed on as it is', async () => {
    const own = new Error('mine');
    const run = async (epochs: number): Promise<void> => {
      const step = (): never => {
        throw own;
      };
      for await (const _ of loop({ step, state: {}, batches, epochs })) expect.unreachable();
    };
    await expect(run(1)).rejects.toBe(own);
    await expect(run(0)).resolves.toBeUndefined();
    for (const epochs of [-1, 1.5])
      await expect(run(epochs)).rejects.toThrow(`train: epochs is a count, received ${epochs}`);
  });

  test('refuses unknown options and a batch without a target', async () => {
    await expect(collect({ epoch: 3 } as never)).rejects.toThrow(/unknown option 'epoch'; did you mean 'epochs'/);
    const bare = { steps: 1, epoch: () => [{ x: quadrants(4).x }] };
    await expect(collect({ batches: bare as never })).rejects.toThrow(
      /a batch needs two columns, input and target; received x/,
    );
    const empty = { steps: 1, epoch: () => [{}] };
    await expect(collect({ batches: empty as never })).rejects.toThrow(/received none; say which with example/);
  });
});

test.each([
  [train, 'model, loss, optimizer, batches, epochs, seed, metrics, example, from, backend'],
  [loop, 'step, state, batches, epochs, columns, cursor'],
] as const)('%o says what it takes', async (make, takes) => {
  const run = async (): Promise<void> => {
    for await (const _ of (make as typeof loop)({ epoch: 3 } as never)) expect.unreachable();
  };
  await expect(run()).rejects.toThrow(
    `${make.name}: unknown option 'epoch'; did you mean 'epochs'? (it takes ${takes})`,
  );
});

test('what stands below train refuses unknown options too', () => {
  const given = { model: model(), loss: crossEntropy };
  const like = given.model.init(keyTensor(0), [2]);
  for (const [make, message] of [
    [
      () => supervised({ ...given, metric: {} } as never),
      "supervised: unknown option 'metric'; did you mean 'metrics'?",
    ],
    [
      () => trainingStep({ ...given, optimizer: sgd({ learningRate: 1 }), metric: {} } as never),
      "trainingStep: unknown option 'metric'; did you mean 'metrics'?",
    ],
    [
      () => decodeModel(encodeModel(like), like, { ignored: () => true } as never),
      "decodeModel: unknown option 'ignored'; did you mean 'ignore'? (it takes name, ignore)",
    ],
  ] as const)
    expect(make).toThrow(message);
});

describe('evaluate', () => {
  test('O9: means over all samples, and nothing changes', async () => {
    const { last } = await collect();
    const before = bits(last.state);
    const seen: number[] = [];
    const unshuffled = loader(arrayDataset(quadrants(50)), { batchSize: 16, shuffle: false });
    const result = await evaluate({
      model: model(),
      params: last.state.params,
      state: last.state.state,
      loss: crossEntropy,
      batches: unshuffled,
      metrics: { accuracy },
      onBatch: (output) => seen.push(output.shape[0]!),
    });
    expect(seen).toEqual([16, 16, 16, 2]);
    expect(result.size).toBe(50);
    expect(result.metrics['accuracy']! * 50).toBeCloseTo(Math.round(result.metrics['accuracy']! * 50), 9);
    expect(bits(last.state)).toEqual(before);
  });

  test('batches of many sizes are many programs, and a warning says whose', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = linearLayer({ outFeatures: 4 });
    const { params, state } = model.init(keyTensor(1), [2]);
    const sizes = { steps: 16, epoch: () => Array.from({ length: 16 }, (_, i) => quadrants(i + 1)) };
    await evaluate({ model, params, state, loss: crossEntropy, batches: sizes });
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^evaluation: 16 programs have been compiled/)]]);
    warn.mockRestore();
  });

  test('the model infers: nothing is dropped, and normalised by what was seen in training', async () => {
    const model = sequential({
      bn: batchNormLayer(),
      drop: dropoutLayer({ p: 0.5 }),
      fc: linearLayer({ outFeatures: 4 }),
    });
    const { params, state } = model.init(keyTensor(1), [2]);
    const { x, y } = quadrants(8);
    const given = { model, params, state, loss: crossEntropy };
    const { loss, size, metrics } = await evaluate({
      ...given,
      batches: loader(arrayDataset({ y, x }), { batchSize: 8, shuffle: false }),
      example: (batch) => [batch.x, batch.y],
    });
    const [output] = model.apply(params, state, tensor(x.data, { shape: x.shape }), { train: false });
    expect(loss).toBe(crossEntropy(output, tensor(y.data)).item());
    expect([size, metrics]).toEqual([8, {}]);
    await expect(evaluate({ ...given, exmaple: 1 } as never)).rejects.toThrow(
      "evaluate: unknown option 'exmaple'; did you mean 'example'? (it takes model, params, state, loss, batches, metrics, example, onBatch)",
    );
  });
});

describe('checkpoints', () => {
  test('a model file has the names of its layers, and loads strictly', () => {
    const { params, state } = initialState(model(), options().optimizer, [2], 0);
    const bytes = encodeModel({ params, state });
    const other = initialState(model(), options().optimizer, [2], 1);
    expect(bits(decodeModel(bytes, other).params)).toEqual(bits(params));
    const wider = sequential({
      fc1: linearLayer({ outFeatures: 17 }),
      relu: reluLayer(),
      fc9: linearLayer({ outFeatures: 4 }),
    });
    const like = initialState(wider, options().optimizer, [2], 0);
    expect(() => decodeModel(bytes, like, { name: 'm.safetensors' })).toThrow(
      /m\.safetensors[\s\S]*missing: fc9\.weight[\s\S]*unexpected: fc2\.weight[\s\S]*mismatched: fc1\.weight/,
    );
  });

  test('what PyTorch counts of batch norm is left over, and nothing else', () => {
    const start = initialState(model(), options().optimizer, [2], 0);
    const { arrays } = readSafetensors(encodeModel(start));
    const count = { dtype: 'int64', shape: [], data: new BigInt64Array(1) } as const;
    const withMore = (name: string): Uint8Array => writeSafetensors({ ...arrays, [name]: count });
    expect(bits(decodeModel(withMore('bn.num_batches_tracked'), start).params)).toEqual(bits(start.params));
    expect(() => decodeModel(withMore('num_batches_tracked.bn'), start)).toThrow(
      /^model: .*\n  unexpected: num_batches_tracked\.bn/,
    );
  });

  test('a file that is cut off is called by its name', () => {
    const start = initialState(model(), options().optimizer, [2], 0);
    const cut = encodeModel(start).subarray(0, 9);
    expect(() => decodeModel(cut, start)).toThrow(/^model: /);
    expect(() => decodeModel(cut, start, { name: 'm.safetensors' })).toThrow(/^m\.safetensors: /);
    expect(() => decodeCheckpoint(cut, start)).toThrow(/^checkpoint: /);
  });

  test('a model file is no checkpoint', () => {
    const start = initialState(model(), options().optimizer, [2], 0);
    expect(() => decodeCheckpoint(encodeModel(start), start)).toThrow(/missing/);
    const { arrays } = readSafetensors(encodeCheckpoint(start, { epoch: 1, step: 2 }));
    const about = (key: string): string =>
      `received no ${key} in its metadata; expected a file written by encodeCheckpoint`;
    const decode = (metadata: Record<string, string>) => () =>
      decodeCheckpoint(writeSafetensors(arrays, metadata), start);
    expect(decode({})).toThrow(`checkpoint: ${about('epoch')}`);
    expect(decode({ epoch: '1' })).toThrow(`checkpoint: ${about('step')}`);
    expect(() => decodeCheckpoint(writeSafetensors(arrays), start, 'c.safetensors')).toThrow(
      `c.safetensors: ${about('epoch')}`,
    );
    // What Number makes counts of, or nearly.
    for (const step of ['two', '', ' ', '-1', '0.5', '1e3', '0x1', 'Infinity', '9'.repeat(20)])
      expect(decode({ epoch: '1', step })).toThrow(
        `checkpoint: received step '${step}' in its metadata; expected a count, as encodeCheckpoint writes it`,
      );
    expect(decodeCheckpoint(writeSafetensors(arrays, { epoch: '0', step: '12' }), start).cursor).toEqual({
      epoch: 0,
      step: 12,
    });
  });

  test('a place that is none is not written', () => {
    for (const epoch of [-1, 0.5, NaN, 2 ** 53])
      expect(() => encodeCheckpoint({}, { epoch, step: 0 })).toThrow(
        new RangeError(`encodeCheckpoint: received a cursor whose epoch is ${epoch}; expected a count, from 0`),
      );
    expect(() => encodeCheckpoint({}, { epoch: 0, step: Infinity })).toThrow('whose step is Infinity');
  });

  test('nor gone on from', async () => {
    // No epoch is as early as NaN: nothing would be trained, in silence.
    const options = {
      step: () => [0, {}],
      state: 0,
      batches: { steps: 1, epoch: () => [] },
      epochs: 1,
    } as never as object;
    const first = loop({ ...(options as Parameters<typeof loop>[0]), cursor: { epoch: NaN, step: 0 } }).next();
    await expect(first).rejects.toThrow('train: received a cursor whose epoch is NaN; expected a count, from 0');
  });

  test('a parameter and a state of one name do not fit into a file', () => {
    const both = { params: { w: tensor([1]), v: tensor([1]) }, state: { w: tensor([2]), v: tensor([2]) } };
    const about = 'received both a parameter and a state called w, v; expected names of their own';
    expect(() => encodeModel(both)).toThrow(`encodeModel: ${about}`);
    const bytes = encodeModel({ ...both, state: {} });
    expect(() => decodeModel(bytes, both, { name: 'm' })).toThrow(`m: ${about}`);
  });
});
