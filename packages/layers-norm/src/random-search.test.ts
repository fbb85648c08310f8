import { readProfile } from '@lemmata/laws';
import { permute, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { whitened } from './decorrelated-batch-norm/oracle.laws.js';
import {
  decorrelatedBatchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  localResponseNorm,
  normalize,
  rmsNorm,
} from './index.js';

/** At least 100 cases a function, and as many more as laws are given: `LEMMATA_LAW_RUNS=1000`. */
const { runs, seed } = readProfile();
const parameters = { numRuns: Math.max(100, runs), seed };

/** Statistics that some elements share, and the place of each element's weight: functions of its index. */
interface Rule {
  readonly group: (index: readonly number[]) => string;
  readonly place: (index: readonly number[]) => number;
  readonly centred: boolean;
  readonly eps: number;
}

interface Case {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** The same elements, but strided: made with its axes in reverse order. */
  readonly turned: boolean;
}

function tensorOf({ shape, values, turned }: Case): Tensor {
  if (!turned) return tensor(values, { shape, dtype: 'float64' });
  const back = shape.map((_, axis) => shape.length - 1 - axis);
  const straight = permute(tensor(values, { shape, dtype: 'float64' }), back).dataSync();
  return permute(tensor(straight, { shape: [...shape].reverse(), dtype: 'float64' }), back);
}

function indexOf(shape: readonly number[], flat: number): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/** Element by element, with the sums of its group taken anew. */
function oracle({ shape, values }: Case, rule: Rule, weight: readonly number[], bias: readonly number[]): number[] {
  const indices = values.map((_, i) => indexOf(shape, i));
  const groups = new Map<string, number[]>();
  for (const [i, index] of indices.entries())
    groups.set(rule.group(index), [...(groups.get(rule.group(index)) ?? []), values[i]!]);
  return values.map((v, i) => {
    const group = groups.get(rule.group(indices[i]!))!;
    const mean = rule.centred ? group.reduce((a, b) => a + b, 0) / group.length : 0;
    const square = group.reduce((a, b) => a + (b - mean) ** 2, 0) / group.length;
    const place = rule.place(indices[i]!);
    return ((v - mean) / Math.sqrt(square + rule.eps)) * weight[place]! + bias[place]!;
  });
}

/** Where y is not what is expected, in words; null where it is. */
function difference(y: Tensor, shape: readonly number[], expected: readonly number[]): string | null {
  if (String(y.shape) !== String(shape)) return `shape [${y.shape.join()}], expected [${shape.join()}]`;
  const data = y.dataSync();
  const at = expected.findIndex((v, i) => !(Math.abs(data[i]! - v) <= 1e-9 + 1e-9 * Math.abs(v)));
  return at < 0 ? null : `element ${at}: received ${data[at]}, expected ${expected[at]}`;
}

const number = fc.integer({ min: -2000, max: 2000 }).map((n) => n / 1000);
const eps = fc.constantFrom(1e-5, 1e-3, 0.5);
const filled = (count: number): fc.Arbitrary<number[]> => fc.array(number, { minLength: count, maxLength: count });
const caseOf = (shape: readonly number[]): fc.Arbitrary<Case> =>
  fc.record({
    shape: fc.constant(shape),
    values: filled(shape.reduce((a, b) => a * b, 1)),
    turned: fc.boolean(),
  });
/** A weight and a bias: both given, or one left out, or both. */
const affine = (count: number): fc.Arbitrary<readonly [number[] | null, number[] | null]> =>
  fc.tuple(fc.option(filled(count), { nil: null }), fc.option(filled(count), { nil: null }));

const sizes = (min: number, max: number, rank: { min: number; max: number }): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength: rank.min, maxLength: rank.max });
const batch = fc.integer({ min: 0, max: 3 });

const operand = (list: readonly number[] | null, shape: readonly number[]): Tensor | null =>
  list && tensor([...list], { shape, dtype: 'float64' });
const orOnes = (list: readonly number[] | null, count: number, value: number): readonly number[] =>
  list ?? new Array<number>(count).fill(value);

