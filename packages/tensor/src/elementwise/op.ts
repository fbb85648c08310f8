import { ShapeError, sameShape } from '@lemmata/shape';
import { input, type ScalarExpr } from '../expr.js';
import { apply } from '../interpreter.js';
import { attrsKey, type OpDef } from '../op.js';
import { type DType, formatSpec, type Spec } from '../spec.js';
import { exprDType } from './functions.js';
import { scalarVjp } from './derivative.js';

export interface ElementwiseRule<A> {
  readonly name: string;
  /** Value at an index, from the inputs at that index. */
  expr(attrs: A, ...inputs: ScalarExpr[]): ScalarExpr;
  readonly linearIn?: readonly number[];
}

/**
 * An elementwise op from its scalar expression: shapes, dtypes, gradients of every order and fused code follow from it.
 * Inputs must have equal shapes; public functions broadcast first (see `elementwise/binary.ts`).
 */
export function elementwise<A>(rule: ElementwiseRule<A>): OpDef<A> {
  const op: OpDef<A> = {
    name: rule.name,
    expr: (attrs, ...inputs) => rule.expr(attrs, ...inputs),
    infer: (attrs, ...inputs) => [inferElementwise(op, attrs, inputs)],
    vjp(attrs, [upstream], inputs, _outputs, wants) {
      if (upstream === null) return inputs.map(() => null);
      return gradients(op, attrs, inputs.map((t) => t.dtype)).map((gradient, i) =>
        gradient !== null && wants[i] ? apply(gradient, attrs, [...inputs, upstream])[0] : null,
      );
    },
    ...(rule.linearIn === undefined ? {} : { linearIn: rule.linearIn }),
  };
  return op;
}

function inferElementwise<A>(op: OpDef<A>, attrs: A, inputs: readonly Spec[]): Spec {
  const [first] = inputs;
  for (const spec of inputs) {
    if (!sameShape(spec.shape, first.shape)) {
      throw new ShapeError(op.name, [
        { rule: 'inputs of an elementwise op have equal shapes', received: inputs.map(formatSpec).join(' and '), hint: 'broadcast them first with broadcastTo' },
      ]);
    }
  }
  const dtype = exprDType(op.expr!(attrs, ...inputs.map((_, i) => input(i))), inputs.map((s) => s.dtype));
  const spec: Spec = { shape: first.shape, dtype: dtype ?? first.dtype };
  return inputs.every((s) => s.weak) && spec.dtype === 'float64' ? { ...spec, weak: true } : spec;
}

interface Gradients {
  /** One op an input: (inputs…, upstream) → gradient. */
  readonly ops: readonly OpDef[];
  /** By attributes, which inputs' derivative is not 0 everywhere. */
  readonly present: Map<string, readonly boolean[]>;
}

const known = new WeakMap<OpDef, Map<string, Gradients>>();

/** For each input the op (inputs…, upstream) → gradient; null where the derivative is 0 everywhere. */
function gradients<A>(op: OpDef<A>, attrs: A, dtypes: readonly DType[]): readonly (OpDef<A> | null)[] {
  const derive = (a: A, exprs: readonly ScalarExpr[]): (ScalarExpr | null)[] => scalarVjp(op.expr!(a, ...exprs), dtypes);
  let ofOp = known.get(op);
  if (ofOp === undefined) known.set(op, (ofOp = new Map()));
  let entry = ofOp.get(dtypes.join());
  if (entry === undefined) {
    const ops = dtypes.map((_, i) =>
      elementwise<A>({
        name: `${op.name}.gradient${dtypes.length === 1 ? '' : i}`,
        expr: (a, ...exprs) => derive(a, exprs.slice(0, -1))[i]!,
        linearIn: [dtypes.length],
      }),
    );
    ofOp.set(dtypes.join(), (entry = { ops, present: new Map() }));
  }
  const key = attrsKey(attrs);
  let present = entry.present.get(key);
  if (present === undefined) {
    present = derive(attrs, dtypes.map((_, i) => input(i))).map((gradient) => gradient !== null);
    entry.present.set(key, present);
  }
  return entry.ops.map((gradient, i) => (present[i] ? gradient : null));
}
