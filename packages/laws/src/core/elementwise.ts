import * as t from '@lemmata/tensor';
import { floats, ints, truths, type InputSpec, type KnownFailure } from '../index.js';
import { exactly, integers, oneOf, powersOfTwo, uniform, type Values } from '../values.js';
import { core, type CoreOp } from './entry.js';
import * as series from './series.js';

interface Row {
  readonly op: t.OpDef;
  readonly formula: (attrs: any, ...x: number[]) => number;
  readonly samples: readonly { readonly attrs?: any; readonly inputs: readonly InputSpec[] }[];
  readonly known?: readonly KnownFailure[];
}

function row(op: t.OpDef, formula: (...x: number[]) => number, ...inputs: (readonly InputSpec[])[]): Row {
  return { op, formula: (_attrs, ...x) => formula(...x), samples: inputs.map((list) => ({ inputs: list })) };
}

const S = [2, 3];
const one = (values?: Values): InputSpec[] => [floats(S, values)];
const two = (a?: Values, b?: Values): InputSpec[] => [floats(S, a), floats(S, b)];
const intPair = [ints(S), ints(S)];
const truthPair = [truths(S), truths(S)];
const offZero = uniform(-2, 2, { avoid: [0] });
const positive = uniform(0.2, 3);
const inside = uniform(-0.9, 0.9);
/** No number of the one list lies near one of the other. */
const odd = oneOf(-1.9, -1.5, -1.1, -0.7, -0.3, 0.1, 0.5, 0.9, 1.3, 1.7);
const even = oneOf(-1.7, -1.3, -0.9, -0.5, -0.1, 0.3, 0.7, 1.1, 1.5, 1.9);
/** Each kind, and no two beside each other that are alike. */
const special = exactly(0, NaN, 1, Infinity, NaN, -Infinity);
/** So few that some are equal. */
const few = integers(-1, 1);
const halves = Array.from({ length: 9 }, (_, i) => i / 2 - 2);
const offIntegers = uniform(-2, 2, { avoid: [-2, -1, 0, 1, 2] });
/** Divided by ±1 or ±2, none of these comes near an integer. */
const numerator = oneOf(-2.7, -1.4, -0.6, 0.3, 0.7, 1.3, 2.6);
const divisor = oneOf(-2, -1, 1, 2);
const truth = (value: boolean): number => (value ? 1 : 0);

const floorMod = (a: number, b: number): number => {
  let r = a;
  while (r * Math.sign(b) < 0) r += Math.abs(b) * Math.sign(b);
  while (Math.abs(r) >= Math.abs(b)) r -= b;
  return r;
};
const towardZero = (x: number): number => Number.parseInt(x.toFixed(6), 10);
const below = (x: number): number => towardZero(x) - truth(x < 0 && x !== towardZero(x));

