import { distinct, type Law, type LayerSamples, type Mutant, noise, type Values, Violation } from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import { add, foldIn, key, randomUniform, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { map, mapWithPath } from '@lemmata/tree';
import * as fc from 'fast-check';

/** Of finite differences: so small that hardly ever a ReLU turns between two of them. */
export const step: number = 2 ** -20;

/** Nowhere 0, where a ReLU that reads the input has no derivative. */
export const values: Values = distinct(-2, 2, { avoid: [0] });

export const mixesBatch: NonNullable<LayerSamples['mixesBatch']> = 'batch norm takes its statistics over the batch';

type AnyLayer = Layer<any, any>;

/**
 * The layer with none of its parameters where it starts: biases that are 0 put what stands behind a silent channel at 0
 * exactly, where a ReLU has no derivative.
 */
export function moved(layer: AnyLayer): AnyLayer {
  return {
    ...layer,
    init(key, inputShape) {
      const made = layer.init(key, inputShape);
      let drawn = 0;
      const draw = (t: Tensor): Tensor =>
        add(t, randomUniform(foldIn(key, 1000 + drawn++), t.shape, { low: -0.3, high: 0.3 }));
      return { ...made, params: map((leaf: any) => draw(leaf as Tensor) as any, made.params) };
    },
  };
}

/** A bug in what a block gives, which also sees its input. */
export function outputMutant(name: string, wrong: (y: Tensor, x: Tensor) => Tensor): Mutant<AnyLayer> {
  return {
    name,
    plant: (layer) => ({
      ...layer,
      apply(params, state, x, context) {
        const [y, next] = layer.apply(params, state, x, context);
        return [wrong(y, x), next];
      },
    }),
  };
}

export interface SilentBody {
  /** Paths of the parameters with which the body gives 0 once they are 0. */
  readonly silent: RegExp;
  /** What is left of the input. */
  readonly left: (x: number) => number;
  /** The same in words. */
  readonly words: string;
  readonly mutants: readonly Mutant<AnyLayer>[];
}

/** What a residual block does when its body gives 0, bit for bit. */
export function silentBodyLaw(
  layer: AnyLayer,
  inputShape: readonly number[],
  { silent, left, words, mutants }: SilentBody,
): Law<AnyLayer, { readonly seed: number }> {
  return {
    name: `with a silent body it is ${words}`,
    statement: `With the last factors of the body at 0, the block gives ${words}.`,
    formula: 'body = 0 ⇒ block(x) = rest(x)',
    subject: layer,
    cases: fc.record({ seed: fc.nat(1000) }),
    cost: 3,
    mutants,
    holds(subject, { seed }) {
      const { params, state } = subject.init(key(seed), inputShape);
      const quiet = mapWithPath(
        (path: string, leaf: unknown) => (silent.test(path) ? zeros((leaf as Tensor).shape) : leaf),
        params,
      );
      const shape = [2, ...inputShape];
      const size = shape.reduce((a, b) => a * b, 1);
      const x = tensor(noise(size, seed), { shape, dtype: 'float32' });
      const given = x.dataSync();
      const received = subject.apply(quiet, state, x, { train: false })[0].dataSync();
      given.forEach((value, i) => {
        if (received[i] !== left(value))
          throw new Violation({ what: `output ${i}`, received: received[i], expected: left(value) });
      });
    },
  };
}
