import * as fc from 'fast-check';
import type { Layer } from '@lemmata/nn';
import { sizeOf, type Shape } from '@lemmata/shape';
import { cast, EAGER_REFERENCE, isTensor, tensor, type Tensor } from '@lemmata/tensor';
import { map } from '@lemmata/tree';
import type { KnownFailure } from '../law.js';
import { uniform, type Values } from '../values.js';

/** A layer with its options, and what it is given. */
export interface LayerSample {
  readonly layer: Layer<any, any>;
  /** Without the batch. */
  readonly inputShape: Shape;
  /** Default 3. */
  readonly batch?: number;
  /** Of the input, batch and all. Default `uniform()`: −2 … 2. Keep away from kinks. */
  readonly values?: Values;
  /** `int32` for layers that look up. Default: a float, of which a gradient is asked. */
  readonly dtype?: 'float' | 'int32';
}

/** What the laws of a layer need to know. Exceptions are given with the reason. */
export interface LayerSamples {
  readonly samples: readonly LayerSample[];
  /** Input shapes (without the batch) that `init` must refuse. */
  readonly invalid?: readonly {
    readonly layer: Layer<any, any>;
    readonly inputShape: Shape;
    readonly throws: RegExp;
  }[];
  /** A whole network: gradients are measured along one direction through all parameters and the input, and cases are fewer. */
  readonly network?: true;
  /** Why a row of the output depends on other rows of the batch, in training. */
  readonly mixesBatch?: string;
  /** Training draws from the key. */
  readonly stochastic?: true;
  /** Why parameters are the same whatever the key. */
  readonly constantInit?: string;
  /** Parameters, by path, that get no gradient, and why. */
  readonly withoutGradient?: Readonly<Record<string, string>>;
  /** Step of the finite differences. Default 2⁻¹¹. */
  readonly step?: number;
  readonly known?: readonly KnownFailure[];
}

/** An application of a layer, as data. */
export interface LayerCase {
  /** Number of the sample. */
  readonly sample: number;
  readonly values: readonly number[];
  readonly seed: number;
}

const DEFAULT_BATCH = 3;

export function layerCases({ samples }: LayerSamples): fc.Arbitrary<LayerCase>[] {
  return samples.map(({ inputShape, batch = DEFAULT_BATCH, values = uniform() }, sample) =>
    fc.record({ sample: fc.constant(sample), values: values(batch * sizeOf(inputShape)), seed: fc.nat(0x7ffffffe) }),
  );
}

/** A layer with parameters, ready to be applied. */
export interface Prepared {
  readonly layer: Layer<any, any>;
  readonly params: any;
  readonly state: any;
  /** Without the batch. */
  readonly outputShape: Shape;
  readonly x: Tensor;
  readonly key: Tensor;
}

/** The layer of a case with parameters and input in float64 (differences need it) or float32. */
export function prepare(
  layers: readonly Layer<any, any>[],
  { samples }: LayerSamples,
  example: LayerCase,
  floatType: 'float32' | 'float64',
): Prepared {
  const layer = layers[example.sample];
  const { inputShape, batch = DEFAULT_BATCH, dtype = 'float' } = samples[example.sample];
  const key = keyOf(example.seed);
  const { params, state, outputShape } = layer.init(key, inputShape);
  const widen = (tree: any): any =>
    map((leaf: any) => (isTensor(leaf) && leaf.dtype === 'float32' ? cast(leaf, floatType) : leaf), tree);
  const x = EAGER_REFERENCE.fromValues(
    { shape: [batch, ...inputShape], dtype: dtype === 'float' ? floatType : dtype },
    example.values,
  );
  return { layer, params: widen(params), state: widen(state), outputShape, x, key: keyOf(example.seed + 1) };
}

export function keyOf(seed: number): Tensor {
  return tensor([seed | 0, 7], { dtype: 'int32' });
}

export function showLayerCase({ samples }: LayerSamples, { sample, values, seed }: LayerCase): string {
  const { layer, inputShape, batch = DEFAULT_BATCH } = samples[sample];
  return [
    `// sample ${sample}: ${layer.kind}`,
    `const { params, state } = layer.init(tensor([${seed | 0}, 7], { dtype: 'int32' }), [${inputShape.join(', ')}]);`,
    `const x = tensor([${values.join(', ')}], { shape: [${[batch, ...inputShape].join(', ')}], dtype: 'float64' });`,
    `layer.apply(params, state, x, { train: true, key: tensor([${(seed + 1) | 0}, 7], { dtype: 'int32' }) });`,
  ].join('\n');
}
