import {
  apply,
  Eager,
  isFloat,
  ReferenceBackend,
  run,
  type DType,
  type OpDef,
  type Storage,
  type Tensor,
} from '@lemmata/tensor';
import type { Law } from '../law.js';
import { noise } from '../noise.js';
import { opCases, showCase, type OpCase } from '../sample.js';
import { expectSame, Violation } from '../violation.js';
import { canDifferentiate, differentiable, pull, specOf } from './calls.js';
import type { OpContext } from './op-law.js';

/** Remembers every allocation. */
class CountingBackend extends ReferenceBackend {
  made: Storage[] = [];

  override allocate(dtype: DType, length: number, madeBy: string): Storage {
    const storage = super.allocate(dtype, length, madeBy);
    this.made.push(storage);
    return storage;
  }

  /** Allocations that are alive, since the last call; those that are not are forgotten. */
  living(): number {
    this.made = this.made.filter((storage) => storage.data !== null);
    return this.made.length;
  }
}

interface Lived {
  readonly op: OpDef;
  readonly scope: (f: (...xs: Tensor[]) => Tensor[], ...xs: Tensor[]) => Tensor[];
}

export function lifetimeLaw({ op, samples }: OpContext): Law<Lived, OpCase> {
  // Elementwise and layout ops run on one engine, whose memory does not depend on the op.
  const runs = op.expr === undefined && op.alias === undefined ? 100 : 20;
  const cases = opCases(samples);
  return {
    name: 'runs leave nothing behind',
    statement: `${runs} times the op and its gradient, each in a scope: what is alive afterwards is what was before; what a scope returns is alive and right.`,
    formula: 'live(n runs) = live(0)',
    subject: { op, scope: (f, ...xs) => run(f as never, ...xs) },
    cases: Array.isArray(cases) ? cases.slice(0, 1) : cases,
    once: true,
    mutants: [{ name: 'the scope ends nothing', plant: (right) => ({ ...right, scope: (f, ...xs) => f(...xs) }) }],
    show: (example) => showCase(op, example, 'float64'),
    holds({ op: subject, scope }, { attrs, inputs, seed }) {
      const backend = new CountingBackend();
      const eager = new Eager(backend, 1);
      const xs = inputs.map((input) => eager.fromValues(specOf(input, 'float64'), input.values));
      const wants = differentiable(inputs, xs);
      const step = (...tensors: Tensor[]): Tensor[] => {
        const outputs = apply(subject, attrs, tensors);
        if (canDifferentiate(subject)) {
          const upstream = outputs.map((y, k) =>
            isFloat(y.dtype) ? eager.fromValues(y.spec, noise(y.size, seed, k)) : null,
          );
          pull(subject, attrs, upstream, tensors, outputs, wants);
        }
        return outputs;
      };
      const free = step(...xs).map((y) => y.dataSync());
      const kept = scope(step, ...xs);
      kept.forEach((y, k) =>
        expectSame({ what: `output ${k} of a scope`, shape: y.shape, source: 'no scope' }, y.dataSync(), free[k]),
      );
      const before = backend.living();
      for (let i = 0; i < runs; i++) {
        scope(
          (...tensors) => {
            step(...tensors);
            return [];
          },
          ...xs,
        );
        const living = backend.living();
        if (living !== before)
          throw new Violation({ what: `arrays alive after ${i + 1} runs`, received: living, expected: before });
      }
    },
  };
}
