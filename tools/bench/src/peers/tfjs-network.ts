import { sizeOf } from '@lemmata/shape';
import type { Block } from '../networks.js';
import { Parameters } from './parameters.js';

// The peers are not installed where this is compiled, and their types neither.
export type Tf = any;
export type TfTensor = any;
type Apply = (x: TfTensor) => TfTensor;

/** Builds networks of the description with TensorFlow.js, channels last. `variables` are what is trained. */
export function makeBuilder(
  tf: Tf,
  training: boolean,
): { build(blocks: readonly Block[]): Apply; variables: TfTensor[] } {
  const variables: TfTensor[] = [];
  const parameters = new Parameters();
  const variable = (tensor: TfTensor): TfTensor => {
    const made = tf.variable(tensor);
    variables.push(made);
    return made;
  };
  const draw = (shape: readonly number[], fan: number, order?: readonly number[]): TfTensor =>
    variable(
      tf.tidy(() => {
        const tensor = tf.tensor(parameters.next(sizeOf(shape), fan), shape);
        return order === undefined ? tensor : tensor.transpose(order);
      }),
    );
  const linear = (from: number, to: number): Apply => {
    const [w, b] = [draw([from, to], from), draw([to], from)];
    return (x) =>
      x.rank === 2
        ? tf.matMul(x, w).add(b)
        : tf
            .matMul(x.reshape([-1, from]), w)
            .add(b)
            .reshape([...x.shape.slice(0, -1), to]);
  };
  const build = (blocks: readonly Block[]): Apply => {
    const made = blocks.map(one);
    return (x) => made.reduce((y, apply) => apply(y), x);
  };

  function one(block: Block): Apply {
    switch (block.op) {
      case 'conv': {
        const { from, to, kernel, stride, padding } = block;
        const fan = from * kernel ** 2;
        const w = draw([to, from, kernel, kernel], fan, [2, 3, 1, 0]);
        const b = block.bias ? draw([to], fan) : null;
        return (x) => (b === null ? tf.conv2d(x, w, stride, padding) : tf.conv2d(x, w, stride, padding).add(b));
      }
      case 'batch-norm':
        return batchNorm(block.channels);
      case 'relu':
        return (x) => tf.relu(x);
      case 'gelu':
        return (x) => x.mul(0.5).mul(tf.erf(x.mul(Math.SQRT1_2)).add(1));
      case 'flatten':
        // The description counts features channels first.
        return (x) => x.transpose([0, 3, 1, 2]).reshape([x.shape[0], -1]);
      case 'max-pool':
        return (x) => tf.maxPool(x, block.kernel, block.stride, block.padding);
      case 'mean':
        return (x) => tf.mean(x, x.rank === 4 ? [1, 2] : 1);
      case 'linear':
        return linear(block.from, block.to);
      case 'residual': {
        const [body, shortcut] = [build(block.body), build(block.shortcut)];
        return (x) => body(x).add(shortcut(x));
      }
      case 'lstm':
        return lstm(block.from, block.hidden, block.layers);
      case 'tokens': {
        const position = draw([1, block.count, block.features], block.features);
        return (x) => x.reshape([x.shape[0], block.count, block.features]).add(position);
      }
      case 'layer-norm': {
        const [weight, bias] = [variable(tf.ones([block.features])), variable(tf.zeros([block.features]))];
        return (x) => {
          const { mean, variance } = tf.moments(x, -1, true);
          return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(weight).add(bias);
        };
      }
      case 'attention':
        return attention(block.features, block.heads);
      case 'level': {
        const { from, to } = block;
        const [encode, inner] = [build(block.encode), build(block.inner)];
        const [w, b] = [draw([from, to, 2, 2], from * 4, [2, 3, 1, 0]), draw([to], from * 4)];
        const decode = build(block.decode);
        return (x) => {
          const skip = encode(x);
          const [n, h, v] = skip.shape;
          const up = tf.conv2dTranspose(inner(tf.maxPool(skip, 2, 2, 'valid')), w, [n, h, v, to], 2, 'valid').add(b);
          return decode(tf.concat([skip, up], 3));
        };
      }
    }
  }

  function batchNorm(channels: number): Apply {
    const [weight, bias] = [variable(tf.ones([channels])), variable(tf.zeros([channels]))];
    const [runningMean, runningVariance] = [
      tf.variable(tf.zeros([channels]), false),
      tf.variable(tf.ones([channels]), false),
    ];
    if (!training) return (x) => tf.batchNorm(x, runningMean, runningVariance, bias, weight, 1e-5);
    return (x) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      runningMean.assign(runningMean.mul(0.9).add(mean.mul(0.1)));
      runningVariance.assign(runningVariance.mul(0.9).add(variance.mul(0.1)));
      return tf.batchNorm(x, mean, variance, bias, weight, 1e-5);
    };
  }

  function lstm(from: number, hidden: number, layers: number): Apply {
    const weights = Array.from({ length: layers }, (_, k) => [
      draw([k === 0 ? from : hidden, 4 * hidden], hidden),
      draw([hidden, 4 * hidden], hidden),
      draw([4 * hidden], hidden),
      draw([4 * hidden], hidden),
    ]);
    return (x) => {
      let sequence: TfTensor[] = tf.unstack(x, 1);
      for (const [wx, wh, ...biases] of weights) {
        const b = biases[0].add(biases[1]);
        let h = tf.zeros([x.shape[0], hidden]);
        let c = tf.zeros([x.shape[0], hidden]);
        sequence = sequence.map((step) => {
          const [i, f, g, o] = tf.split(tf.matMul(step, wx).add(tf.matMul(h, wh)).add(b), 4, 1);
          c = tf
            .sigmoid(f)
            .mul(c)
            .add(tf.sigmoid(i).mul(tf.tanh(g)));
          h = tf.sigmoid(o).mul(tf.tanh(c));
          return h;
        });
      }
      return sequence.at(-1);
    };
  }

  function attention(features: number, heads: number): Apply {
    const [into, out] = [linear(features, 3 * features), linear(features, features)];
    const width = features / heads;
    return (x) => {
      const [n, t] = x.shape;
      const [q, k, v] = tf.unstack(into(x).reshape([n, t, 3, heads, width]).transpose([2, 0, 3, 1, 4]), 0);
      const weights = tf.softmax(tf.matMul(q, k, false, true).mul(1 / Math.sqrt(width)));
      return out(tf.matMul(weights, v).transpose([0, 2, 1, 3]).reshape([n, t, features]));
    };
  }

  return { build, variables };
}