describe('any options, sizes and strides, against element by element', () => {
  test('groupNorm', () => {
    const cases = fc
      .tuple(batch, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), sizes(1, 3, { min: 0, max: 3 }))
      .filter(([, , each, space]) => each * space.reduce((a, b) => a * b, 1) > 1)
      .chain(([n, groups, each, space]) =>
        fc.tuple(
          fc.constant([groups, each] as const),
          caseOf([n, groups * each, ...space]),
          affine(groups * each),
          eps,
        ),
      );
    fc.assert(
      fc.property(cases, ([[groups, each], c, [weight, bias], e]) => {
        const C = groups * each;
        const rule: Rule = {
          group: ([n, channel]) => `${n} ${Math.floor(channel! / each)}`,
          place: ([, channel]) => channel!,
          centred: true,
          eps: e,
        };
        const y = groupNorm(tensorOf(c), groups, operand(weight, [C]), operand(bias, [C]), { eps: e });
        expect(difference(y, c.shape, oracle(c, rule, orOnes(weight, C, 1), orOnes(bias, C, 0)))).toBeNull();
      }),
      parameters,
    );
  });

  test('instanceNorm', () => {
    const cases = fc
      .tuple(batch, fc.integer({ min: 1, max: 3 }), sizes(1, 3, { min: 1, max: 3 }))
      .filter(([, , space]) => space.some((size) => size > 1))
      .chain(([n, channels, space]) => fc.tuple(caseOf([n, channels, ...space]), affine(channels), eps));
    fc.assert(
      fc.property(cases, ([c, [weight, bias], e]) => {
        const C = c.shape[1]!;
        const rule: Rule = {
          group: ([n, channel]) => `${n} ${channel}`,
          place: ([, channel]) => channel!,
          centred: true,
          eps: e,
        };
        const y = instanceNorm(tensorOf(c), operand(weight, [C]), operand(bias, [C]), { eps: e });
        expect(difference(y, c.shape, oracle(c, rule, orOnes(weight, C, 1), orOnes(bias, C, 0)))).toBeNull();
      }),
      parameters,
    );
  });

  test.each(['layerNorm', 'rmsNorm'] as const)('%s', (name) => {
    const cases = fc
      .tuple(sizes(0, 3, { min: 0, max: 2 }), sizes(1, 4, { min: 1, max: 3 }))
      .chain(([lead, last]) =>
        fc.tuple(fc.constant(last), caseOf([...lead, ...last]), affine(last.reduce((a, b) => a * b, 1)), eps),
      );
    fc.assert(
      fc.property(cases, ([last, c, [weight, bias], e]) => {
        const M = last.reduce((a, b) => a * b, 1);
        const lead = c.shape.length - last.length;
        const rule: Rule = {
          group: (index) => index.slice(0, lead).join(' '),
          place: (index) => index.slice(lead).reduce((at, i, axis) => at * last[axis]! + i, 0),
          centred: name === 'layerNorm',
          eps: e,
        };
        const gain = orOnes(weight, M, 1);
        if (name === 'layerNorm') {
          const y = layerNorm(tensorOf(c), last, operand(weight, last), operand(bias, last), { eps: e });
          expect(difference(y, c.shape, oracle(c, rule, gain, orOnes(bias, M, 0)))).toBeNull();
        } else {
          const y = rmsNorm(tensorOf(c), last, operand(weight, last), { eps: e });
          expect(difference(y, c.shape, oracle(c, rule, gain, orOnes(null, M, 0)))).toBeNull();
        }
      }),
      parameters,
    );
  });

  test('decorrelatedBatchNorm', () => {
    const cases = fc
      .tuple(batch, fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }), sizes(1, 3, { min: 0, max: 2 }))
      .filter(([n, , , space]) => n * space.reduce((a, b) => a * b, 1) !== 1)
      .chain(([n, groups, each, space]) =>
        fc.tuple(
          fc.constant(groups),
          caseOf([n, groups * each, ...space]),
          affine(groups * each),
          fc.constantFrom(1e-2, 0.5),
        ),
      );
    fc.assert(
      fc.property(cases, ([groups, c, [weight, bias], e]) => {
        const C = c.shape[1]!;
        const options = { groups, eps: e };
        const y = decorrelatedBatchNorm(tensorOf(c), operand(weight, [C]), operand(bias, [C]), options);
        const array = (data: readonly number[]) => ({ shape: [C], data });
        const x = { shape: c.shape, data: c.values };
        const expected = whitened(options, x, array(orOnes(weight, C, 1)), array(orOnes(bias, C, 0)));
        expect(difference(y, c.shape, [...(expected.data as number[])])).toBeNull();
      }),
      parameters,
    );
  });

  test('localResponseNorm', () => {
    const options = fc.record({
      size: fc.integer({ min: 1, max: 8 }),
      alpha: fc.constantFrom(1e-4, 0.5, 2),
      beta: fc.constantFrom(0.5, 0.75, 2),
      k: fc.constantFrom(0.5, 1, 2),
    });
    const cases = fc
      .tuple(batch, fc.integer({ min: 1, max: 6 }), sizes(1, 3, { min: 0, max: 2 }))
      .chain(([n, channels, space]) => fc.tuple(caseOf([n, channels, ...space]), options));
    fc.assert(
      fc.property(cases, ([c, o]) => {
        const space = c.shape.slice(2).reduce((a, b) => a * b, 1);
        const C = c.shape[1]!;
        const expected = c.values.map((v, i) => {
          const channel = Math.floor(i / space) % C;
          let total = 0;
          for (let j = 0; j < C; j++) {
            const inside = j >= channel - Math.floor(o.size / 2) && j <= channel + Math.floor((o.size - 1) / 2);
            if (inside) total += c.values[i + (j - channel) * space]! ** 2;
          }
          return v / (o.k + (o.alpha * total) / o.size) ** o.beta;
        });
        expect(difference(localResponseNorm(tensorOf(c), o), c.shape, expected)).toBeNull();
      }),
      parameters,
    );
  });

  test('normalize', () => {
    const cases = sizes(0, 3, { min: 1, max: 4 }).chain((shape) =>
      fc.tuple(
        caseOf(shape),
        fc.nat(shape.length - 1),
        fc.constantFrom(1, 2, 3, Infinity),
        fc.constantFrom(1e-12, 1.5),
      ),
    );
    fc.assert(
      fc.property(cases, ([c, axis, p, e]) => {
        const along = (index: readonly number[]): string => index.map((n, a) => (a === axis ? '' : n)).join(' ');
        const indices = c.values.map((_, i) => along(indexOf(c.shape, i)));
        const expected = c.values.map((v, i) => {
          const vector = c.values.filter((_, j) => indices[j] === indices[i]).map(Math.abs);
          const norm = p === Infinity ? Math.max(...vector) : vector.reduce((a, b) => a + b ** p, 0) ** (1 / p);
          return v / Math.max(norm, e);
        });
        expect(difference(normalize(tensorOf(c), { p, axis, eps: e }), c.shape, expected)).toBeNull();
      }),
      parameters,
    );
  });
});
