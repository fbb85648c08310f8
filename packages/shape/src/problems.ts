import { ShapeError, type ShapeReason } from './shape-error.js';
import type { Shape } from './shape.js';

/**
 * Collects every reason why something is refused, so that one error names all of them.
 *
 * ```ts
 * const problems = new Problems('linear');
 * if (x.length !== 2) problems.add({ rule: 'x must have 2 axes', received: x.length });
 * problems.throwIfAny({ x, weight });
 * ```
 */
export class Problems {
  readonly op: string;
  readonly reasons: ShapeReason[] = [];

  constructor(op: string) {
    this.op = op;
  }

  add(reason: ShapeReason): void {
    this.reasons.push(reason);
  }

  /** Throws one {@link ShapeError} with all reasons; returns when there are none. */
  throwIfAny(shapes?: Readonly<Record<string, Shape>>): void {
    if (this.reasons.length > 0) throw new ShapeError(this.op, this.reasons, shapes);
  }
}

/**
 * Runs a check that reports into a collector. Given the name of an op, throws what was found;
 * given a collector, leaves the throwing to its owner.
 */
export function judge<T>(op: string | Problems, check: (problems: Problems) => T): T {
  if (typeof op !== 'string') return check(op);
  const problems = new Problems(op);
  const result = check(problems);
  problems.throwIfAny();
  return result;
}
