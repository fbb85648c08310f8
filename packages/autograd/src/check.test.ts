import { add, apply, mul, square, sub, sum, tensor, type OpDef, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { checkGradient } from './check.js';

const f64 = (values: any): Tensor => tensor(values, { dtype: 'float64' });

/** x², whose gradient is multiplied by a factor of its own at each element. */
const tampered = (factors: readonly number[]): ((x: Tensor) => Tensor) => {
  const op: OpDef = {
    name: 'tampered',
    infer: (_attrs, x) => [x],
    reference: (_attrs, [x], [y]) => x!.data.forEach((v: number, i: number) => (y!.data[i] = v * v)),
    vjp: (_attrs, [up], [x]) => [mul(mul(up!, mul(x!, 2)), f64(factors))],
  };
  return (x) => apply(op, {}, [x])[0]!;
};

describe('differences', () => {
  test('are extrapolated, and those of a cubic exact at any step', () => {
    const cube = (x: Tensor): Tensor => mul(x, square(x));
    const report = checkGradient(cube, [f64([0.3, -1.2, 2])], { step: 0.5, absolute: 1e-12, relative: 0 });
    expect(report).toMatchObject({ ok: true, checked: 3, failures: [], message: '3 directional derivatives agree' });
  });

  test('are taken at coordinates spread evenly, and along one direction over all', () => {
    const x = f64([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const wrong = tampered(new Array<number>(10).fill(1.5));
    const indices = (coordinates: number): (number | null)[] =>
      checkGradient(wrong, [x], { coordinates }).failures.map(({ index }) => index);
    expect(indices(3)).toEqual([0, 3, 6, null]);
    expect(indices(9)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, null]);
    expect(indices(10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(checkGradient(square, [x], { coordinates: 0 })).toMatchObject({ ok: true, checked: 1 });
  });

  test('of every leaf of every argument and every output, each weighed by an upstream of its own', () => {
    const f = (p: { a: Tensor; b: readonly Tensor[] }, c: Tensor): Tensor[] => [
      mul(p.a, c),
      add(square(p.b[0]!), sum(c)),
      sub(p.a, p.b[0]!),
    ];
    const args = [{ a: f64([1, 2]), b: [f64([0.5, -1])] }, f64([3, -0.5])] as const;
    expect(checkGradient(f as never, args as never)).toMatchObject({ ok: true, checked: 6 });
    const seeds = [0, 1].map((seed) => checkGradient(f as never, args as never, { seed }).worst!.analytic);
    expect(seeds[0]).not.toBe(seeds[1]);
    expect(checkGradient(f as never, args as never).worst!.analytic).toBe(seeds[0]);
  });
});

describe('a gradient that is wrong', () => {
  test('is named by path and place, with both values and their distance', () => {
    const f = ({ w }: { w: Tensor }): Tensor => tampered([1, 1.5, 1])(w);
    const report = checkGradient(f as never, [{ w: f64([1, 2, 3]) }] as never);
    const [failure] = report.failures;
    expect(report).toMatchObject({ ok: false, checked: 3 });
    expect(report.failures).toHaveLength(1);
    expect(failure).toMatchObject({ path: '0.w', index: 1 });
    expect(failure!.analytic / failure!.numeric).toBeCloseTo(1.5, 6);
    expect(failure!.error).toBe(Math.abs(failure!.analytic - failure!.numeric));
    expect(report.worst).toBe(failure);
    expect(report.message).toBe(
      '1 of 3 directional derivatives disagree\n' +
        `  argument 0.w at 1: gradient ${failure!.analytic}, differences ${failure!.numeric}, error ${failure!.error}`,
    );
  });

  test('is reported at five places, the worst of all apart', () => {
    const report = checkGradient(tampered([1.1, 1.2, 1.1, 9, 1.1, 1.1, 1.1]), [f64([1, 1, 1, 1, 1, 1, 1])]);
    expect(report.message.split('\n')).toHaveLength(6);
    expect(report.worst!.index).toBe(3);
  });

  test('is within bounds that it meets exactly, and of equal ones the first is the worst', () => {
    const nothing = (x: Tensor): Tensor => mul(x, 0);
    const report = checkGradient(nothing, [f64([1, 2, 3])], { absolute: 0, relative: 0 });
    expect(report).toMatchObject({ ok: true, checked: 3, worst: { index: 0, error: 0 } });
  });

  test('of a direction is said to be one', () => {
    const { message } = checkGradient(tampered([1.5, 1.5]), [f64([1, 2])], { coordinates: 1 });
    expect(message).toContain('\n  argument 0 at 0: gradient ');
    expect(message).toContain('\n  argument 0, random direction: gradient ');
  });

  test('is one that exceeds the bounds together, and NaN exceeds all', () => {
    const x: [Tensor] = [f64([2])];
    const [f, { numeric, error }] = [tampered([1.01]), checkGradient(tampered([1.01]), x).worst!];
    const relative = error / Math.abs(numeric);
    expect(checkGradient(f, x, { absolute: 0, relative: 1.01 * relative }).ok).toBe(true);
    expect(checkGradient(f, x, { absolute: 0, relative: 0.99 * relative }).ok).toBe(false);
    expect(checkGradient(f, x, { absolute: 1.01 * error, relative: 0 }).ok).toBe(true);
    expect(checkGradient(f, x, { absolute: 0.99 * error, relative: 0 }).ok).toBe(false);
    expect(checkGradient(f, x, { absolute: 0.6 * error, relative: 0.6 * relative }).ok).toBe(true);
    const report = checkGradient(tampered([1, NaN, 1]), [f64([1, 2, 3])]);
    expect(report.failures.map(({ index }) => index)).toEqual([1]);
    expect(report.worst!.index).toBe(1);
  });
});

test('what cannot be compared is refused', () => {
  expect(() => checkGradient((p) => p.w, [{ w: tensor([1]) }])).toThrow(
    new TypeError('checkGradient: argument 0.w is float32; differences need float64'),
  );
  let calls = 0;
  const f = (x: Tensor): Tensor[] => [x, mul(x, f64([1, ++calls]))];
  expect(() => checkGradient(f, [f64([1, 1])])).toThrow(
    'checkGradient: the function is not deterministic: output 1 at 1 was 1, then 2',
  );
  const sign = (x: Tensor): Tensor => mul(x, f64(++calls % 2 === 0 ? -0 : 0));
  expect(() => checkGradient(sign, [f64([1])])).toThrow('output 0 at 0 was ');
});
