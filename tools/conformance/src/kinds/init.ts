import { cast, key, type Tensor } from '@lemmata/tensor';
import type { Args } from '../args.js';
import { type Deviation, worstOf } from '../compare.js';
import { judge, judgeRefusal, type Verdict } from '../verdict.js';
import type { Context } from './context.js';

/** What an initialiser gives for a case. */
export interface Initialised {
  /** Numbers under the names of `expect`. */
  readonly facts?: Readonly<Record<string, number>>;
  /** Draws that are held against the `bound` and `std` of `expect`, and against `out.output` if that is there. */
  readonly draw?: (key: Tensor) => Tensor;
  /** Further draws, held against the bound of this name. */
  readonly draws?: Readonly<Record<string, (key: Tensor) => Tensor>>;
}

export type InitAdapter = (args: Args) => Initialised;

/** Numbers that are drawn to judge a distribution. */
const ENOUGH = 20_000;

/** An initialiser: what it computes from the shape, and the statistics of what it draws. */
export function runInit(context: Context, adapter: InitAdapter): Verdict {
  const { args: values, mustRaise, json } = context.case;
  const make = (): Initialised => {
    const args = context.args(values);
    const made = adapter(args);
    if (args.unread.length > 0) throw new Error(`the adapter does not read ${args.unread.join(', ')}`);
    return made;
  };
  if (mustRaise) return judgeRefusal(() => make().draw?.(key(0)));

  const { facts = {}, draw, draws = {} } = make();
  const { bound, std, ...exact } = (json['expect'] ?? {}) as Record<string, number>;
  const deviations: (Deviation | null)[] = [];
  for (const [name, expected] of Object.entries(exact)) {
    if (name in draws) deviations.push(...againstBound(name, drawn(draws[name]!), expected));
    else deviations.push(worstOf(name, [facts[name] ?? NaN], [expected], { absolute: 1e-9, relative: 1e-7 }));
  }
  if (context.case.tensors.has('out.output')) {
    deviations.push(context.compare('out.output', cast(draw!(key(0)), context.engine.float)));
  }
  if (std !== undefined) {
    const numbers = drawn(draw!);
    deviations.push(...againstStd(numbers, std, bound === undefined ? 3 : 9 / 5));
    if (bound !== undefined) deviations.push(...againstBound('bound', numbers, bound));
  }
  return judge(deviations);
}

/** Enough numbers, from one key after the other. */
function drawn(draw: (key: Tensor) => Tensor): number[] {
  const numbers: number[] = [];
  for (let seed = 0; numbers.length < ENOUGH; seed++) numbers.push(...draw(key(seed)).dataSync());
  return numbers;
}

/** Uniform numbers stay within the bound (a float32 rounding apart) and come within a thousandth of it. */
function againstBound(what: string, numbers: readonly number[], bound: number): (Deviation | null)[] {
  const largest = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return [
    { what: `${what}, from above`, error: Math.max(0, largest - bound), bound: bound * 2 ** -23 },
    { what, error: Math.abs(largest - bound), bound: bound * 1e-3 },
  ];
}

/**
 * Mean and standard deviation, each within five of its own standard deviations: σ/√n for the mean, and σ√((κ − 1) / 4n) for
 * σ, where κ is the kurtosis (normal 3, uniform 9/5).
 */
function againstStd(numbers: readonly number[], std: number, kurtosis: number): (Deviation | null)[] {
  const n = numbers.length;
  const mean = numbers.reduce((sum, x) => sum + x, 0) / n;
  const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
  return [
    { what: 'mean', error: Math.abs(mean), bound: (5 * std) / Math.sqrt(n) },
    { what: 'std', error: Math.abs(Math.sqrt(variance) - std), bound: 5 * std * Math.sqrt((kurtosis - 1) / (4 * n)) },
  ];
}
