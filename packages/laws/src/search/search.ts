import * as fc from 'fast-check';
import { vjp } from '@lemmata/autograd';
import {
  add,
  EAGER_REFERENCE,
  isFloat,
  isTensor,
  mul,
  sameSpec,
  stopGradient,
  type OpDef,
  type Tensor,
} from '@lemmata/tensor';
import { sameShape } from '@lemmata/shape';
import type { Law, Laws, Mutant } from '../law.js';
import { noise } from '../noise.js';
import { dot, isFloatType, like, specOf, type FloatType } from '../op/calls.js';
import { difference } from '../op/gradient.js';
import { lay, type LayoutName } from '../op/layouts.js';
import { opCases, showCase, type CaseInput, type NdArray, type OpCase } from '../sample.js';
import { expectClose, expectSame, indexOf, Violation, type Tolerance } from '../violation.js';
import type { SearchBackend, SearchCall, SearchSamples } from './samples.js';

/** Where the elements of each input lie in memory. */
type Layouts = readonly (LayoutName | 'packed')[];
interface SearchCase extends OpCase {
  readonly layouts: Layouts;
}

const SPECIAL_LAW = 'NaN and infinities are treated as by the oracle';
const LAYOUTS: Layouts = ['packed', 'offset', 'gaps', 'transposed', 'flipped'];
const DEFAULT_BOUND: Tolerance = { relative: 1e-10, absolute: 1e-10 };
const FLOAT32_BOUND: Tolerance = { relative: 2e-5, absolute: 2e-5 };

/**
 * Random search over all that may be asked of a function: outputs and the gradients of all inputs against an oracle, for
 * packed and strided inputs, then again with NaN and infinities among them. At least 100 cases a law; `LEMMATA_SEARCH_RUNS`
 * says how many.
 */
export function searchLaws<A>(name: string, call: SearchCall<A>, samples: SearchSamples<A>): Laws {
  const laws: (Law | false)[] = [
    valuesLaw(name, call, samples),
    samples.finiteOnly === undefined && specialLaw(name, call, samples),
  ];
  return {
    subject: `search: ${name}`,
    laws: laws.filter((law) => law !== false),
    ...(samples.known === undefined ? {} : { known: samples.known }),
  };
}

/**
 * The searches among `laws` on another backend, in float32: outputs against the oracle, gradients against those of float64.
 * Other laws are left out.
 */
export function searchesOn(backend: SearchBackend, laws: readonly Laws[]): Laws[] {
  return laws.flatMap(({ subject, laws: list }) => {
    const again = list.flatMap(({ name, subject: call, search }) =>
      search === undefined || name === SPECIAL_LAW ? [] : [backendLaw(backend, subject, call, search)],
    );
    return again.length === 0 ? [] : [{ subject: `${subject} on ${backend.name}`, laws: again }];
  });
}

const gradientTimes = (y: Tensor, factor: number): Tensor => add(mul(y, factor), mul(stopGradient(y), 1 - factor));

/** A bug in the float outputs of a call. It bites where there are any elements. */
function outputsMutant(
  name: string,
  wrong: (y: Tensor) => Tensor,
  where: (y: Tensor) => boolean,
): Mutant<SearchCall<any>> {
  return {
    name,
    conditional: true,
    plant:
      (call, bites) =>
      (...args) =>
        listOf(call(...args)).map((y) => {
          if (!isFloat(y.dtype)) return y;
          if (where(y)) bites();
          return wrong(y);
        }),
  };
}

const tooLarge = outputsMutant(
  'results 0.1 % too large',
  (y) => mul(y, 1.001),
  (y) => y.size > 0,
);
const wrongGradient = outputsMutant(
  'gradient 1 % too large',
  (y) => gradientTimes(y, 1.01),
  (y) => y.size > 0,
);

function casesOf<A>(samples: SearchSamples<A>): fc.Arbitrary<SearchCase> {
  const drawn = opCases({ samples: samples.samples, invalid: [] }) as fc.Arbitrary<OpCase<A>>;
  return drawn.chain((example) =>
    fc
      .array(fc.constantFrom(...LAYOUTS), { minLength: example.inputs.length, maxLength: example.inputs.length })
      .map((layouts) => ({ ...example, layouts })),
  );
}

