import { vjp } from '@lemmata/autograd';
import { add, isFloat, isTensor, mul, stopGradient, type Tensor } from '@lemmata/tensor';
import { flatten, map, paths, type Tree, unflatten } from '@lemmata/tree';
import type { Law, Mutant } from '../law.js';
import { noise } from '../noise.js';
import { seen } from '../meter.js';
import { closest, compareCoordinates, COORDINATES } from '../op/gradient.js';
import { like, weigh } from '../op/calls.js';
import { Violation } from '../violation.js';
import { prepare, type LayerCase, type LayerSamples, type Prepared } from './layer-case.js';
import { layerLaw, layerMutant, type Layers } from './layer-law.js';

/** Coordinates along which differences are taken in one case, shared by parameters and input; each case takes others. */
const ALL_COORDINATES = 40;

const detach = (tree: any): any => map((leaf: any) => (isTensor(leaf) ? stopGradient(leaf) : leaf), tree);
/** The same value with another gradient. */
const gradientTimes = (y: Tensor, factor: number): Tensor => add(mul(y, factor), mul(stopGradient(y), 1 - factor));

export const MUTANTS: readonly Mutant<Layers>[] = [
  layerMutant('gradient 1 % too large', (layer) => ({
    apply(...args) {
      const [y, state] = layer.apply(...args);
      return [gradientTimes(y, 1.01), state];
    },
  })),
  layerMutant(
    'parameters are detached',
    (layer, bites) => ({
      apply(params, ...rest) {
        if (flatten(params).leaves.length > 0) bites();
        return layer.apply(detach(params), ...rest);
      },
    }),
    { conditional: true },
  ),
  layerMutant(
    'the input is detached',
    (layer, bites) => ({
      apply(params, state, x, context) {
        if (isFloat(x.dtype)) bites();
        return layer.apply(params, state, stopGradient(x), context);
      },
    }),
    { conditional: true },
  ),
];

/** y as a function of the float leaves: those of the parameters, then the input if it is one. */
function asFunction({ layer, params, state, x, key }: Prepared, train: boolean) {
  const { leaves, paths, def } = flatten<Tree<Tensor>>(params);
  const names = [...paths.map((path) => `parameter ${path}`), ...(isFloat(x.dtype) ? ['the input'] : [])];
  const at = [...leaves, ...(isFloat(x.dtype) ? [x] : [])];
  const f = (...moving: Tensor[]): Tensor =>
    layer.apply(unflatten(def, moving.slice(0, leaves.length)), state, isFloat(x.dtype) ? moving[leaves.length] : x, {
      train,
      key,
    })[0];
  return { f, at, names };
}

export function layerGradientLaw(samples: LayerSamples): Law<Layers, LayerCase> {
  const step = samples.step ?? 2 ** -11;
  return layerLaw(samples, {
    name: 'gradients are derivatives',
    statement:
      'For a random upstream u, in training and in inference, the gradients of ⟨u, y⟩ by every parameter and by the input are its derivatives, ' +
      `${samples.network === true ? 'along a random direction, ' : ''}by central differences in float64, extrapolated, at one of three steps.`,
    formula: '∂⟨u, layer(p, x)⟩/∂(p, x) = differences',
    cost: 3,
    mutants: MUTANTS,
    holds(layers, example) {
      const prepared = prepare(layers, samples, example, 'float64');
      for (const train of [true, false]) {
        const { f, at, names } = asFunction(prepared, train);
        const { value, pullback } = vjp(f, ...at);
        const weights = noise(value.size, example.seed + 2);
        const gradients = pullback(like(value, weights));
        if (samples.network === true) {
          alongDirection(f, at, weights, gradients, step, example.seed, train);
          continue;
        }
        const most = Math.max(2, Math.min(COORDINATES, Math.floor(ALL_COORDINATES / at.length)));
        at.forEach((leaf, i) => {
          const data = leaf.dataSync();
          const evaluate = (n: number, h: number): number => {
            const moved = data.slice();
            moved[n] = data[n] + h;
            const y = f(...at.map((t, k) => (k === i ? like(leaf, moved) : t))).dataSync();
            let total = 0;
            y.forEach((v, k) => (total += v * weights[k]));
            return total;
          };
          const what = `gradient of ${names[i]} in ${train ? 'training' : 'inference'}`;
          compareCoordinates(what, gradients[i].dataSync(), leaf, step, evaluate, example.seed, most);
        });
      }
    },
  });
}

