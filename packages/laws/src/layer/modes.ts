import { EAGER_REFERENCE, formatSpec, isTensor, sameSpec, type Tensor } from '@lemmata/tensor';
import { flatten, leaves, map, type Tree } from '@lemmata/tree';
import type { Law } from '../law.js';
import { like } from '../op/calls.js';
import { because } from '../sample.js';
import { expectClose, expectSame, Violation } from '../violation.js';
import { keyOf, prepare, type LayerCase, type LayerSamples } from './layer-case.js';
import { layerLaw, layerMutant, type Layers } from './layer-law.js';

const MODES = [true, false] as const;
const modeName = (train: boolean): string => (train ? 'training' : 'inference');

export function outputShapeLaw(samples: LayerSamples): Law<Layers, LayerCase> {
  return layerLaw(samples, {
    name: 'the declared output shape is produced',
    statement:
      'In both modes the output has the batch and the shape that init declared, and the dtype of a float input.',
    formula: 'spec(apply(init(s), x)) = [N, outputShape]',
    cost: 3,
    mutants: [
      layerMutant('one element too many along the first axis is declared', (layer) => ({
        init(key, inputShape) {
          const made = layer.init(key, inputShape);
          return {
            ...made,
            outputShape: made.outputShape.length === 0 ? [1] : [made.outputShape[0] + 1, ...made.outputShape.slice(1)],
          };
        },
      })),
    ],
    holds(layers, example) {
      for (const floatType of ['float32', 'float64'] as const) {
        const { layer, params, state, outputShape, x, key } = prepare(layers, samples, example, floatType);
        const expected = { shape: [x.shape[0], ...outputShape], dtype: floatType };
        for (const train of MODES) {
          const [y] = layer.apply(params, state, x, { train, key });
          if (!sameSpec(y.spec, expected)) {
            throw new Violation({
              what: `output in ${modeName(train)}`,
              received: formatSpec(y.spec),
              expected: formatSpec(expected),
              source: 'declared',
            });
          }
        }
      }
    },
  });
}

/** A row gives the same alone as among others. */
export function batchLaw(samples: LayerSamples): Law<Layers, LayerCase> {
  const modes = MODES.filter((train) => !train || (samples.mixesBatch === undefined && !samples.stochastic));
  return layerLaw(samples, {
    name: 'rows of a batch do not see each other',
    statement: `In ${modes.map(modeName).join(' and ')}, a row of the batch gives what it gives alone${because({ reason: samples.mixesBatch })}.`,
    formula: 'layer(x)ᵢ = layer(xᵢ)',
    cost: 3,
    mutants: [
      layerMutant('the first row is subtracted from every row', (layer) => ({
        apply(params, state, x, context) {
          const [y, next] = layer.apply(params, state, x, context);
          const data = y.dataSync();
          const row = data.length / y.shape[0];
          return [
            like(
              y,
              data.map((v, i) => v - data[i % row]),
            ),
            next,
          ];
        },
      })),
    ],
    holds(layers, example) {
      const { layer, params, state, x, key } = prepare(layers, samples, example, 'float64');
      for (const train of modes) {
        const [y] = layer.apply(params, state, x, { train, key });
        const all = y.dataSync();
        const rows = x.shape[0];
        const data = x.dataSync();
        for (let row = 0; row < rows; row++) {
          const part = (values: typeof data, count: number) =>
            values.slice((row * values.length) / count, ((row + 1) * values.length) / count);
          const alone = EAGER_REFERENCE.fromValues({ ...x.spec, shape: [1, ...x.shape.slice(1)] }, part(data, rows));
          const [one] = layer.apply(params, state, alone, { train, key });
          const about = { what: `row ${row} in ${modeName(train)}`, shape: one.shape, source: 'the row alone' };
          expectClose(about, part(all, rows), one.dataSync(), { relative: 1e-11, absolute: 1e-12 });
        }
      }
    },
  });
}

/** Inference needs no key, gives the same bits each time, and changes no state. */
export function inferenceLaw(samples: LayerSamples): Law<Layers, LayerCase> {
  return layerLaw(samples, {
    name: 'inference is a function of parameters, state and input',
    statement: 'Without a key, the same call gives the same bits, and the state comes back as it was.',
    formula: 'apply(p, s, x, inference) = (y, s), always',
    cost: 3,
    mutants: [
      layerMutant('results drift from call to call', (layer) => {
        let calls = 0;
        return {
          apply(...args) {
            const [y, next] = layer.apply(...args);
            return [
              like(
                y,
                y.dataSync().map((v) => v + ++calls),
              ),
              next,
            ];
          },
        };
      }),
      layerMutant(
        'inference changes the state',
        (layer, bites) => ({
          apply(...args) {
            const [y, next] = layer.apply(...args);
            return [
              y,
              map(
                (leaf: any) =>
                  isTensor(leaf) && leaf.size > 0
                    ? (bites(),
                      like(
                        leaf,
                        leaf.dataSync().map((v) => v + 1),
                      ))
                    : leaf,
                next,
              ),
            ];
          },
        }),
        { conditional: true },
      ),
    ],
    holds(layers, example) {
      const { layer, params, state, x } = prepare(layers, samples, example, 'float64');
      const [y, next] = layer.apply(params, state, x, { train: false });
      const [again] = layer.apply(params, state, x, { train: false });
      expectSame(
        { what: 'output of the second call', shape: y.shape, source: 'the first call' },
        again.dataSync(),
        y.dataSync(),
      );
      compareTrees('state after inference', next, state, true);
    },
  });
}

