import { apply, nextLevel, type Interpreter } from '../src/interpreter.js';
import type { OpDef } from '../src/op.js';
import { add } from '../src/ops/arithmetic.js';
import { createArray, isFloat, sameSpec, type TypedArray } from '../src/spec.js';
import { tensor } from '../src/create.js';
import { Tensor } from '../src/tensor.js';
import { randomView, valuesOf, type Random } from './values.js';

interface Entry {
  readonly op: OpDef;
  readonly attrs: unknown;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** The shortest tape that tells whether the vjps of this package are right; `@lemmata/autograd` has the real one. */
class TestTape implements Interpreter {
  readonly name = 'test tape';
  readonly level: number = nextLevel();
  readonly entries: Entry[] = [];

  bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
    const outputs = apply(
      op,
      attrs,
      inputs.map((t) => this.below(t)),
    ).map((t) => this.lift(t));
    this.entries.push({ op, attrs, inputs, outputs });
    return outputs;
  }
  lift(t: Tensor): Tensor {
    return new Tensor(t.spec, this, t);
  }
  below(t: Tensor): Tensor {
    return t.payload as Tensor;
  }
  mark(): () => void {
    return () => {};
  }
  read(t: Tensor): TypedArray {
    return this.below(t).dataSync();
  }

  backward(output: Tensor, upstream: Tensor, inputs: readonly Tensor[]): Tensor[] {
    const gradients = new Map<Tensor, Tensor>([[output, upstream]]);
    for (const { op, attrs, inputs: xs, outputs } of this.entries.toReversed()) {
      const up = outputs.map((t) => gradients.get(t) ?? null);
      if (up.every((g) => g === null)) continue;
      const wants = xs.map((x) => isFloat(x.dtype));
      const down =
        op.vjp?.(
          attrs,
          up,
          xs.map((t) => this.below(t)),
          outputs.map((t) => this.below(t)),
          wants,
        ) ?? [];
      xs.forEach((x, i) => {
        const gradient = down[i] ?? null;
        if (gradient === null || !wants[i]) return;
        if (!sameSpec(gradient.spec, x.spec))
          throw new Error(
            `${op.name}: gradient ${i} is ${gradient.dtype}[${gradient.shape}], the input ${x.dtype}[${x.shape}]`,
          );
        const before = gradients.get(x);
        gradients.set(x, before === undefined ? gradient : add(before, gradient));
      });
    }
    return inputs.map((x) => gradients.get(x) ?? tensor(new Float64Array(x.size), { shape: x.shape, dtype: x.dtype }));
  }
}

/** upstreamᵀ · ∂f/∂x for each x. */
export function pullBack(f: (...xs: Tensor[]) => Tensor, xs: readonly Tensor[], upstream: Tensor): Tensor[] {
  const tape = new TestTape();
  const inputs = xs.map((x) => tape.lift(x));
  return tape.backward(f(...inputs), upstream, inputs);
}

/**
 * The largest distance between the gradients of f, for a random upstream, and float64 central differences, relative to
 * 1 + the size of the difference. f must be smooth within 2e-4 of the inputs.
 */
export function gradientError(
  f: (...xs: Tensor[]) => Tensor,
  xs: readonly Tensor[],
  random: Random,
  step = 1e-4,
): number {
  const upstream = randomView(f(...xs).shape, random);
  const u = valuesOf(upstream);
  const loss = (inputs: Tensor[]): number => valuesOf(f(...inputs)).reduce((sum, y, i) => sum + y * u[i], 0);
  let worst = 0;
  pullBack(f, xs, upstream).forEach((gradient, k) => {
    const x = xs[k];
    if (!isFloat(x.dtype)) return;
    valuesOf(gradient).forEach((g, i) => {
      const at = (distance: number): number => {
        const moved = createArray(x.dtype, x.size);
        moved.set(x.dataSync());
        moved[i] += distance;
        return loss(xs.map((other, j) => (j === k ? tensor(moved, { shape: x.shape, dtype: x.dtype }) : other)));
      };
      // Richardson: the error of the plain difference falls with the square of the step.
      const difference = ((4 * (at(step / 2) - at(-step / 2))) / step - (at(step) - at(-step)) / (2 * step)) / 3;
      const error = Math.abs(g - difference) / (1 + Math.abs(difference));
      worst = Number.isNaN(error) ? NaN : Math.max(worst, error);
    });
  });
  return worst;
}

/** As {@link gradientError}, along two random directions of all inputs at once: cheaper, and as hard to deceive. */
export function directionError(
  f: (...xs: Tensor[]) => Tensor,
  xs: readonly Tensor[],
  random: Random,
  step = 1e-4,
): number {
  const upstream = randomView(f(...xs).shape, random);
  const u = valuesOf(upstream);
  const gradients = pullBack(f, xs, upstream).map(valuesOf);
  let worst = 0;
  for (let round = 0; round < 2; round++) {
    const directions = xs.map((x) => Array.from({ length: x.size }, () => (isFloat(x.dtype) ? random() * 2 - 1 : 0)));
    const at = (distance: number): number => {
      const moved = xs.map((x, k) =>
        isFloat(x.dtype)
          ? tensor(
              valuesOf(x).map((v, i) => v + distance * directions[k][i]),
              { shape: x.shape, dtype: x.dtype },
            )
          : x,
      );
      return valuesOf(f(...moved)).reduce((sum, y, i) => sum + y * u[i], 0);
    };
    const difference = ((4 * (at(step / 2) - at(-step / 2))) / step - (at(step) - at(-step)) / (2 * step)) / 3;
    const derivative = gradients.reduce(
      (sum, g, k) => g.reduce((part, value, i) => part + value * directions[k][i], sum),
      0,
    );
    const error = Math.abs(derivative - difference) / (1 + Math.abs(difference));
    worst = Number.isNaN(error) ? NaN : Math.max(worst, error);
  }
  return worst;
}

/** {@link directionError} of the gradient of f, as a function of inputs and upstream: its second derivatives. */
export function secondOrderError(f: (...xs: Tensor[]) => Tensor, xs: readonly Tensor[], random: Random): number {
  const upstream = randomView(f(...xs).shape, random);
  let worst = 0;
  xs.forEach((x, k) => {
    if (!isFloat(x.dtype)) return;
    const error = directionError(
      (...inputs) => pullBack(f, inputs.slice(0, -1), inputs[xs.length])[k],
      [...xs, upstream],
      random,
    );
    worst = Number.isNaN(error) ? NaN : Math.max(worst, error);
  });
  return worst;
}

/** An op alone, as a function of its inputs. */
export function only<A>(op: OpDef<A>, attrs: A): (...xs: Tensor[]) => Tensor {
  return (...xs) => apply(op, attrs, xs)[0];
}
