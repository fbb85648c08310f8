import { compile, NonFiniteError } from '@lemmata/compile';
import { sub, tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { clipByGlobalNorm, clipByValue, globalNorm } from './index.js';

const tree = (): { a: Tensor; b: readonly [Tensor] } => ({ a: tensor([3, -4]), b: [tensor([[0], [12]])] });

describe('clipByGlobalNorm', () => {
  test('scales all gradients by one factor', () => {
    const { grads, norm } = clipByGlobalNorm(tree(), 6.5);
    expect(norm.item()).toBe(13);
    const factor = 6.5 / (13 + 1e-6);
    [3, -4].forEach((g, i) => expect(grads.a.dataSync()[i]).toBeCloseTo(g * factor, 6));
    [0, 12].forEach((g, i) => expect(grads.b[0].dataSync()[i]).toBeCloseTo(g * factor, 6));
    expect(globalNorm(grads).item()).toBeCloseTo(6.5, 5);
  });

  test('leaves smaller gradients as they are, bit for bit', () => {
    const grads = { w: tensor([0.1, -0.2, 1e-30]) };
    expect(clipByGlobalNorm(grads, 100).grads.w.dataSync()).toEqual(grads.w.dataSync());
  });

  test('10⁻⁶ is added to the norm, as PyTorch does', () => {
    const { grads } = clipByGlobalNorm({ w: tensor([3e-6], { dtype: 'float64' }) }, 1e-6);
    expect(grads.w.item()).toBeCloseTo(3e-6 / 4, 18);
  });

  test('other norms', () => {
    expect(globalNorm(tree(), { p: 1 }).item()).toBe(19);
    expect(globalNorm(tree(), { p: Infinity }).item()).toBe(12);
    expect(globalNorm(tree(), { p: 3 }).item()).toBeCloseTo((27 + 64 + 1728) ** (1 / 3), 5);
    expect(clipByGlobalNorm(tree(), 6, { p: Infinity }).grads.b[0].dataSync()[1]).toBeCloseTo(6, 5);
    expect(globalNorm({}).item()).toBe(0);
    expect(globalNorm({}).dtype).toBe('float64');
    expect(globalNorm({ a: tensor([], { shape: [0, 2] }), b: tensor([2]) }, { p: Infinity }).item()).toBe(2);
  });

  test('O5: gradients of zero stay zero', () => {
    const { grads, norm } = clipByGlobalNorm({ w: tensor([0, 0]) }, 1);
    expect(norm.item()).toBe(0);
    expect(grads.w.toArray()).toEqual([0, 0]);
  });

  test('O5: squares of large float32 gradients do not overflow', () => {
    const { grads, norm } = clipByGlobalNorm({ a: tensor([3e20]), b: tensor([4e20]) }, 1);
    expect(norm.item() / 5e20).toBeCloseTo(1, 6);
    expect(grads.a.item()).toBeCloseTo(0.6, 6);
    expect(grads.b.item()).toBeCloseTo(0.8, 6);
  });

  test.each([NaN, Infinity])('O5: %s in one gradient makes all NaN, and not a step of zeros', (value) => {
    const { grads } = clipByGlobalNorm({ a: tensor([value, 1]), b: tensor([1]) }, 1);
    expect([...grads.a.dataSync(), ...grads.b.dataSync()]).toEqual([NaN, NaN, NaN]);
  });

  test('O5: a compiled step refuses such gradients and changes nothing', () => {
    const step = compile((p: Tensor, g: Tensor) => [sub(p, clipByGlobalNorm(g, 1).grads)], { donate: 1 });
    let [p] = step(tensor([1, 2]), tensor([0, 1])) as [Tensor];
    expect(() => step(p, tensor([Infinity, 1]))).toThrow(NonFiniteError);
    expect(p.dataSync()[0]).toBe(1);
    [p] = step(p, tensor([0, 0])) as [Tensor];
    expect(p.dataSync()[0]).toBe(1);
  });

  test('what it refuses', () => {
    expect(() => clipByGlobalNorm(tree(), 0)).toThrow(
      'clipByGlobalNorm: max must be a finite number above 0, received 0',
    );
    expect(() => clipByGlobalNorm(tree(), 1, { p: 0 })).toThrow(
      'clipByGlobalNorm: p must be a number above 0 or Infinity, received 0',
    );
    expect(() => clipByGlobalNorm(tree(), 1, { norm: 2 } as never)).toThrow("clipByGlobalNorm: unknown option 'norm'");
    expect(() => globalNorm(tree(), { p: NaN })).toThrow(
      'globalNorm: p must be a number above 0 or Infinity, received NaN',
    );
  });
});

describe('clipByValue', () => {
  test('bounds every element', () => {
    expect(clipByValue({ w: tensor([-3, 0.5, 2]) }, 1).w.toArray()).toEqual([-1, 0.5, 1]);
    expect(() => clipByValue(tree(), -1)).toThrow('clipByValue: max must be a finite number above 0, received -1');
  });

  test('O5: NaN stays NaN, infinities become the bounds', () => {
    expect(clipByValue([tensor([NaN, Infinity, -Infinity])], 2)[0]!.toArray()).toEqual([NaN, 2, -2]);
  });
});