function listOf(outputs: Tensor | readonly Tensor[]): readonly Tensor[] {
  return isTensor(outputs) ? [outputs] : (outputs as readonly Tensor[]);
}

/** The oracle's outputs for these values of the inputs. */
function expectedOf({ oracle }: SearchSamples<any>, attrs: unknown, inputs: readonly CaseInput[]): readonly NdArray[] {
  const result = oracle(attrs, ...inputs.map(({ shape, values }) => ({ shape, data: values })));
  return Array.isArray(result) ? (result as readonly NdArray[]) : [result as NdArray];
}

function tensorsOf({ inputs, layouts, seed }: SearchCase, floatType: FloatType): Tensor[] {
  return inputs.map((input, i) => {
    const spec = specOf(input, floatType);
    const layout = layouts[i]!;
    return layout === 'packed'
      ? EAGER_REFERENCE.fromValues(spec, input.values)
      : lay(layout, spec, input.values, seed).tensor;
  });
}

/** Throws unless the outputs have the shapes and values that are expected. Returns the largest error. */
function compare(
  outputs: readonly Tensor[],
  expected: readonly NdArray[],
  bound: Tolerance,
  source: string = 'oracle',
): number {
  if (outputs.length !== expected.length) {
    throw new Violation({ what: 'number of outputs', received: outputs.length, expected: expected.length });
  }
  return Math.max(
    0,
    ...outputs.map((y, k) => {
      const { shape, data } = expected[k]!;
      if (!sameShape(y.shape, shape)) {
        const [received, wanted] = [y.shape, shape].map((list) => `[${list.join(', ')}]`);
        throw new Violation({ what: `shape of output ${k}`, received, expected: wanted, source });
      }
      const about = { what: `output ${k}`, shape, source };
      if (isFloat(y.dtype)) return expectClose(about, y.dataSync(), data, bound);
      expectSame(about, y.dataSync(), data, 'number');
      return 0;
    }),
  );
}

/** Which inputs have gradients, and the function of just those, float outputs only. */
function smooth(
  call: SearchCall<any>,
  { gradientsOf = Infinity }: SearchSamples<any>,
  { attrs, inputs }: SearchCase,
  tensors: readonly Tensor[],
) {
  const moving = inputs.flatMap(({ dtype, constant }, i) => (isFloatType(dtype) && constant !== true ? [i] : []));
  const f = (...xs: Tensor[]): Tensor[] => {
    const all = tensors.map((t, i) => (moving.includes(i) ? xs[moving.indexOf(i)]! : t));
    return listOf(call(attrs, ...all)).filter((y, k) => k < gradientsOf && isFloat(y.dtype));
  };
  return { moving, f, at: moving.map((i) => tensors[i]!) };
}

function law(
  name: string,
  call: SearchCall<any>,
  samples: SearchSamples<any>,
  floatType: FloatType,
  part: Pick<Law<SearchCall<any>, SearchCase>, 'name' | 'statement' | 'formula' | 'mutants' | 'holds'>,
): Law<SearchCall<any>, SearchCase> {
  return {
    ...part,
    subject: call,
    cases: casesOf(samples),
    search: samples,
    show: (example) => `// inputs ${example.layouts.join(', ')}\n${showCase({ name } as OpDef, example, floatType)}`,
  };
}

function valuesLaw(name: string, call: SearchCall<any>, samples: SearchSamples<any>): Law {
  const bound = samples.bound ?? DEFAULT_BOUND;
  const differentiates = samples.notDifferentiable === undefined;
  return law(name, call, samples, 'float64', {
    name: differentiates ? 'values and gradients are those of the oracle' : 'values are those of the oracle',
    statement:
      'For any legal options, sizes and strides the outputs are those of a naive program that was written apart' +
      (differentiates
        ? ', and the gradient of each input along a random direction is the derivative of that program.'
        : '.'),
    formula: differentiates ? 'f(x) = o(x), ⟨vjpᵢ(u), d⟩ = d/dh ⟨u, o(x + h dᵢ)⟩ at h = 0' : 'f(x) = o(x)',
    mutants: differentiates ? [tooLarge, wrongGradient] : [tooLarge],
    holds(subject, example) {
      const tensors = tensorsOf(example, 'float64');
      const expected = expectedOf(samples, example.attrs, example.inputs);
      const worst = compare(listOf(subject(example.attrs, ...tensors)), expected, bound);
      return differentiates ? Math.max(worst, gradients(subject, samples, example, tensors)) : worst;
    },
  });
}

