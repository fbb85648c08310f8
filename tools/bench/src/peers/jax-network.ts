import { sizeOf } from '@lemmata/shape';
import type { Block } from '../networks.js';
import { Parameters } from './parameters.js';

// The peers are not installed where this is compiled, and their types neither.
export type Jax = any;
export type JaxArray = any;

/** What a network reads, and the running statistics that it leaves. Each parameter is used once, and thereby given up. */
interface Values {
  readonly parameters: readonly JaxArray[];
  readonly statistics: readonly JaxArray[];
  readonly next: JaxArray[];
}
type Apply = (values: Values, x: JaxArray) => JaxArray;

/** Builds a network of the description with jax-js, for training. */
export function build(
  jax: Jax,
  network: readonly Block[],
): { apply: Apply; parameters: JaxArray[]; statistics: JaxArray[] } {
  const { numpy: np, nn, lax } = jax;
  const source = new Parameters();
  const parameters: JaxArray[] = [];
  const statistics: JaxArray[] = [];
  const keep = (array: JaxArray): number => parameters.push(array) - 1;
  const draw = (shape: readonly number[], fan: number, as: readonly number[] = shape): number =>
    keep(np.array(source.next(sizeOf(shape), fan)).reshape(as));
  const linear = (from: number, to: number): Apply => {
    const [w, b] = [draw([from, to], from), draw([to], from)];
    return ({ parameters: p }, x) => np.matmul(x, p[w]).add(p[b]);
  };
  const sequence = (blocks: readonly Block[]): Apply => {
    const made = blocks.map(one);
    return (values, x) => made.reduce((y, apply) => apply(values, y), x);
  };

  function one(block: Block): Apply {
    switch (block.op) {
      case 'conv': {
        const { from, to, kernel, stride, padding } = block;
        const fan = from * kernel ** 2;
        const w = draw([to, from, kernel, kernel], fan);
        const b = block.bias ? draw([to], fan, [to, 1, 1]) : null;
        return ({ parameters: p }, x) => {
          const y = lax.convGeneralDilated(
            x,
            p[w],
            [stride, stride],
            [
              [padding, padding],
              [padding, padding],
            ],
          );
          return b === null ? y : y.add(p[b]);
        };
      }
      case 'batch-norm':
        return batchNorm(block.channels);
      case 'relu':
        return (_, x) => nn.relu(x);
      case 'gelu':
        return (_, x) => nn.gelu(x, { approximate: false });
      case 'flatten':
        return (_, x) => x.reshape([x.shape[0], sizeOf(x.shape.slice(1))]);
      case 'max-pool':
        if (block.padding > 0) throw new Error('cannot: jax-js pools without padding');
        return (_, x) => lax.reduceWindow(x, np.max, [block.kernel, block.kernel], [block.stride, block.stride]);
      case 'mean':
        return (_, x) => np.mean(x, x.shape.length === 4 ? [2, 3] : 1);
      case 'linear':
        return linear(block.from, block.to);
      case 'residual': {
        const [body, shortcut] = [sequence(block.body), sequence(block.shortcut)];
        return (values, x) => body(values, x.ref).add(shortcut(values, x));
      }
      case 'lstm':
        return lstm(block.from, block.hidden, block.layers);
      case 'tokens': {
        const position = draw([1, block.count, block.features], block.features);
        return ({ parameters: p }, x) =>
          np.transpose(x.reshape([x.shape[0], block.features, block.count]), [0, 2, 1]).add(p[position]);
      }
      case 'layer-norm': {
        const [weight, bias] = [keep(np.ones([block.features])), keep(np.zeros([block.features]))];
        return ({ parameters: p }, x) => {
          const mean = np.mean(x.ref, -1, { keepdims: true });
          const centred = x.sub(mean);
          const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
          return centred
            .mul(np.reciprocal(np.sqrt(variance.add(1e-5))))
            .mul(p[weight])
            .add(p[bias]);
        };
      }
      case 'attention': {
        const { features, heads } = block;
        const [into, out] = [linear(features, 3 * features), linear(features, features)];
        return (values, x) => {
          const [n, t] = x.shape;
          const [q, k, v] = np.unstack(into(values, x).reshape([n, t, 3, heads, features / heads]), 2);
          return out(values, nn.dotProductAttention(q, k, v).reshape([n, t, features]));
        };
      }
      case 'level': {
        const { from, to } = block;
        const [encode, inner] = [sequence(block.encode), sequence(block.inner)];
        const [w, b] = [draw([from, to, 2, 2], from * 4), draw([to], from * 4, [to, 1, 1])];
        const decode = sequence(block.decode);
        return (values, x) => {
          const { parameters: p } = values;
          const skip = encode(values, x);
          const low = inner(values, lax.reduceWindow(skip.ref, np.max, [2, 2], [2, 2]));
          const up = lax.convTranspose(low, p[w], [2, 2], 'VALID', { transposeKernel: true }).add(p[b]);
          return decode(values, np.concatenate([skip, up], 1));
        };
      }
    }
  }

  function batchNorm(channels: number): Apply {
    const shape = [1, channels, 1, 1];
    const [weight, bias] = [keep(np.ones(shape)), keep(np.zeros(shape))];
    const at = statistics.push(np.zeros(shape), np.ones(shape)) - 2;
    return ({ parameters: p, statistics: before, next }, x) => {
      const mean = np.mean(x.ref, [0, 2, 3], { keepdims: true });
      const centred = x.sub(mean.ref);
      const variance = np.mean(np.square(centred.ref), [0, 2, 3], { keepdims: true });
      const y = centred
        .mul(np.reciprocal(np.sqrt(variance.ref.add(1e-5))))
        .mul(p[weight])
        .add(p[bias]);
      [mean, variance].forEach((value, i) => {
        next[at + i] = before[at + i].mul(0.9).add(lax.stopGradient(value).mul(0.1));
      });
      return y;
    };
  }

  function lstm(from: number, hidden: number, layers: number): Apply {
    const weights = Array.from(
      { length: layers },
      (_, k) =>
        [
          draw([k === 0 ? from : hidden, 4 * hidden], hidden),
          draw([hidden, 4 * hidden], hidden),
          draw([4 * hidden], hidden),
          draw([4 * hidden], hidden),
        ] as const,
    );
    return ({ parameters: p }, x) => {
      const batch = x.shape[0];
      let sequence: JaxArray[] = np.unstack(x, 1);
      weights.forEach(([wx, wh, bx, bh], layer) => {
        const last = sequence.length - 1;
        let h = np.zeros([batch, hidden]);
        let c = np.zeros([batch, hidden]);
        sequence = sequence.map((step, t) => {
          const read = (i: number): JaxArray => (t < last ? p[i].ref : p[i]);
          const [i, f, g, o] = np.split(
            np
              .matmul(step, read(wx))
              .add(np.matmul(h, read(wh)))
              .add(read(bx))
              .add(read(bh)),
            4,
            1,
          );
          c = nn
            .sigmoid(f)
            .mul(c)
            .add(nn.sigmoid(i).mul(np.tanh(g)));
          h = nn.sigmoid(o).mul(np.tanh(t < last ? c.ref : c));
          // The next layer reads every step, the head the last one alone.
          return t < last && layer < layers - 1 ? h.ref : h;
        });
      });
      return sequence.at(-1);
    };
  }

  return { apply: sequence(network), parameters, statistics };
}
