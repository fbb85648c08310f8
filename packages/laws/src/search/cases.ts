import { EAGER_REFERENCE, isFloat, isTensor, mul, type OpDef, type Tensor } from '@lemmata/tensor';
import { sameShape } from '@lemmata/shape';
import * as fc from 'fast-check';
import type { Law, Mutant } from '../law.js';
import { isFloatType, specOf, type FloatType } from '../op/calls.js';
import { lay, type LayoutName } from '../op/layouts.js';
import { opCases, showCase, type CaseInput, type NdArray, type OpCase } from '../sample.js';
import { expectClose, expectSame, Violation, type Tolerance } from '../violation.js';
import type { SearchCall, SearchSamples } from './samples.js';

/** Where the elements of each input lie in memory. */
type Layouts = readonly (LayoutName | 'packed')[];
export interface SearchCase extends OpCase {
  readonly layouts: Layouts;
}

const LAYOUTS: Layouts = ['packed', 'offset', 'gaps', 'transposed', 'flipped'];
export const DEFAULT_BOUND: Tolerance = { relative: 1e-10, absolute: 1e-10 };
export const FLOAT32_BOUND: Tolerance = { relative: 2e-5, absolute: 2e-5 };

/** A bug in the float outputs of a call. It bites where there are any elements. */
export function outputsMutant(
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

export const tooLarge: Mutant<SearchCall<any>> = outputsMutant(
  'results 0.1 % too large',
  (y) => mul(y, 1.001),
  (y) => y.size > 0,
);

export function casesOf<A>(samples: SearchSamples<A>): fc.Arbitrary<SearchCase> {
  const drawn = opCases({ samples: samples.samples, invalid: [] }) as fc.Arbitrary<OpCase<A>>;
  return drawn.chain((example) =>
    fc
      .array(fc.constantFrom(...LAYOUTS), { minLength: example.inputs.length, maxLength: example.inputs.length })
      .map((layouts) => ({ ...example, layouts })),
  );
}

export function listOf(outputs: Tensor | readonly Tensor[]): readonly Tensor[] {
  return isTensor(outputs) ? [outputs] : outputs;
}

/** The oracle's outputs for these values of the inputs. */
export function expectedOf(
  { oracle }: SearchSamples<any>,
  attrs: unknown,
  inputs: readonly CaseInput[],
): readonly NdArray[] {
  const result = oracle(attrs, ...inputs.map(({ shape, values }) => ({ shape, data: values })));
  return Array.isArray(result) ? (result as readonly NdArray[]) : [result as NdArray];
}

export function tensorsOf({ inputs, layouts, seed }: SearchCase, floatType: FloatType): Tensor[] {
  return inputs.map((input, i) => {
    const spec = specOf(input, floatType);
    const layout = layouts[i];
    return layout === 'packed'
      ? EAGER_REFERENCE.fromValues(spec, input.values)
      : lay(layout, spec, input.values, seed).tensor;
  });
}

/** Throws unless the outputs have the shapes and values that are expected. */
export function compare(
  outputs: readonly Tensor[],
  expected: readonly NdArray[],
  bound: Tolerance,
  source: string = 'oracle',
): void {
  if (outputs.length !== expected.length) {
    throw new Violation({ what: 'number of outputs', received: outputs.length, expected: expected.length });
  }
  outputs.forEach((y, k) => {
    const { shape, data } = expected[k];
    if (!sameShape(y.shape, shape)) {
      const [received, wanted] = [y.shape, shape].map((list) => `[${list.join(', ')}]`);
      throw new Violation({ what: `shape of output ${k}`, received, expected: wanted, source });
    }
    const about = { what: `output ${k}`, shape, source };
    if (isFloat(y.dtype)) expectClose(about, y.dataSync(), data, bound);
    else expectSame(about, y.dataSync(), data, 'number');
  });
}

/** A call as a function of those inputs that have gradients, float outputs only. */
export interface Smooth {
  /** Places of the inputs. */
  readonly moving: readonly number[];
  readonly f: (...xs: Tensor[]) => Tensor[];
  readonly at: readonly Tensor[];
}

export function smooth(
  call: SearchCall<any>,
  { gradientsOf = Infinity }: SearchSamples<any>,
  { attrs, inputs }: SearchCase,
  tensors: readonly Tensor[],
): Smooth {
  const moving = inputs.flatMap(({ dtype, constant }, i) => (isFloatType(dtype) && constant !== true ? [i] : []));
  const f = (...xs: Tensor[]): Tensor[] => {
    const all = tensors.map((t, i) => (moving.includes(i) ? xs[moving.indexOf(i)] : t));
    return listOf(call(attrs, ...all)).filter((y, k) => k < gradientsOf && isFloat(y.dtype));
  };
  return { moving, f, at: moving.map((i) => tensors[i]) };
}

export function law(
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