/** Compares the gradient of every input with the oracle's finite differences. Returns the largest error. */
function gradients(
  subject: SearchCall<any>,
  samples: SearchSamples<any>,
  example: SearchCase,
  tensors: readonly Tensor[],
): number {
  const { attrs, inputs, seed } = example;
  const { moving, f, at } = smooth(subject, samples, example, tensors);
  if (at.length === 0) return 0;
  const { value, pullback } = vjp(f, ...at);
  const upstream = value.map((y, k) => noise(y.size, seed, k));
  const found = pullback(value.map((y, k) => like(y, upstream[k]!))) as Tensor[];
  const { step = 2 ** -11, gradientsOf = Infinity } = samples;
  // What is not finite, as the mean of nothing, has no derivative.
  const finite = expectedOf(samples, attrs, inputs).every(({ data }) => Array.from(data).every(Number.isFinite));
  if (!finite) return 0;
  const smoothOutputs = listOf(subject(attrs, ...tensors)).map((y, k) => k < gradientsOf && isFloat(y.dtype));
  const h = typeof step === 'number' ? step : step(attrs);
  let worst = 0;
  moving.forEach((input, i) => {
    const gradient = found[i]!;
    if (!sameSpec(gradient.spec, at[i]!.spec)) {
      const expected = `[${at[i]!.shape.join(', ')}]`;
      throw new Violation({ what: `shape of gradient ${input}`, received: `[${gradient.shape.join(', ')}]`, expected });
    }
    const { values, shape } = inputs[input]!;
    if (values.length === 0) return;
    // One direction for all elements, then one element alone: a random sum could hide what is small.
    const one = seed % values.length;
    const directions = [
      noise(values.length, seed, 100 + input),
      Float64Array.from(values, (_, n) => Number(n === one)),
    ];
    directions.forEach((direction, kind) => {
      const along = (t: number): number => {
        const moved = inputs.map((x, k) =>
          k === input ? { ...x, values: values.map((v, n) => v + t * direction[n]!) } : x,
        );
        let total = 0;
        expectedOf(samples, attrs, moved)
          .filter((_, k) => smoothOutputs[k])
          .forEach(({ data }, k) => (total += dot(upstream[k]!, data)));
        return total;
      };
      const expected = difference(along, h);
      const bound = 1e-7 + 1e-6 * Math.abs(expected.value) + expected.rounding;
      if (samples.kinks !== undefined && bends(along, h, bound)) return;
      const received = dot(gradient.dataSync(), direction);
      const error = Math.abs(received - expected.value);
      if (!(error <= bound)) {
        throw new Violation({
          what: `gradient of input ${input}${kind === 0 ? ' along a random direction' : ''}`,
          ...(kind === 0 ? {} : { index: indexOf(one, shape) }),
          received,
          expected: expected.value,
          source: 'central differences of the oracle',
          error,
          bound,
        });
      }
      worst = Math.max(worst, error);
    });
  });
  return worst;
}

/** Whether f has a kink within a step of 0: differences at a smaller step say otherwise, or both sides agree no better. */
function bends(f: (t: number) => number, step: number, bound: number): boolean {
  const asymmetry = (t: number): number => Math.abs(f(t) - 2 * f(0) + f(-t)) / t;
  const [far, near] = [difference(f, step), difference(f, step / 16)];
  const differs = Math.abs(far.value - near.value) > bound / 2 + near.rounding;
  return differs || asymmetry(step / 16) > asymmetry(step) / 4 + bound / 4;
}

/** What is planted among the inputs. */
const SPECIAL = [NaN, Infinity, -Infinity, -0, 1e300, -1e300];