const rows: readonly Row[] = [
  row(t.Add, (a, b) => -(-a - b), two(), intPair),
  row(t.Sub, (a, b) => a + -b, two(), intPair),
  row(t.Mul, (a, b) => (a === 0 ? 0 : b / (1 / a)), two(), [ints(S, oneOf(-4, -2, -1, 0, 1, 2, 4)), ints(S)]),
  {
    ...row(t.Div, (a, b) => a * b ** -1),
    samples: [{ inputs: [floats(S), floats(S, offZero, { exact: powersOfTwo() })] }],
  },
  row(t.Neg, (x) => 0 - x, one(offZero), [ints(S, integers(-4, 4, { avoid: [0] }))]),
  row(t.Abs, (x) => (x < 0 ? -x : x), one(offZero), [ints(S)]),
  row(t.Sign, (x) => truth(x > 0) - truth(x < 0), one(offZero), [ints(S)]),
  row(t.Square, (x) => x ** 2, one(), [ints(S)]),
  row(t.Reciprocal, (x) => x ** -1, one(uniform(-2, 2, { avoid: [0], margin: 0.2 }))),
  row(t.Pow, (a, b) => series.exp(b * series.log(a)), two(positive, uniform())),
  {
    op: t.Cast,
    formula: ({ dtype }: { dtype: t.DType }, x) =>
      dtype === 'int32' ? towardZero(x) : dtype === 'bool' ? truth(x !== 0) : x,
    samples: [
      { attrs: { dtype: 'float64' }, inputs: one() },
      { attrs: { dtype: 'int32' }, inputs: one(offIntegers) },
      { attrs: { dtype: 'bool' }, inputs: one(integers()) },
      { attrs: { dtype: 'float32' }, inputs: [ints(S)] },
      { attrs: { dtype: 'int32' }, inputs: [truths(S)] },
    ],
  },

  row(t.Eq, (a, b) => truth(!(a < b || a > b)), two(few, few), intPair, truthPair),
  row(t.Ne, (a, b) => truth(a < b || a > b), two(few, few), intPair, truthPair),
  row(t.Lt, (a, b) => truth(b - a > 0), two(integers(), integers()), two(), intPair),
  row(t.Le, (a, b) => truth(b - a >= 0), two(integers(), integers()), two(), intPair),
  row(t.Gt, (a, b) => truth(a - b > 0), two(integers(), integers()), two(), intPair),
  row(t.Ge, (a, b) => truth(a - b >= 0), two(integers(), integers()), two(), intPair),
  row(t.Remainder, floorMod, two(numerator, divisor), [ints(S), ints(S, divisor)]),
  row(t.Fmod, (a, b) => Math.sign(a) * floorMod(Math.abs(a), Math.abs(b)), two(numerator, divisor), [
    ints(S, integers(1, 5)),
    ints(S, divisor),
  ]),
  row(t.FloorDivide, (a, b) => below(a / b), two(numerator, divisor), [ints(S), ints(S, divisor)]),

  row(t.Exp, series.exp, one()),
  row(t.Expm1, (x) => series.exp(x) - 1, one()),
  row(t.Log, series.log, one(positive)),
  row(t.Log1p, (x) => series.log(1 + x), one(uniform(-0.8, 2))),
  row(t.Log2, (x) => series.log(x) / series.log(2), one(positive)),
  row(t.Log10, (x) => series.log(x) / series.log(10), one(positive)),
  row(t.Sqrt, series.sqrt, one(positive)),
  row(t.Rsqrt, (x) => 1 / series.sqrt(x), one(positive)),

  row(t.IsNaN, (x) => truth(x !== x), one(oneOf(NaN, 1, -Infinity, 0)), one(special)),
  row(t.IsFinite, (x) => truth(x - x === 0), one(oneOf(NaN, 1, -Infinity, Infinity, 0)), one(special)),
  row(t.IsInf, (x) => truth(x === 1 / 0 || x === -1 / 0), one(oneOf(NaN, 1, -Infinity, Infinity, 0)), one(special)),
  {
    op: t.NanToNum,
    formula: (_attrs, x) => x,
    samples: [{ attrs: { nan: 0.5, posinf: 100, neginf: -100 }, inputs: one() }],
    known: [{ law: 'NaN in, NaN out', reason: 'to replace NaN is what it is for' }],
  },

  row(t.Sinh, series.sinh, one()),
  row(t.Cosh, series.cosh, one()),
  row(t.Tanh, (x) => series.sinh(x) / series.cosh(x), one()),
  row(t.Asinh, (x) => Math.sign(x) * series.log(Math.abs(x) + series.sqrt(x * x + 1)), one()),
  row(t.Acosh, (x) => series.log(x + series.sqrt(x * x - 1)), one(uniform(1.2, 3))),
  row(t.Atanh, (x) => series.log((1 + x) / (1 - x)) / 2, one(inside)),

  row(t.LogicalAnd, (a, b) => truth(!(a === 0 || b === 0)), truthPair, two(integers(-1, 1), integers(-1, 1))),
  row(t.LogicalOr, (a, b) => truth(!(a === 0 && b === 0)), truthPair, two(integers(-1, 1), integers(-1, 1))),
  row(t.LogicalXor, (a, b) => truth((a === 0) !== (b === 0)), truthPair, two(integers(-1, 1), integers(-1, 1))),
  row(t.LogicalNot, (a) => truth(a === 0), [truths(S)], one(integers(-1, 1))),

  row(t.Floor, below, one(offIntegers)),
  row(t.Ceil, (x) => -below(-x), one(offIntegers)),
  row(t.Round, (x) => below(x + 0.5), one(uniform(-2, 2, { avoid: halves }))),
  row(t.Trunc, towardZero, one(offIntegers)),
  row(t.Frac, (x) => x - towardZero(x), one(offIntegers)),

  row(t.Where, (c, a, b) => (c === 1 ? a : b), [truths(S), floats(S), floats(S)], [truths(S), ints(S), ints(S)]),
  row(t.Maximum, (a, b) => (a + b + Math.abs(a - b)) / 2, two(odd, even), intPair),
  row(t.Minimum, (a, b) => (a + b - Math.abs(a - b)) / 2, two(odd, even), intPair),
  {
    op: t.Clamp,
    formula: ({ lower, upper }, x, ...bounds) =>
      [lower ? bounds[0] : -9, x, upper ? bounds.at(-1)! : 9].sort((a, b) => a - b)[1],
    samples: [
      {
        attrs: { lower: true, upper: true },
        inputs: [floats(S, odd), floats(S, oneOf(-0.9, -1.3)), floats(S, oneOf(0.7, 1.1))],
      },
      { attrs: { lower: true, upper: false }, inputs: [floats(S, odd), floats(S, even)] },
      { attrs: { lower: false, upper: true }, inputs: [floats(S, odd), floats(S, even)] },
    ],
  },
  row(t.Lerp, (a, b, w) => a * (1 - w) + b * w, [floats(S), floats(S), floats(S, uniform(-1, 2, { avoid: [0.5] }))]),

  row(t.Sigmoid, (x) => series.exp(x) / (series.exp(x) + 1), one()),
  row(t.LogSigmoid, (x) => x - series.log(series.exp(x) + 1), one()),
  row(t.Softplus, (x) => series.log(series.exp(x) + 1), one()),
  row(t.Erf, series.erf, one()),
  row(t.Erfc, (x) => 1 - series.erf(x), one()),

  row(t.Sin, series.sin, one()),
  row(t.Cos, series.cos, one()),
  row(t.Tan, (x) => series.sin(x) / series.cos(x), one(uniform(-1.2, 1.2))),
  row(t.Asin, (x) => series.atan(x / series.sqrt(1 - x * x)), one(inside)),
  row(t.Acos, (x) => Math.PI / 2 - series.atan(x / series.sqrt(1 - x * x)), one(inside)),
  row(t.Atan, series.atan, one()),
  row(t.Atan2, (y, x) => 2 * series.atan(y / (series.sqrt(x * x + y * y) + x)), two(uniform(0.3, 2), uniform())),
];

/** Every elementwise op, each with a formula that uses other means than the op. */
export const elementwiseOps: readonly CoreOp[] = rows.map(({ op, formula, samples, known }) =>
  core(op, {
    formula,
    samples: samples.map(({ attrs = {}, inputs }) => ({ attrs, inputs })),
    invalid: [],
    ...(known === undefined ? {} : { known }),
  }),
);
