import { nodesOf, type ScalarExpr } from '../expr.js';
import { isFloat, type DType } from '../spec.js';
import { SCALAR_FUNCTIONS, type ScalarFnName } from './functions.js';

/**
 * The dtype of every node of some expressions; null for constants and choices between constants, which take that of what they are combined with.
 */
export type ExprTypes = ReadonlyMap<ScalarExpr, DType | null>;

/**
 * @throws TypeError naming the function, where arguments differ in dtype or a function does not take theirs.
 */
export function exprTypes(roots: readonly ScalarExpr[], inputs: readonly DType[], op: string): ExprTypes {
  const types = new Map<ScalarExpr, DType | null>();
  for (const node of nodesOf(...roots)) {
    if (node.kind === 'input') types.set(node, inputs[node.index]);
    else if (node.kind === 'const') types.set(node, null);
    else if (node.kind === 'cast') types.set(node, node.dtype);
    else
      types.set(
        node,
        resultOf(
          op,
          node.fn,
          operandType(
            op,
            node.fn,
            node.args.map((arg) => types.get(arg)!),
          ),
        ),
      );
  }
  return types;
}

/** The dtype of an expression; null for a constant. */
export function exprDType(expr: ScalarExpr, inputs: readonly DType[], op = 'expression'): DType | null {
  return exprTypes([expr], inputs, op).get(expr)!;
}

/** The common dtype of the arguments, the condition of a select left aside; null where all are constants. */
export function operandType(op: string, fn: ScalarFnName, args: readonly (DType | null)[]): DType | null {
  const select = SCALAR_FUNCTIONS[fn].result === 'select';
  if (select && args[0] !== 'bool' && args[0] !== null) {
    throw new TypeError(
      `${op}: the condition of ${fn} is a truth value, received ${args[0]}; compare it with 0, or cast it to bool`,
    );
  }
  const operands = select ? args.slice(1) : args;
  const known = operands.filter((dtype) => dtype !== null);
  if (known.some((dtype) => dtype !== known[0])) {
    throw new TypeError(`${op}: arguments of ${fn} have one dtype, received ${known.join(' and ')}; cast them to one`);
  }
  return known[0] ?? null;
}

function resultOf(op: string, fn: ScalarFnName, operand: DType | null): DType | null {
  const { result } = SCALAR_FUNCTIONS[fn];
  if (result === 'bool') return 'bool';
  if (operand === null) return null;
  if (result === 'float' && !isFloat(operand)) {
    throw new TypeError(
      `${op}: ${fn} is defined on floating-point tensors, received ${operand}; cast it to float32 first`,
    );
  }
  if (result === 'number' && operand === 'bool') {
    throw new TypeError(`${op}: ${fn} is defined on numbers, received bool; cast it to int32 or float32 first`);
  }
  return operand;
}
