import { compile } from '@lemmata/compile';
import { apply, isFloat, type OpDef, type Tensor, type TypedArray } from '@lemmata/tensor';
import type { Law } from '../law.js';
import { noise } from '../noise.js';
import { opCases, showCase, type OpCase } from '../sample.js';
import { expectSame, Violation } from '../violation.js';
import { canDifferentiate, differentiable, like, pull, tensorsOf } from './calls.js';
import { lay, LAYOUTS } from './layouts.js';
import type { OpContext } from './op-law.js';

type Program = (...xs: Tensor[]) => Tensor[];

/** Another way to run a program of ops, which must give what calling it gives, bit for bit. */
export interface Execution {
  /** "compiled" */
  readonly name: string;
  prepare(f: Program): Program;
}

export const COMPILED: Execution = {
  name: 'compiled',
  prepare: (f) => compile((...xs: Tensor[]) => f(...xs), { nonFinite: 'allow', name: 'law' }) as unknown as Program,
};

interface Executed {
  readonly op: OpDef;
  readonly execution: Execution;
}

/** How often other inputs are looked for that give other results. */
const MOST_TURNS = 4;

/** The last so many values first. */
function turned(values: readonly number[], by: number): number[] {
  const first = values.length === 0 ? 0 : by % values.length;
  return [...values.slice(values.length - first), ...values.slice(0, values.length - first)];
}

function same(a: readonly TypedArray[], b: readonly TypedArray[]): boolean {
  return a.every((values, k) => values.every((v, i) => Object.is(v, b[k][i])));
}

/** Traced and replayed, the op and its gradient give the bits of eager execution: also for inputs that come later. */
export function executionLaw({ op, samples }: OpContext, execution: Execution): Law<Executed, OpCase> {
  const wrong = (name: string, prepare: (right: Program) => Program) => ({
    name,
    plant: (subject: Executed): Executed => ({
      ...subject,
      execution: { name, prepare: (f) => prepare(subject.execution.prepare(f)) },
    }),
  });
  return {
    name: `${execution.name} = eager`,
    statement: `${execution.name[0].toUpperCase()}${execution.name.slice(1)}, the op with its gradient gives the bits that calling it gives, and again for other inputs of the same shapes.`,
    formula: `${execution.name}(f)(x) = f(x), ${execution.name}(f)(x′) = f(x′)`,
    subject: { op, execution },
    cases: opCases(samples),
    cost: 6,
    show: (example) => showCase(op, example, 'float32'),
    mutants: [
      wrong('the first results are replayed for ever', (right) => {
        let first: Tensor[] | undefined;
        return (...xs) => (first ??= right(...xs));
      }),
      wrong(
        '1 is added to every result',
        (right) =>
          (...xs) =>
            right(...xs).map((y) =>
              like(
                y,
                y.dataSync().map((v) => v + 1),
              ),
            ),
      ),
    ],
    holds({ op: subject, execution: { prepare } }, example) {
      const first = tensorsOf(example, 'float32');
      const wants = differentiable(example.inputs, first);
      const outputs = apply(subject, example.attrs, first);
      const floatOut = outputs.map((y) => isFloat(y.dtype));
      const smooth = canDifferentiate(subject) && wants.includes(true) && floatOut.includes(true);
      const ups = outputs.flatMap((y, k) => (smooth && floatOut[k] ? [like(y, noise(y.size, example.seed, k))] : []));
      const f: Program = (...args) => {
        const xs = args.slice(0, first.length);
        const ys = apply(subject, example.attrs, xs);
        if (!smooth) return ys;
        let next = first.length;
        const upstream = floatOut.map((float) => (float ? args[next++] : null));
        return [...ys, ...pull(subject, example.attrs, upstream, xs, ys, wants).filter((g) => g !== null)];
      };
      const eager = (xs: readonly Tensor[]): TypedArray[] => f(...xs, ...ups).map((y) => y.dataSync());
      const expectedFirst = eager(first);
      let other = first;
      let expectedOther = expectedFirst;
      // Results that are equal, as comparisons of few elements may be, would not tell one call from the other.
      for (let by = 0; by < MOST_TURNS && same(expectedFirst, expectedOther); by++) {
        other = example.inputs.map(({ values }, i) => {
          const name = LAYOUTS[(example.seed + i) % LAYOUTS.length];
          return lay(name, first[i].spec, turned([...values].reverse(), by * (i + 1)), example.seed).tensor;
        });
        expectedOther = eager(other);
      }
      const g = prepare(f);
      const calls = [
        [first, expectedFirst],
        [other, expectedOther],
        [first, expectedFirst],
      ] as const;
      for (const [call, [xs, expected]] of calls.entries()) {
        const received = g(...xs, ...ups);
        if (received.length !== expected.length)
          throw new Violation({
            what: `results of call ${call}`,
            received: received.length,
            expected: expected.length,
          });
        received.forEach((y, k) => {
          const what = k < outputs.length ? `output ${k}` : `gradient ${k - outputs.length}`;
          expectSame({ what: `${what} of call ${call}`, shape: y.shape, source: 'eager' }, y.dataSync(), expected[k]);
        });
      }
    },
  };
}