/** State goes in and out in one form. */
export function stateLaw(samples: LayerSamples): Law<Layers, LayerCase> {
  return layerLaw(samples, {
    name: 'the state keeps its form',
    statement: 'Training returns a state with the names, shapes and dtypes of the one it was given.',
    formula: 'spec(s′) = spec(s)',
    cost: 3,
    mutants: [
      layerMutant('a member is added to the state', (layer) => ({
        apply(...args) {
          const [y, next] = layer.apply(...args);
          return [y, { ...next, extra: y }];
        },
      })),
    ],
    holds(layers, example) {
      const { layer, params, state, x, key } = prepare(layers, samples, example, 'float64');
      compareTrees('state after training', layer.apply(params, state, x, { train: true, key })[1], state, false);
    },
  });
}

/** Parameters follow from the key alone. */
export function initLaw(samples: LayerSamples): Law<Layers, LayerCase> {
  const constant = samples.constantInit !== undefined;
  return layerLaw(samples, {
    name: 'parameters follow from the key',
    statement: constant
      ? `The same key gives the same parameters; so does any other (${samples.constantInit}).`
      : 'The same key gives the same parameters, and another key others.',
    formula: constant ? 'init(k) = init(k′)' : 'init(k) = init(k), k ≠ k′ ⇒ init(k) ≠ init(k′)',
    cost: 3,
    mutants: [
      layerMutant('parameters drift from call to call', (layer) => {
        let calls = 0;
        return {
          init(key, inputShape) {
            const made = layer.init(key, inputShape);
            calls++;
            return {
              ...made,
              params: map(
                (leaf: any) =>
                  like(
                    leaf as Tensor,
                    (leaf as Tensor).dataSync().map((v) => v + calls),
                  ),
                made.params,
              ),
            };
          },
        };
      }),
      ...(constant
        ? []
        : [
            layerMutant('the key is ignored', (layer) => ({
              init: (_key, inputShape) => layer.init(keyOf(1), inputShape),
            })),
          ]),
    ],
    holds(layers, example) {
      const layer = layers[example.sample];
      const { inputShape } = samples.samples[example.sample];
      const first = layer.init(keyOf(example.seed), inputShape).params;
      compareTrees('parameters of the second init', layer.init(keyOf(example.seed), inputShape).params, first, true);
      const other = leaves<Tree<Tensor>>(layer.init(keyOf(example.seed ^ 0x5555), inputShape).params);
      const drawn = leaves<Tree<Tensor>>(first);
      const differs = drawn.some((leaf, i) => leaf.dataSync().some((v, k) => v !== other[i].dataSync()[k]));
      if (drawn.length > 0 && differs === constant) {
        throw new Violation({
          what: 'parameters of two keys',
          received: differs ? 'different' : 'the same',
          expected: constant ? 'the same' : 'different',
        });
      }
    },
  });
}

/** What is random follows from the key. */
export function stochasticLaw(samples: LayerSamples): Law<Layers, LayerCase> {
  return layerLaw(samples, {
    name: 'training follows from the key',
    statement: 'In training the same key gives the same bits, some other key gives others, and no key is refused.',
    formula: 'apply(k) = apply(k), ∃ k′: apply(k′) ≠ apply(k)',
    cost: 3,
    mutants: [
      layerMutant('the key is ignored', (layer) => ({
        apply: (params, state, x, context) =>
          layer.apply(params, state, x, context.key === undefined ? context : { ...context, key: keyOf(1) }),
      })),
      layerMutant('a missing key is replaced', (layer) => ({
        apply: (params, state, x, context) =>
          layer.apply(params, state, x, { ...context, key: context.key ?? keyOf(1) }),
      })),
    ],
    holds(layers, example) {
      const { layer, params, state, x, key } = prepare(layers, samples, example, 'float64');
      const call = (k: Tensor) => layer.apply(params, state, x, { train: true, key: k })[0];
      const first = call(key);
      expectSame(
        { what: 'output of the second call with one key', shape: first.shape, source: 'the first call' },
        call(key).dataSync(),
        first.dataSync(),
      );
      const data = first.dataSync();
      const others = Array.from({ length: 16 }, (_, i) => call(keyOf(example.seed + 100 + i)).dataSync());
      if (data.length > 0 && others.every((other) => other.every((v, i) => Object.is(v, data[i])))) {
        throw new Violation({ what: 'outputs for 17 keys', received: 'all the same', expected: 'some that differ' });
      }
      let refused = 'no error';
      try {
        layer.apply(params, state, x, { train: true });
      } catch (error) {
        refused = (error as Error).message;
      }
      if (!/key/.test(refused))
        throw new Violation({
          what: 'training without a key',
          received: refused,
          expected: 'an error that speaks of the key',
        });
    },
  });
}

function compareTrees(what: string, received: Tree<Tensor>, expected: Tree<Tensor>, values: boolean): void {
  const [r, e] = [received, expected].map((tree) => flatten<Tree<Tensor>>(tree));
  if (r.paths.join() !== e.paths.join())
    throw new Violation({ what, received: `{ ${r.paths.join(', ')} }`, expected: `{ ${e.paths.join(', ')} }` });
  e.leaves.forEach((leaf, i) => {
    const other = r.leaves[i];
    const name = `${what}, ${e.paths[i]}`;
    if (!sameSpec(leaf.spec, other.spec))
      throw new Violation({ what: name, received: formatSpec(other.spec), expected: formatSpec(leaf.spec) });
    if (values) expectSame({ what: name, shape: leaf.shape }, other.dataSync(), leaf.dataSync());
  });
}