/** Compares the derivative along one random direction through everything that moves. */
function alongDirection(
  f: (...moving: Tensor[]) => Tensor,
  at: readonly Tensor[],
  weights: Float64Array,
  gradients: readonly Tensor[],
  step: number,
  seed: number,
  train: boolean,
): void {
  // Of about unit length, so that few kinks lie between the ends of a step, however many numbers move.
  const length = Math.sqrt(at.reduce((total, leaf) => total + leaf.size, 0));
  const directions = at.map((leaf, i) => noise(leaf.size, seed + 3, i).map((v) => v / length));
  let exact = 0;
  gradients.forEach((gradient, i) => gradient.dataSync().forEach((g, k) => (exact += g * directions[i][k])));
  const evaluate = (h: number): number => {
    const moved = at.map((leaf, i) =>
      like(
        leaf,
        leaf.dataSync().map((v, k) => v + h * directions[i][k]),
      ),
    );
    return weigh([f(...moved)], [weights]);
  };
  const { value, error, bound } = closest(exact, evaluate, step, { noise: () => scatter(evaluate, step) });
  seen(exact, value, false);
  if (error <= bound) return;
  const what = `gradient along a direction in ${train ? 'training' : 'inference'}`;
  throw new Violation({ what, received: exact, expected: value, source: 'central differences', error, bound });
}

/** How far f is from smooth where it is straight, so close to 0: what its many layers made of the rounding in the first. */
function scatter(f: (h: number) => number, step: number): number {
  const close = step * 2 ** -20;
  const values = Array.from({ length: 8 }, (_, i) => f((i - 4) * close));
  return Math.max(...values.slice(2).map((v, i) => Math.abs(v - 2 * values[i + 1] + values[i])));
}

function largest(gradient: Tensor): number {
  let size = 0;
  for (const v of gradient.dataSync()) size = Math.max(size, Math.abs(v));
  return size;
}

/** Nothing that is learnt is idle. */
export function everyParameterLaw(samples: LayerSamples): Law<Layers, LayerCase> {
  const { withoutGradient = {} } = samples;
  const except = Object.entries(withoutGradient)
    .map(([path, reason]) => `${path} (${reason})`)
    .join(', ');
  return layerLaw(samples, {
    name: 'every parameter is used',
    statement: `For some of a few inputs, every parameter gets a gradient other than zero${except === '' ? '' : `, but ${except}, which get none`}.`,
    formula: '∀ p ∃ x: ∂y/∂p ≠ 0',
    cost: 6,
    mutants: [MUTANTS[1]],
    holds(layers, example) {
      const inputs = 3;
      const used = new Map<string, number>();
      for (let attempt = 0; attempt < inputs; attempt++) {
        const values = example.values.map((_, i) => example.values[(i * (2 * attempt + 1)) % example.values.length]);
        const prepared = prepare(layers, samples, { ...example, values, seed: example.seed + attempt }, 'float64');
        const { f, at } = asFunction(prepared, true);
        const { value, pullback } = vjp(f, ...at);
        const gradients = pullback(like(value, noise(value.size, example.seed + attempt)));
        const sizes = gradients.map(largest);
        // What rounding leaves of a gradient that cancels grows with those around it.
        const least = 1e-10 * Math.max(1, ...sizes);
        paths(prepared.params).forEach((path, i) => {
          used.set(path, (used.get(path) ?? 0) + (sizes[i] > least ? 1 : 0));
        });
      }
      for (const [path, times] of used) {
        const expected = !(path in withoutGradient);
        // Of a gradient that cancels a deep network now and then leaves more than that, but not at each input.
        if (expected ? times > 0 : times < inputs) continue;
        throw new Violation({
          what: `parameter ${path}`,
          received: expected ? 'no gradient' : 'a gradient at each input',
          expected: expected ? 'one' : `none (${withoutGradient[path]})`,
        });
      }
    },
  });
}