function specialLaw(name: string, call: SearchCall<any>, samples: SearchSamples<any>): Law {
  const finite =
    (wrong: (v: number) => number): ((y: Tensor) => Tensor) =>
    (y) =>
      like(y, Float64Array.from(y.dataSync(), wrong));
  return law(name, call, samples, 'float64', {
    name: SPECIAL_LAW,
    statement:
      'With NaN, ±∞, −0 or ±10³⁰⁰ at one place of an input, every output is what the naive program says: NaN where it is NaN, ' +
      'infinite with its sign where it is infinite.',
    formula: 'f(x; xᵢ = NaN, ±∞) = o(x; xᵢ = NaN, ±∞)',
    mutants: [
      outputsMutant(
        'NaN becomes 0',
        finite((v) => (Number.isNaN(v) ? 0 : v)),
        (y) => y.dataSync().some(Number.isNaN),
      ),
      outputsMutant(
        'infinities become finite',
        finite((v) => (Math.abs(v) === Infinity ? Math.sign(v) : v)),
        (y) => y.dataSync().some((v) => Math.abs(v) === Infinity),
      ),
    ],
    holds(subject, { attrs, inputs, layouts, seed }) {
      if (samples.takesSpecial?.(attrs) === false) return;
      const able = inputs
        .slice(0, samples.specialInputs)
        .flatMap(({ dtype, values }, i) => (isFloatType(dtype) && values.length > 0 ? [i] : []));
      if (able.length === 0) return;
      const chosen = able[seed % able.length]!;
      const special = SPECIAL[Math.floor(seed / 7) % SPECIAL.length]!;
      const spoilt = inputs.map((input, i) => {
        if (i !== chosen) return input;
        const at = Math.floor(seed / 50) % input.values.length;
        return { ...input, values: input.values.map((v, n) => (n === at ? special : v)) };
      });
      const tensors = tensorsOf({ attrs, inputs: spoilt, layouts, seed }, 'float64');
      try {
        compare(listOf(subject(attrs, ...tensors)), expectedOf(samples, attrs, spoilt), samples.bound ?? DEFAULT_BOUND);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        throw new Violation({ ...error.facts, what: `${error.facts.what}, with ${special} in input ${chosen}` });
      }
    },
  });
}

function backendLaw(backend: SearchBackend, name: string, call: SearchCall<any>, samples: SearchSamples<any>): Law {
  const bound: Tolerance = samples.float32Bound ?? FLOAT32_BOUND;
  return law(name, call, samples, 'float32', {
    name: 'values and gradients are those of the oracle, in float32',
    statement:
      `In float32 on the ${backend.name} backend the outputs are those of the oracle, and the gradients those of float64, within ` +
      `${bound.absolute} + ${bound.relative} relative.`,
    formula: `|f₃₂(x) − o(x)| ≤ ${bound.absolute} + ${bound.relative} |o(x)|, ∇ too`,
    mutants: [tooLarge, wrongGradient],
    holds(subject, drawn) {
      const rounded = drawn.inputs.map((input) =>
        input.dtype === 'float' ? { ...input, values: input.values.map(Math.fround) } : input,
      );
      const example = { ...drawn, inputs: rounded };
      const narrow = tensorsOf(example, 'float32').map((t) => backend.put(t));
      const outputs = listOf(subject(example.attrs, ...narrow));
      let worst = compare(outputs, expectedOf(samples, example.attrs, rounded), bound);
      if (samples.notDifferentiable !== undefined) return worst;
      const [received, expected] = [
        [subject, narrow],
        [call, tensorsOf(example, 'float64')],
      ].map(([g, tensors]) => {
        const { f, at } = smooth(g as SearchCall<any>, samples, example, tensors as Tensor[]);
        if (at.length === 0) return [];
        const { value, pullback } = vjp(f, ...at);
        return pullback(value.map((y, k) => like(y, noise(y.size, example.seed, k)))) as Tensor[];
      }) as [Tensor[], Tensor[]];
      received.forEach((g, i) => {
        const about = { what: `gradient ${i}`, shape: g.shape, source: 'float64 gradient' };
        worst = Math.max(worst, expectClose(about, g.dataSync(), expected[i]!.dataSync(), bound));
      });
      return worst;
    },
  });
}
