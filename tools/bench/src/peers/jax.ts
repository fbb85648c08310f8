import { pathToFileURL } from 'node:url';
import { sizeOf } from '@lemmata/shape';
import { fingerprint, labels, mask, stream } from '../data.js';
import type { Block } from '../networks.js';
import { type Adapter, cannot, type ConvTask, NODE, type Prepared, type Task, type TrainTask } from '../task.js';
import { build, type Jax, type JaxArray } from './jax-network.js';
import { peersFolder, versionOf } from './peers.js';

/** jax-js on its WebAssembly backend. Convolutions and single operations without `jit`, which makes them slower there. */
export async function open(threads: number): Promise<Adapter> {
  if (threads > 1) cannot(`jax-js runs on one thread in Node, asked for ${threads}`);
  const version = versionOf('@jax-js/jax');
  const jax: Jax = await import(pathToFileURL(`${peersFolder}node_modules/@jax-js/jax/dist/index.js`).href);
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  return { engine: `jax-js ${version}, ${NODE}`, prepare: (task) => prepare(jax, task) };
}

/*
 * Arrays are counted: every use gives one reference up, and `.ref` takes another.
 */

async function prepare(jax: Jax, task: Task): Promise<Prepared> {
  const { numpy: np, nn, lax } = jax;
  const draw = (seed: number, shape: readonly number[]): JaxArray =>
    np.array(stream(seed, sizeOf(shape))).reshape(shape);
  const ready = <T extends readonly JaxArray[]>(...arrays: T): Promise<T> =>
    jax.blockUntilReady(arrays).then(() => arrays);
  switch (task.kind) {
    case 'matmul': {
      const [a, b] = await ready(draw(1, [task.size, task.size]), draw(2, [task.size, task.size]));
      return work(jax, () => np.matmul(a.ref, b.ref));
    }
    case 'conv':
      return conv(jax, task, draw);
    case 'relu': {
      const [x] = await ready(draw(1, [task.length]));
      return work(jax, () => nn.relu(x.ref));
    }
    case 'add':
    case 'small-add': {
      const [x, y] = await ready(draw(1, [task.length]), draw(2, [task.length]));
      const once = work(jax, () => x.ref.add(y.ref));
      if (task.kind === 'add') return once;
      return {
        ...once,
        units: task.times,
        async call() {
          for (let i = 0; i < task.times; i++) await once.call();
        },
      };
    }
    case 'softmax': {
      const [x] = await ready(draw(3, task.shape));
      return work(jax, () => nn.softmax(x.ref));
    }
    case 'batch-norm': {
      const channels = [1, task.shape[1]!, 1, 1];
      const [x, up, weight, bias] = await ready(
        draw(1, task.shape),
        draw(2, task.shape),
        np.ones(channels),
        np.zeros(channels),
      );
      const norm = (x: JaxArray, weight: JaxArray, bias: JaxArray): JaxArray => {
        const mean = np.mean(x.ref, [0, 2, 3], { keepdims: true });
        const centred = x.sub(mean);
        const variance = np.mean(np.square(centred.ref), [0, 2, 3], { keepdims: true });
        return centred
          .mul(np.reciprocal(np.sqrt(variance.add(1e-5))))
          .mul(weight)
          .add(bias);
      };
      return work(jax, () => gradients(jax, norm, [x.ref, weight.ref, bias.ref], up.ref));
    }
    case 'max-pool': {
      const [n, c, h, w] = task.shape as [number, number, number, number];
      const k = task.kernel;
      const [x, up] = await ready(draw(1, task.shape), draw(3, [n, c, h / k, w / k]));
      return work(jax, () =>
        gradients(jax, (x: JaxArray) => lax.reduceWindow(x, np.max, [k, k], [k, k]), [x.ref], up.ref),
      );
    }
    case 'infer':
      return cannot('inference is not compared with jax-js: its batch norm by running statistics is left out here');
    case 'train':
      return train(jax, task, draw(1, task.input));
  }
}

/** `body` gives an array, or several of which the first is checked. */
function work(jax: Jax, body: () => JaxArray | JaxArray[]): Prepared {
  return {
    async call() {
      const made = body();
      await jax.blockUntilReady(made);
      jax.tree.dispose(made);
    },
    async check() {
      const made = body();
      const [first, ...rest] = Array.isArray(made) ? made : [made];
      const values = fingerprint(await first.data());
      jax.tree.dispose(rest);
      return values;
    },
  };
}

/** Forward, then back: the gradients of all arguments, then the value. */
function gradients(
  jax: Jax,
  f: (...args: JaxArray[]) => JaxArray,
  args: readonly JaxArray[],
  up: JaxArray,
): JaxArray[] {
  const [value, pullback] = jax.vjp(f, args);
  const grads = pullback(up);
  pullback.dispose();
  return [...grads, value];
}

