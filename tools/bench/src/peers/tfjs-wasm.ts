import { sizeOf } from '@lemmata/shape';
import { fingerprint, labels, mask, stream } from '../data.js';
import { type Adapter, cannot, type ConvTask, NODE, type Prepared, type Task, type TrainTask } from '../task.js';
import { requirePeer, versionOf } from './peers.js';
import { makeBuilder, type Tf, type TfTensor } from './tfjs-network.js';

/** TensorFlow.js on its WebAssembly backend. Images lie channels last, its only layout there; moving them is not timed. */
export async function open(threads: number): Promise<Adapter> {
  if (threads > 1) cannot(`tfjs-wasm runs on one thread in Node, asked for ${threads}`);
  const tf: Tf = requirePeer('@tensorflow/tfjs');
  requirePeer('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  await tf.ready();
  return { engine: `tfjs-wasm ${versionOf('@tensorflow/tfjs')}, ${NODE}`, prepare: (task) => prepare(tf, task) };
}

function prepare(tf: Tf, task: Task): Prepared {
  const draw = (seed: number, shape: readonly number[]): TfTensor => tf.tensor(stream(seed, sizeOf(shape)), shape);
  const image = (seed: number, shape: readonly number[]): TfTensor =>
    tf.tidy(() => draw(seed, shape).transpose([0, 2, 3, 1]));
  switch (task.kind) {
    case 'matmul': {
      const [a, b] = [draw(1, [task.size, task.size]), draw(2, [task.size, task.size])];
      return work(tf, () => tf.matMul(a, b));
    }
    case 'conv':
      return conv(tf, task, draw, image);
    case 'relu': {
      const x = draw(1, [task.length]);
      return work(tf, () => tf.relu(x));
    }
    case 'add': {
      const [x, y] = [draw(1, [task.length]), draw(2, [task.length])];
      return work(tf, () => tf.add(x, y));
    }
    case 'small-add': {
      const [x, y] = [draw(1, [task.length]), draw(2, [task.length])];
      const once = work(tf, () => tf.add(x, y));
      return {
        ...once,
        units: task.times,
        call: () => {
          for (let i = 0; i < task.times; i++) tf.add(x, y).dispose();
        },
      };
    }
    case 'softmax': {
      const x = draw(3, task.shape);
      return work(tf, () => tf.softmax(x));
    }
    case 'batch-norm': {
      const [x, up, weight, bias] = [
        image(1, task.shape),
        image(2, task.shape),
        tf.ones([task.shape[1]]),
        tf.zeros([task.shape[1]]),
      ];
      const norm = (x: TfTensor, weight: TfTensor, bias: TfTensor): TfTensor => {
        const { mean, variance } = tf.moments(x, [0, 1, 2]);
        return tf.batchNorm(x, mean, variance, bias, weight, 1e-5);
      };
      return work(tf, () => tf.grads(norm)([x, weight, bias], up)[0]);
    }
    case 'max-pool': {
      const [n, c, h, w] = task.shape as [number, number, number, number];
      const k = task.kernel;
      const [x, up] = [image(1, task.shape), image(3, [n, c, h / k, w / k])];
      return work(tf, () => tf.grad((x: TfTensor) => tf.maxPool(x, k, k, 'valid'))(x, up));
    }
    case 'infer': {
      const { build } = makeBuilder(tf, false);
      const network = build(task.network);
      const x = image(1, task.input);
      return work(tf, () => network(x));
    }
    case 'train':
      return train(tf, task, task.input.length === 4 ? image : draw);
  }
}

/** Runs to the end within `tidy`: operations of this backend are synchronous. */
function work(tf: Tf, body: () => TfTensor): Prepared {
  return {
    call: () => tf.tidy(() => void body()),
    check: () => fingerprint(tf.tidy(() => body().dataSync())),
  };
}

function conv(
  tf: Tf,
  task: ConvTask,
  draw: (seed: number, shape: readonly number[]) => TfTensor,
  image: typeof draw,
): Prepared {
  const { part, batch, channels, size, filters, kernel, padding, groups } = task;
  if (groups !== 1 && groups !== channels) cannot(`${groups} groups; tfjs has none, or as many as channels`);
  const depthwise = groups > 1;
  const out = size + 2 * padding - kernel + 1;
  const x = image(1, [batch, channels, size, size]);
  // [filters, channels / groups, k, k] to [k, k, in, out].
  const w = tf.tidy(() =>
    draw(2, [filters, channels / groups, kernel, kernel]).transpose(depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]),
  );
  const convolve = (x: TfTensor, w: TfTensor): TfTensor =>
    depthwise ? tf.depthwiseConv2d(x, w, 1, padding) : tf.conv2d(x, w, 1, padding);
  if (part === 'forward') return work(tf, () => convolve(x, w));
  const up = image(4, [batch, filters, out, out]);
  if (part === 'input') {
    if (!depthwise) return work(tf, () => tf.conv2dTranspose(up, w, x.shape, 1, padding));
    return work(tf, () => tf.grad((x: TfTensor) => convolve(x, w))(x, up));
  }
  return work(tf, () => tf.grad((w: TfTensor) => convolve(x, w))(w, up));
}

function train(tf: Tf, task: TrainTask, image: (seed: number, shape: readonly number[]) => TfTensor): Prepared {
  const { build, variables } = makeBuilder(tf, true);
  const network = build(task.network);
  const x = image(1, task.input);
  const batch = task.input[0]!;
  const lossOf =
    task.loss === 'cross-entropy'
      ? crossEntropy(tf, batch)
      : binaryCrossEntropy(tf, [batch, task.input[2]!, task.input[3]!, 1]);
  const optimizer = task.optimizer === 'sgd' ? tf.train.momentum(0.01, 0.9) : tf.train.adam(1e-3);
  const losses: number[] = [];
  return {
    call: () => {
      const loss = optimizer.minimize(() => lossOf(network(x)), true, variables);
      const value = loss.dataSync()[0];
      loss.dispose();
      if (losses.length < 3) losses.push(value);
    },
    check: () => losses,
  };
}

function crossEntropy(tf: Tf, batch: number): (y: TfTensor) => TfTensor {
  const target = tf.oneHot(tf.tensor1d(labels(batch), 'int32'), 10).toFloat();
  return (y) => tf.losses.softmaxCrossEntropy(target, y);
}

function binaryCrossEntropy(tf: Tf, shape: readonly number[]): (y: TfTensor) => TfTensor {
  const target = tf.tensor(mask(2, sizeOf(shape)), shape);
  // log(1 + eʸ) − y t, without overflow.
  return (y) =>
    tf.mean(
      tf
        .relu(y)
        .sub(y.mul(target))
        .add(tf.log1p(tf.exp(tf.neg(tf.abs(y))))),
    );
}
