/**
 * What a stranger writes: a network that learns to tell upright stripes from lying ones, on WebAssembly kernels, as one
 * compiled step. `result` is the mean loss after 60 steps; it starts at about ln 2.
 */
export const LEARNS = `
import { valueAndGrad } from '@lemmata/autograd';
import { wasmBackend } from '@lemmata/backend-wasm';
import { compile } from '@lemmata/compile';
import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { convKernels } from '@lemmata/layers-conv/conv/wasm';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { crossEntropy } from '@lemmata/losses';
import { sequential } from '@lemmata/nn';
import { adam } from '@lemmata/optim';
import { key } from '@lemmata/tensor';
import { map } from '@lemmata/tree';

const backend = wasmBackend({ threads: 1, kernels: convKernels });
const stripe = (upright, at) => Array.from({ length: 36 }, (_, i) => Number((upright ? i % 6 : Math.floor(i / 6)) === at));
const places = [0, 1, 2, 3, 4, 5];
const images = [...places.map((at) => stripe(true, at)), ...places.map((at) => stripe(false, at))];
const x = backend.tensor(images.flat(), { shape: [12, 1, 6, 6] });
const y = backend.tensor([...places.map(() => 0), ...places.map(() => 1)], { dtype: 'int32' });

const model = sequential({
  conv: conv2dLayer({ outChannels: 4, kernelSize: 3 }),
  relu: reluLayer(),
  flatten: flattenLayer(),
  fc: linearLayer({ outFeatures: 2 }),
});
const optimizer = adam({ learningRate: 0.02 });
const { params, state } = model.init(key(0), [1, 6, 6]);
let learnt = map((t) => backend.put(t), params);
let memory = map((t) => backend.put(t), optimizer.init(params));
const step = compile(
  (p, m) => {
    const loss = (q) => crossEntropy(model.apply(q, state, x, { train: true, key: key(1) })[0], y);
    const { value, grads } = valueAndGrad(loss)(p);
    return [...optimizer.update(grads, m, p), value];
  },
  { donate: 2 },
);
export let result = NaN;
for (let i = 0; i < 60; i++) {
  const [p, m, loss] = step(learnt, memory);
  [learnt, memory, result] = [p, m, loss.item()];
}
export const runsOn = String(backend);
backend.stop();
`;

/** The law kit in a project that has nothing but it, with the test runner of Node: ten lines for an op of one's own. */
export const CHECKS_ITS_OWN = `
import test from 'node:test';
import { check, floats, opLaws } from '@lemmata/laws';
import { mul } from '@lemmata/tensor';

const Cube = {
  name: 'cube',
  infer: (_, x) => [x],
  define: (_, x) => [mul(mul(x, x), x)],
};
const oracle = (_, { shape, data }) => ({ shape, data: Array.from(data, (v) => v ** 3) });
check(opLaws(Cube, { samples: [{ attrs: {}, inputs: [floats([2, 3])] }], invalid: [], oracle }), test);
`;
