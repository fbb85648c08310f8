import { argsOf, type ScalarExpr } from '../expr.js';
import type { DType } from '../spec.js';
import { exprTypes, operandType, type ExprTypes } from './types.js';

/** A value that scalar expressions compute. */
export interface ScalarValue {
  readonly expr: ScalarExpr;
  readonly dtype: DType;
  /** The numbers of the values that it is computed from; none for inputs and constants. */
  readonly args: readonly number[];
  /** What it is computed on: the common dtype of a call's arguments, the condition of a select left aside; that of a cast's argument. */
  readonly operand: DType;
  /** Equal for equal values. */
  readonly text: string;
}

/** Expressions as a list of distinct values, those that a value is computed from before it. */
export interface ScalarValues {
  readonly values: readonly ScalarValue[];
  /** The number of each expression's value. */
  readonly results: readonly number[];
}

/**
 * Numbers the values of expressions, equal ones once, each with its dtype: what a backend generates code from. A constant
 * takes the dtype of what it is combined with.
 *
 * @throws TypeError, naming `name`, if the expressions are ill-typed.
 */
export function scalarValues(
  exprs: readonly ScalarExpr[],
  inputs: readonly DType[],
  outputs: readonly DType[],
  name: string,
): ScalarValues {
  const numbering = new Numbering(exprTypes(exprs, inputs, name), name);
  const results = exprs.map((expr, k) => numbering.value(expr, outputs[k]));
  return { values: numbering.values, results };
}

class Numbering {
  readonly values: ScalarValue[] = [];
  private readonly types: ExprTypes;
  private readonly name: string;
  private readonly byNode = new Map<ScalarExpr, number>();
  private readonly byText = new Map<string, number>();

  constructor(types: ExprTypes, name: string) {
    this.types = types;
    this.name = name;
  }

  /** The number of the value of `expr`; where its dtype is open, it takes `context`. */
  value(expr: ScalarExpr, context: DType): number {
    const open = this.types.get(expr) === null;
    const seen = open ? undefined : this.byNode.get(expr);
    if (seen !== undefined) return seen;
    const at = this.number(expr, this.types.get(expr) ?? context);
    if (!open) this.byNode.set(expr, at);
    return at;
  }

  private number(expr: ScalarExpr, dtype: DType): number {
    switch (expr.kind) {
      case 'input':
        return this.once(`input ${expr.index} ${dtype}`, expr, dtype, dtype, []);
      case 'const':
        return this.once(`${dtype} ${Object.is(expr.value, -0) ? '-0' : expr.value}`, expr, dtype, dtype, []);
      case 'cast': {
        const [arg] = expr.args;
        if (arg.kind === 'const') return this.number(arg, dtype);
        const from = this.value(arg, dtype);
        return this.once(`cast ${dtype} ${from}`, expr, dtype, this.values[from].dtype, [from]);
      }
      case 'call': {
        const { fn } = expr;
        const operand =
          operandType(
            this.name,
            fn,
            argsOf(expr).map((arg) => this.types.get(arg)!),
          ) ?? dtype;
        const args = expr.args.map((arg, i) => this.value(arg, fn === 'select' && i === 0 ? 'bool' : operand));
        return this.once(`${fn} ${dtype} ${args.join()}`, expr, dtype, operand, args);
      }
    }
  }

  private once(text: string, expr: ScalarExpr, dtype: DType, operand: DType, args: readonly number[]): number {
    let at = this.byText.get(text);
    if (at === undefined) this.byText.set(text, (at = this.values.push({ expr, dtype, operand, args, text }) - 1));
    return at;
  }
}
