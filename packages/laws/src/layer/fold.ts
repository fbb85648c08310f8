import { fold } from '@lemmata/nn';
import { add, cast, isFloat, isTensor, mul, reshape, tensor, type Tensor } from '@lemmata/tensor';
import { map as mapTree } from '@lemmata/tree';
import type { Law } from '../law.js';
import { noise } from '../noise.js';
import { expectClose } from '../violation.js';
import { type LayerCase, type LayerSamples, prepare, type Prepared } from './layer-case.js';
import { layerLaw, layerMutant, type Layers } from './layer-law.js';

const CLOSE = { relative: 1e-10, absolute: 1e-10 };

/** y ↦ scale · y + shift in each channel of [N, C, …]. */
function applied(y: Tensor, { scale, shift }: { readonly scale: Tensor; readonly shift: Tensor }): Tensor {
  const channels = [scale.size, ...new Array<number>(Math.max(0, y.rank - 2)).fill(1)];
  return add(mul(y, reshape(cast(scale, y.dtype), channels)), reshape(cast(shift, y.dtype), channels));
}

/** Every float of a tree moved a little, so that nothing is 0 or 1 by its beginning. */
function moved(tree: any, seed: number): any {
  let leaf = 0;
  return mapTree((t: any) => {
    if (!isTensor(t) || !isFloat(t.dtype)) return t;
    const by = noise(t.size, seed + 31 * ++leaf).map((v) => 0.2 * Math.tanh(v));
    return add(t, tensor(by, { shape: t.shape, dtype: t.dtype }));
  }, tree);
}

/** With statistics of one batch, and parameters that are moved. */
function trained(layers: Layers, samples: LayerSamples, example: LayerCase): Prepared {
  const prepared = prepare(layers, samples, example, 'float64');
  const { layer, x, key } = prepared;
  const params = moved(prepared.params, example.seed);
  return { ...prepared, params, state: layer.apply(params, prepared.state, x, { train: true, key })[1] };
}

/** Of layers with `absorb`: convolutions, linear layers. */
export function absorbLaw(samples: LayerSamples): Law<Layers, LayerCase> {
  return layerLaw(samples, {
    name: 'takes in an affine map of its channels',
    statement: 'With a map y ↦ scale · y + shift taken in it gives in inference what it gave with the map behind it.',
    formula: 'absorb(p, m)(x) = m(layer(p)(x))',
    cost: 3,
    mutants: [
      layerMutant('the shift is left out', (layer) => ({
        absorb: (params, { scale, shift }, shape) =>
          layer.absorb?.(params, { scale, shift: mul(shift, 0) }, shape) ?? null,
      })),
      layerMutant('the shift is scaled as well', (layer) => ({
        absorb: (params, { scale, shift }, shape) =>
          layer.absorb?.(params, { scale, shift: mul(shift, scale) }, shape) ?? null,
      })),
      layerMutant('the map is that of the neighbour', (layer) => ({
        absorb: (params, { scale, shift }, shape) =>
          layer.absorb?.(params, { scale: add(scale, 1), shift: add(shift, 1) }, shape) ?? null,
      })),
    ],
    holds(layers, example) {
      const { layer, params, state, outputShape, x } = trained(layers, samples, example);
      const numbers = (seed: number): Tensor =>
        tensor(
          noise(outputShape[0] ?? 1, seed).map((v) => v + 1.5),
          { dtype: 'float64' },
        );
      const affine = { scale: numbers(example.seed), shift: numbers(example.seed + 1) };
      const absorbed = layer.absorb?.(params, affine, outputShape) ?? null;
      if (absorbed === null) return;
      const [plain] = layer.apply(params, state, x, { train: false });
      const [y] = absorbed.layer.apply(absorbed.params, state, x, { train: false });
      const about = { what: 'output', shape: y.shape, source: 'the map behind the layer' };
      expectClose(about, y.dataSync(), applied(plain, affine).dataSync(), CLOSE);
    },
  });
}

/** Of layers with `affine`: batch norm. */
export function affineLaw(samples: LayerSamples): Law<Layers, LayerCase> {
  return layerLaw(samples, {
    name: 'is in inference the affine map that it says',
    statement: 'With the statistics of training, inference is x ↦ scale · x + shift in each channel.',
    formula: 'layer(x) = scale · x + shift',
    cost: 3,
    mutants: [
      layerMutant('the shift is left out', (layer) => ({
        affine(params, state) {
          const found = layer.affine?.(params, state) ?? null;
          return found && { ...found, shift: mul(found.shift, 0) };
        },
      })),
      layerMutant('the scale is that of the variance, not its root', (layer) => ({
        affine(params, state) {
          const found = layer.affine?.(params, state) ?? null;
          return found && { ...found, scale: mul(found.scale, found.scale) };
        },
      })),
    ],
    holds(layers, example) {
      const { layer, params, state, x } = trained(layers, samples, example);
      const affine = layer.affine?.(params, state) ?? null;
      if (affine === null) return;
      const [y] = layer.apply(params, state, x, { train: false });
      const about = { what: 'output', shape: y.shape, source: 'the map' };
      expectClose(about, y.dataSync(), applied(x, affine).dataSync(), CLOSE);
    },
  });
}

/** Of layers that hold others. */
export function foldLaw(samples: LayerSamples): Law<Layers, LayerCase> {
  return layerLaw(samples, {
    name: 'folded, it gives the same',
    statement: 'With every affine map in the layer before it, inference gives what it gave.',
    formula: 'fold(layer)(x) = layer(x)',
    cost: 5,
    mutants: [
      layerMutant(
        'the parameters folded are others',
        (layer, bites) => ({
          fold(params, state, inputShape) {
            const folded = fold(layer, params, state, inputShape);
            const wrong = mapTree((leaf: any) => (bites(), add(leaf as Tensor, 1) as any), folded.params);
            return { ...folded, params: wrong };
          },
        }),
        { conditional: true },
      ),
    ],
    holds(layers, example) {
      const { layer, params, state, x } = trained(layers, samples, example);
      const folded = fold(layer, params, state, samples.samples[example.sample].inputShape);
      const [plain] = layer.apply(params, state, x, { train: false });
      const [y] = folded.layer.apply(folded.params, folded.state, x, { train: false });
      const about = { what: 'output', shape: y.shape, source: 'not folded' };
      expectClose(about, y.dataSync(), plain.dataSync(), CLOSE);
    },
  });
}
