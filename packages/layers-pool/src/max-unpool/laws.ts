import {
  exactly,
  expectSame,
  floats,
  functionOp,
  ints,
  type Law,
  type Laws,
  opLaws,
  type OpSample,
  searchLaws,
  smallIntegers,
} from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import { add, mul, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { maxPool2d, maxPool2dWithIndices } from '../max-pool/index.js';
import { maxUnpool1d, maxUnpool2d, maxUnpool3d, type MaxUnpoolOptions } from './max-unpool.js';
import { maxUnpoolCall, maxUnpoolSearch } from './search.laws.js';

const samples: fc.Arbitrary<OpSample<MaxUnpoolOptions>> = fc
  .record({
    axes: fc.array(
      fc.record({ pooled: fc.integer({ min: 1, max: 3 }), kernel: fc.integer({ min: 1, max: 3 }), more: fc.boolean() }),
      { minLength: 1, maxLength: 3 },
    ),
    batch: fc.constantFrom(1, 2, 1, 0),
    channels: fc.integer({ min: 1, max: 2 }),
    seed: fc.nat(1e6),
  })
  .map(({ axes, batch, channels, seed }) => {
    const size = axes.map(({ pooled, kernel, more }) => pooled * kernel + (more && kernel > 1 ? 1 : 0));
    const shape = [batch, channels, ...axes.map(({ pooled }) => pooled)];
    // Any places, so that some occur twice.
    const places = smallIntegers(sizeOf(shape), seed).map((v) => (v * 7 + 700) % sizeOf(size));
    return {
      attrs: { kernelSize: axes.map(({ kernel }) => kernel), outputSize: size },
      inputs: [floats(shape), ints(shape, exactly(...places))],
    };
  });

const functionLaws: Laws = opLaws(
  functionOp('maxUnpool', (options: MaxUnpoolOptions, x: Tensor, indices: Tensor) =>
    [maxUnpool1d, maxUnpool2d, maxUnpool3d][x.rank - 3](x, indices, options),
  ),
  {
    samples,
    invalid: [
      { attrs: { kernelSize: 2 }, inputs: [floats([1, 1, 2]), ints([1, 1, 3])], throws: /the shape of x/ },
      { attrs: { kernelSize: 2 }, inputs: [floats([1, 1, 2]), floats([1, 1, 2])], throws: /must be int32/ },
      {
        attrs: { kernelSize: 2, outputSize: 8 },
        inputs: [floats([1, 1, 2]), ints([1, 1, 2])],
        throws: /received 8, expected 3 to 5/,
      },
    ],
    oracle({ outputSize }, x, indices) {
      const size = outputSize as readonly number[];
      const [batch, channels, ...pooled] = x.shape;
      const [plane, count] = [sizeOf(size), sizeOf(pooled)];
      const data = new Array<number>(batch * channels * plane).fill(0);
      for (let i = 0; i < batch * channels * count; i++)
        data[Math.floor(i / count) * plane + indices.data[i]] = x.data[i];
      return { shape: [batch, channels, ...size], data };
    },
  },
);

type Unpool = typeof maxUnpool2d;

const inverse: Law<Unpool, { readonly kernel: readonly [number, number]; readonly seed: number }> = {
  name: 'pooling what was unpooled gives the same again',
  statement: 'A picture without negative elements, pooled, unpooled and pooled, is as it was pooled.',
  formula: 'x ≥ 0 ⇒ pool(unpool(pool(x))) = pool(x)',
  subject: maxUnpool2d,
  cases: fc.record({
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    seed: fc.nat(1e6),
  }),
  mutants: [
    { name: '1 added', plant: (unpool) => (x, i, o) => add(unpool(x, i, o), 1) },
    { name: 'twice too large', plant: (unpool) => (x, i, o) => mul(unpool(x, i, o), 2) },
  ],
  holds(unpool, { kernel, seed }) {
    const options = { kernelSize: [...kernel] };
    const shape = [1, 2, 3 * kernel[0], 2 * kernel[1]];
    const x = tensor(
      smallIntegers(sizeOf(shape), seed).map((v) => v + 9),
      { shape, dtype: 'float64' },
    );
    const { values, indices } = maxPool2dWithIndices(x, options);
    const again = maxPool2d(unpool(values, indices, options), options);
    expectSame(
      { what: 'pooled again', shape: values.shape, source: 'pooled' },
      again.dataSync(),
      values.dataSync(),
      'number',
    );
  },
};

/** Of unpooling as a function, and as the inverse of pooling. */
export const laws: readonly Laws[] = [
  functionLaws,
  { subject: 'maxUnpool2d', laws: [inverse] },
  searchLaws('maxUnpool', maxUnpoolCall, maxUnpoolSearch),
];
