import { functionLayer, type Layer } from '@lemmata/nn';
import { ShapeError } from '@lemmata/shape';
import { add, cast, matmul, mean, mul, stopGradient, sub, tanh, tensor, zeros, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { check, layerLaws, runLaw, type LayerSamples } from '../index.js';

interface Params {
  readonly weight: Tensor;
  readonly bias: Tensor;
}
interface State {
  readonly seen: Tensor;
}

/** tanh(x·W + b), counting the batches that it was trained on. */
const counting: Layer<Params, State> = {
  kind: 'counting',
  init(key, inputShape) {
    if (inputShape.length !== 1)
      throw new ShapeError('counting', [{ rule: 'the input has one axis', received: inputShape }]);
    const seed = Array.from(cast(key, 'float64').dataSync()).reduce((a, b) => a + b, 0);
    const weight = tensor(
      Array.from({ length: inputShape[0] * 2 }, (_, i) => Math.sin(seed + i)),
      { shape: [inputShape[0], 2] },
    );
    return { params: { weight, bias: zeros([2]) }, state: { seen: zeros([]) }, outputShape: [2] };
  },
  apply({ weight, bias }, { seen }, x, { train }) {
    return [tanh(add(matmul(x, weight), bias)), { seen: train ? add(seen, 1) : seen }];
  },
};

const samples = (layer: Layer<any, any>): LayerSamples => ({ samples: [{ layer, inputShape: [3] }] });
const broken = (layer: Layer<any, any>, more: Partial<LayerSamples> = {}): string[] =>
  layerLaws('x', { ...samples(layer), ...more })
    .laws.filter((law) => runLaw(law, { runs: 10, mutants: false }).failure !== null)
    .map((law) => law.name);

describe('a right layer', () => {
  check(
    layerLaws('counting', {
      ...samples(counting),
      invalid: [{ layer: counting, inputShape: [2, 2], throws: /one axis/ }],
    }),
    test,
  );
  check(layerLaws('square', samples(functionLayer('square', (x) => mul(x, x)))), test);
});

describe('a wrong layer is caught', () => {
  test('another output shape than declared', () => {
    expect(broken({ ...counting, init: (...args) => ({ ...counting.init(...args), outputShape: [3] }) })).toEqual([
      'the declared output shape is produced',
    ]);
  });
  test('rows that see each other', () => {
    expect(broken(functionLayer('centre', (x) => sub(x, mean(x, { axis: 0, keepdims: true }))))).toEqual([
      'rows of a batch do not see each other',
    ]);
  });
  test('N5: inference that updates statistics', () => {
    expect(
      broken({
        ...counting,
        apply: (p, { seen }, x, c) => [counting.apply(p, { seen }, x, c)[0], { seen: add(seen, 1) }],
      }),
    ).toEqual(['inference is a function of parameters, state and input']);
  });
  test('a parameter that is not used', () => {
    expect(
      broken({
        ...counting,
        apply: ({ weight }, state, x, c) => counting.apply({ weight, bias: zeros([2], x.dtype) }, state, x, c),
      }),
    ).toEqual(['every parameter is used']);
  });
  test('an init that ignores its key, or that depends on more', () => {
    expect(
      broken({ ...counting, init: (_key, shape) => counting.init(tensor([1, 2], { dtype: 'int32' }), shape) }),
    ).toEqual(['parameters follow from the key']);
    let calls = 0;
    expect(
      broken({ ...counting, init: (_key, shape) => counting.init(tensor([calls++, 2], { dtype: 'int32' }), shape) }),
    ).toContain('parameters follow from the key');
  });
  test('a state that changes its form', () => {
    expect(
      broken({ ...counting, apply: (p, s, x, c) => [counting.apply(p, s, x, c)[0], { seen: x }] } as Layer<
        Params,
        State
      >),
    ).toContain('the state keeps its form');
  });
  test('an exception that is declared without need', () => {
    expect(broken(counting, { constantInit: 'it starts from zeros' })).toEqual(['parameters follow from the key']);
    expect(broken(counting, { withoutGradient: { bias: 'it is followed by a mean' } })).toEqual([
      'every parameter is used',
    ]);
  });
});

describe('a network', () => {
  const network = { ...samples(counting), network: true } as const;
  check(layerLaws('counting', network), test);
  test('is measured along one direction, which notices a wrong gradient', () => {
    const wrong: Layer<any, any> = {
      ...counting,
      apply({ weight, bias }, state, x, c) {
        return counting.apply({ weight, bias: add(mul(bias, 1.01), mul(stopGradient(bias), -0.01)) }, state, x, c);
      },
    };
    expect(broken(wrong, { network: true })).toEqual(['gradients are derivatives']);
  });
});
