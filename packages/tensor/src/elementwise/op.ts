import { sameShape, ShapeError } from '@lemmata/shape';
import { call, input, substitute, type ScalarExpr } from '../expr.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import { type DType, formatSpec, type Spec } from '../spec.js';
import { scalarVjp } from './derivative.js';
import { fold } from './fold.js';
import { SCALAR_FUNCTIONS, type ScalarFnName } from './functions.js';
import { SignatureCache } from './signature.js';
import { exprDType } from './types.js';

export interface ElementwiseRule<A> {
  readonly name: string;
  /** Value at an index, from the inputs at that index. */
  expr(attrs: A, ...inputs: ScalarExpr[]): ScalarExpr;
  readonly linearIn?: readonly number[];
  /** Of one input: the derivative at f(x) is that at x, as for relu. The way back reads the output, so that x need not be kept. */
  readonly derivativeAtOutput?: true;
}

/**
 * An elementwise op from its scalar expression: shapes, dtypes, gradients of every order and fused code follow from it.
 * Inputs must have equal shapes; public functions bring them to one first (see `elementwise/broadcast.ts`).
 *
 * Where a bundle has use for some ops of a file and not for others, what makes them is marked for bundlers as pure: those go.
 */
export function elementwise<A>(rule: ElementwiseRule<A>): OpDef<A> {
  const op: OpDef<A> = {
    name: rule.name,
    // The rule sees plain inputs even where another expression takes their place: a derivative must end at them.
    expr: (attrs, ...inputs) => substitute(fold(rule.expr(attrs, ...inputs.map((_, i) => input(i)))), inputs),
    infer: (attrs, ...inputs) => [inferElementwise(op, attrs, inputs)],
    vjp(attrs, [upstream], inputs, outputs, wants) {
      if (upstream === null) return inputs.map(() => null);
      const at = rule.derivativeAtOutput ? outputs : inputs;
      const gradients = gradientOps.get(op, attrs, at);
      return gradients.map((gradient, i) =>
        gradient !== null && wants[i] ? apply(gradient, attrs, [...at, upstream])[0] : null,
      );
    },
    ...(rule.linearIn === undefined ? {} : { linearIn: rule.linearIn }),
  };
  return op;
}

/** The op of one scalar function, without attributes. */
export function scalarOp(
  fn: ScalarFnName,
  options: { readonly name?: string; readonly linearIn?: readonly number[] } = {},
): OpDef {
  const { arity } = SCALAR_FUNCTIONS[fn];
  return elementwise({ name: fn, ...options, expr: (_, ...inputs) => call(fn, ...inputs.slice(0, arity)) });
}

function inferElementwise<A>(op: OpDef<A>, attrs: A, inputs: readonly Spec[]): Spec {
  const [first] = inputs;
  let weak = true;
  for (const spec of inputs) {
    weak &&= spec.weak === true;
    if (!sameShape(spec.shape, first.shape)) {
      throw new ShapeError(op.name, [
        {
          rule: 'inputs of an elementwise op have equal shapes',
          received: inputs.map(formatSpec).join(' and '),
          hint: 'Broadcast them first with broadcastTo',
        },
      ]);
    }
  }
  const dtype = resultDType.get(op, attrs, inputs);
  return weak && dtype === 'float64' ? { shape: first.shape, dtype, weak } : { shape: first.shape, dtype };
}

const resultDType: SignatureCache<DType> = new SignatureCache((op, attrs, inputs) => {
  return exprDType(op.expr!(attrs, ...inputs.map((_, i) => input(i))), inputs, op.name) ?? inputs[0];
});

/** For each input the op (inputs…, upstream) → gradient; null where the derivative is 0 everywhere. */
const gradientOps: SignatureCache<readonly (OpDef | null)[]> = new SignatureCache((op, attrs, inputs) => {
  const derive = (a: unknown): (ScalarExpr | null)[] =>
    scalarVjp(op.expr!(a, ...inputs.map((_, i) => input(i))), inputs, op.name);
  return derive(attrs).map((gradient, i) =>
    gradient === null
      ? null
      : elementwise({
          name: `${op.name}.gradient${inputs.length === 1 ? '' : i}`,
          expr: (a) => derive(a)[i]!,
          linearIn: [inputs.length],
        }),
  );
});
