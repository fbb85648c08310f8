import { add, EAGER_REFERENCE, maximum, mul, sin, stopGradient, sum, type Tensor, where } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  check,
  floats,
  type Law,
  runLaw,
  type SearchCall,
  searchLaws,
  searchesOn,
  type SearchSamples,
} from '../index.js';

interface Attrs {
  readonly factor: number;
}

/** factor · sin(a) + b², for any sizes, those without elements among them. */
const right: SearchCall<Attrs> = ({ factor }, a, b) => add(mul(sin(a), factor), mul(b, b));

const samples: SearchSamples<Attrs> = {
  samples: fc
    .record({ factor: fc.constantFrom(1, 2, -3), shape: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }) })
    .map(({ factor, shape }) => ({ attrs: { factor }, inputs: [floats(shape), floats(shape)] })),
  oracle: ({ factor }, a, b) => ({
    shape: a.shape,
    data: Array.from(a.data, (v, i) => factor * Math.sin(v) + b.data[i] ** 2),
  }),
};

const [values, special] = searchLaws('right', right, samples).laws;
const broken = (law: Law, wrong: SearchCall<Attrs>): string | undefined =>
  runLaw({ ...law, subject: wrong }, { mutants: false }).failure?.error.message;

/** The memory of an eager tensor from its start on, whatever its layout. */
function unlaid(x: Tensor): Tensor {
  const payload = x.payload as { storage?: { data: ArrayLike<number> } };
  if (payload.storage === undefined) return x;
  return EAGER_REFERENCE.fromValues(x.spec, Array.from(payload.storage.data).slice(0, x.size));
}

describe('a right function', () => {
  check(searchLaws('right', right, samples), test);
  check(searchesOn({ name: 'reference', put: (t) => t }, [searchLaws('right', right, samples)]), test);
});

describe('a wrong one is caught', () => {
  test('an option that is ignored', () => {
    expect(broken(values, (_, ...inputs) => right({ factor: 1 }, ...inputs))).toMatch(/output 0|gradient/);
  });
  test('strides that are ignored', () => {
    expect(broken(values, (attrs, a, b) => right(attrs, unlaid(a), b))).toMatch(/output 0/);
  });
  test('another shape', () => {
    expect(broken(values, (attrs, ...inputs) => sum(right(attrs, ...inputs) as Tensor))).toMatch(/shape of output 0/);
  });
  test('the gradient of one input missing', () => {
    expect(broken(values, (attrs, a, b) => right(attrs, a, stopGradient(b)))).toMatch(/gradient of input 1/);
  });
  test('a gradient that is wrong in one quadrant', () => {
    const bent: SearchCall<Attrs> = (attrs, a, b) => {
      const y = right(attrs, a, b) as Tensor;
      return add(y, mul(add(a, mul(stopGradient(a), -1)), where(maximum(stopGradient(b), 1.5), 0.1, 0)));
    };
    expect(broken(values, bent)).toMatch(/gradient of input 0/);
  });
  test('NaN that is lost', () => {
    const swallowing: SearchCall<Attrs> = (attrs, a, b) => right(attrs, where(a, a, 0), b);
    const lost: SearchCall<Attrs> = (attrs, ...inputs) => maximumOfFinite(swallowing(attrs, ...inputs) as Tensor);
    expect(broken(special, lost)).toMatch(/with .* in input/);
  });
  test('the number of cases is that of a search', () => {
    expect(runLaw(values, { mutants: false, searchRuns: 17, runs: 3 }).cases).toBe(17);
  });
});

function maximumOfFinite(y: Tensor): Tensor {
  return EAGER_REFERENCE.fromValues(
    y.spec,
    Array.from(y.dataSync(), (v) => (Number.isNaN(v) ? 0 : v)),
  );
}
