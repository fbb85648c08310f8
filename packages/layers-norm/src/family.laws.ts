import { expectSame, type Law, noise } from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import { type Shape, sizeOf } from '@lemmata/shape';
import { add, key as keyOf, mul, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';

export interface Drawn {
  readonly seed: number;
}

export const seeds: fc.Arbitrary<Drawn> = fc.record({ seed: fc.nat(0x7ffffffe) });

/** A float64 tensor of numbers in [−1, 1) that follow from a seed. */
export function draw(shape: Shape, seed: number, stream = 0): Tensor {
  return tensor(noise(sizeOf(shape), seed, stream), { shape });
}

export interface ModeSample {
  readonly layer: Layer<any, any>;
  readonly inputShape: Shape;
}

type Apply = (sample: ModeSample, params: any, x: Tensor, train: boolean) => Tensor;

/** Of layers without running statistics: training is as inference. */
export function modeLaw(samples: readonly ModeSample[]): Law<Apply, Drawn & { readonly sample: number }> {
  return {
    name: 'the mode changes nothing',
    statement: 'Training and inference give the same bits, for any parameters.',
    formula: 'f(p, x; train) = f(p, x; inference)',
    subject: ({ layer }, params, x, train) => layer.apply(params, {}, x, { train })[0],
    cases: samples.map((_, sample) => fc.record({ seed: fc.nat(0x7ffffffe), sample: fc.constant(sample) })),
    mutants: [
      {
        name: 'inference takes the statistics of the batch before',
        plant: (apply) => {
          let before: Tensor | null = null;
          return (sample, params, x, train) => {
            const given = train ? x : add(x, mul(before ?? x, 1e-9));
            before = x;
            return apply(sample, params, given, train);
          };
        },
      },
      {
        name: 'training scales by 1 + 2⁻⁴⁰',
        plant: (apply) => (sample, params, x, train) => {
          const y = apply(sample, params, x, train);
          return train ? mul(y, 1 + 2 ** -40) : y;
        },
      },
    ],
    holds(apply, { seed, sample: at }) {
      const sample = samples[at];
      const { params } = sample.layer.init(keyOf(seed), sample.inputShape);
      const drawn = Object.fromEntries(
        Object.entries(params as Record<string, Tensor>).map(([name, leaf], i) => [
          name,
          draw(leaf.shape, seed, i + 1),
        ]),
      );
      const x = draw([3, ...sample.inputShape], seed);
      const [y, z] = [true, false].map((train) => apply(sample, drawn, x, train));
      expectSame({ what: 'training', shape: y.shape, source: 'inference' }, y.dataSync(), z.dataSync());
    },
  };
}