async function conv(
  jax: Jax,
  task: ConvTask,
  draw: (seed: number, shape: readonly number[]) => JaxArray,
): Promise<Prepared> {
  const { part, batch, channels, size, filters, kernel, padding, groups } = task;
  const out = size + 2 * padding - kernel + 1;
  const x = draw(1, [batch, channels, size, size]);
  const w = draw(2, [filters, channels / groups, kernel, kernel]);
  const up = draw(4, [batch, filters, out, out]);
  await jax.blockUntilReady([x, w, up]);
  const convolve = (x: JaxArray, w: JaxArray): JaxArray =>
    jax.lax.convGeneralDilated(
      x,
      w,
      [1, 1],
      [
        [padding, padding],
        [padding, padding],
      ],
      groups > 1 ? { featureGroupCount: groups } : {},
    );
  if (part === 'forward') return work(jax, () => convolve(x.ref, w.ref));
  // The pullback is kept, so that the forward pass is not timed.
  const [, pullback] =
    part === 'input'
      ? jax.vjp((x: JaxArray) => convolve(x, w.ref), [x])
      : jax.vjp((w: JaxArray) => convolve(x.ref, w), [w]);
  return work(jax, () => pullback(up.ref));
}

interface State {
  readonly parameters: JaxArray[];
  /** Running means and variances. */
  readonly statistics: JaxArray[];
  readonly m: JaxArray[];
  readonly v: JaxArray[];
}

function train(jax: Jax, task: TrainTask, x: JaxArray): Prepared {
  const { numpy: np, nn, tree } = jax;
  const { apply, parameters, statistics } = build(jax, task.network);
  const batch = task.input[0]!;
  const shape = task.loss === 'cross-entropy' ? [batch] : [batch, 1, task.input[2]!, task.input[3]!];
  const target =
    task.loss === 'cross-entropy'
      ? nn.oneHot(np.array(Array.from(labels(batch)), { dtype: np.int32 }), 10)
      : np.array(mask(2, sizeOf(shape))).reshape(shape);
  const lossOf = (y: JaxArray): JaxArray =>
    task.loss === 'cross-entropy'
      ? nn
          .logSoftmax(y)
          .mul(target.ref)
          .sum()
          .mul(-1 / batch)
      : np.mean(nn.softplus(y.ref).sub(y.mul(target.ref)));
  const objective = (p: JaxArray[], s: JaxArray[]): [JaxArray, JaxArray[]] => {
    const next: JaxArray[] = [];
    const y = apply({ parameters: p, statistics: s, next }, x.ref);
    return [lossOf(y), next];
  };
  const eager = jax.valueAndGrad(objective, { hasAux: true });
  const valueAndGrad = hasConvolution(task.network) ? eager : jax.jit(eager);
  const zeros = (): JaxArray[] => parameters.map((p) => np.zeros(p.shape));
  let state: State = { parameters, statistics, m: zeros(), v: task.optimizer === 'adam' ? zeros() : [] };
  let steps = 0;
  const losses: number[] = [];
  return {
    async call() {
      steps++;
      const [[loss, nextStatistics], grads] = valueAndGrad(tree.ref(state.parameters), state.statistics);
      state = {
        ...(task.optimizer === 'sgd' ? sgd(state, grads) : adam(jax, state, grads, steps)),
        statistics: nextStatistics,
      };
      await jax.blockUntilReady(state);
      const [value] = await loss.data();
      if (losses.length < 3) losses.push(value);
    },
    check: () => losses,
  };
}

function hasConvolution(blocks: readonly Block[]): boolean {
  return blocks.some(
    (block) => block.op === 'conv' || block.op === 'level' || (block.op === 'residual' && hasConvolution(block.body)),
  );
}

function sgd(state: State, grads: readonly JaxArray[]): State {
  const m = state.m.map((before, i) => before.mul(0.9).add(grads[i]));
  return { ...state, m, parameters: state.parameters.map((p, i) => p.sub(m[i].ref.mul(0.01))) };
}

function adam({ numpy: np }: Jax, state: State, grads: readonly JaxArray[], step: number): State {
  const [b1, b2] = [0.9, 0.999];
  const m = state.m.map((before, i) => before.mul(b1).add(grads[i].ref.mul(1 - b1)));
  const v = state.v.map((before, i) => before.mul(b2).add(np.square(grads[i]).mul(1 - b2)));
  const [c1, c2] = [1e-3 / (1 - b1 ** step), 1 / (1 - b2 ** step)];
  const parameters = state.parameters.map((p, i) => p.sub(m[i].ref.mul(c1).div(np.sqrt(v[i].ref.mul(c2)).add(1e-8))));
  return { ...state, m, v, parameters };
}
