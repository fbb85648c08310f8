import { formatValue, OptionError, sameShape, ShapeError, sizeOf, ValueError } from '@lemmata/shape';
import {
  apply,
  applyElementwise,
  asTensor,
  call,
  type DType,
  elementwise,
  isFloat,
  mul,
  NO_ATTRS,
  type OpDef,
  reshape,
  type Tensor,
} from '@lemmata/tensor';

export interface IndicatorAttrs {
  /** Names the loss in errors. */
  readonly op: string;
  readonly classes: number;
  readonly ignoreIndex: number;
  readonly dtype: DType;
}

/** What is said to the i-th target, which is no class. */
export function noClass(
  { op, classes, ignoreIndex }: IndicatorAttrs,
  places: number,
  target: number,
  i: number,
): Error {
  return new ValueError(
    op,
    `target ${target} of sample ${Math.floor(i / places)} is not a class; there are ${classes}, counted from 0 (ignoreIndex is ${ignoreIndex})`,
  );
}

/** Targets [N, ...] as [N, classes, ...]: 1 at the target's class, 0 elsewhere, and 0 throughout for ignored targets. */
export const ClassIndicator: OpDef<IndicatorAttrs> = {
  name: 'classIndicator',
  infer: ({ classes, dtype }, { shape: [batch, ...places] }) => [{ shape: [batch, classes, ...places], dtype }],
  reference(attrs, [targets], [out]) {
    const { classes, ignoreIndex } = attrs;
    const places = sizeOf(targets.shape.slice(1));
    out.data.fill(0);
    for (let i = 0; i < targets.data.length; i++) {
      const target = targets.data[i];
      if (target === ignoreIndex) continue;
      if (target < 0 || target >= classes) throw noClass(attrs, places, target, i);
      const place = i % places;
      out.data[((i - place) / places) * classes * places + target * places + place] = 1;
    }
  },
};

/** q · x, but 0 where q is 0: a class without a share takes no part, neither at x = −∞ nor where the upstream is 1/0. */
const Picked: OpDef = {
  ...elementwise({ name: 'picked', expr: (_, q, x) => call('chain', q, x) }),
  vjp(_attrs, [upstream], [q, x], _outputs, wants) {
    if (upstream === null) return [null, null];
    return [wants[0] ? mul(upstream, x) : null, wants[1] ? apply(Picked, NO_ATTRS, [q, upstream])[0] : null];
  },
};

/** q · x with broadcasting; what has no share, q = 0, gives 0 whatever x is. */
export function picked(q: Tensor, x: Tensor): Tensor {
  return applyElementwise(Picked, NO_ATTRS, [q, x]);
}

/** Logits and targets with a batch, and whether they had one. */
export interface Batched {
  readonly input: Tensor;
  readonly targets: Tensor;
  /** Class numbers, or probabilities of the input's shape. */
  readonly kind: 'classes' | 'probabilities';
  /** Takes the batch that was added out of losses [N, ...] again. */
  readonly restore: (losses: Tensor) => Tensor;
}

/**
 * Checks the operands of a loss over classes: an input [N, C, ...] or [C] with int32 targets [N, ...] or [], or, where
 * `soft`, with probabilities of the input's shape.
 */
export function classOperands(op: string, input: Tensor, targets: Tensor, soft: boolean): Batched {
  const [x, t] = [asTensor(input, op), asTensor(targets, op)];
  const refuse = (rule: string, received: unknown, expected: unknown, hint?: string): never => {
    throw new ShapeError(op, [{ rule, received, expected, ...(hint === undefined ? {} : { hint }) }], {
      input: x.shape,
      targets: t.shape,
    });
  };
  if (!isFloat(x.dtype)) throw new TypeError(`${op}: the input is float32 or float64, received ${x.dtype}`);
  if (x.rank === 0) refuse('the input is [N, C, ...] or [C]', x.shape, 'at least one axis');
  const probabilities = isFloat(t.dtype);
  if (t.dtype === 'bool' || (probabilities && !soft)) {
    throw new TypeError(
      `${op}: targets are int32 class numbers${soft ? ' or probabilities' : ''}, received ${t.dtype}; cast them with cast(targets, 'int32')`,
    );
  }
  const places = x.rank === 1 ? [] : [x.shape[0], ...x.shape.slice(2)];
  if (probabilities) {
    if (!sameShape(t.shape, x.shape)) {
      const numbers = sameShape(t.shape, places)
        ? "For class numbers, cast them with cast(targets, 'int32')"
        : undefined;
      refuse('targets that are probabilities have the shape of the input', t.shape, x.shape, numbers);
    }
  } else if (!sameShape(t.shape, places)) {
    refuse('targets that are class numbers have the shape of the input without its axis of classes', t.shape, places);
  }
  const kind = probabilities ? 'probabilities' : 'classes';
  if (x.rank > 1) return { input: x, targets: t, kind, restore: (losses) => losses };
  return {
    input: reshape(x, [1, ...x.shape]),
    targets: reshape(t, [1, ...t.shape]),
    kind,
    restore: (losses) => reshape(losses, []),
  };
}

/** {@link ClassIndicator} of targets [N, ...] for an input [N, C, ...]. */
export function indicator(op: string, input: Tensor, targets: Tensor, ignoreIndex: number): Tensor {
  return apply(ClassIndicator, { op, classes: input.shape[1], ignoreIndex, dtype: input.dtype }, [targets])[0];
}

/** Class weights [C] as [1, C, 1, ...] for an input of this rank. */
export function classWeights(op: string, input: Tensor, weight: Tensor): Tensor {
  const classes = input.shape[1];
  if (weight.rank !== 1 || weight.shape[0] !== classes) {
    throw new ShapeError(op, [
      {
        rule: `weight has one element for each of the ${classes} classes`,
        received: weight.shape,
        expected: [classes],
      },
    ]);
  }
  return reshape(weight, [1, classes, ...input.shape.slice(2).map(() => 1)]);
}

export function checkIgnoreIndex(op: string, ignoreIndex: number): void {
  if (Number.isInteger(ignoreIndex) && ignoreIndex === (ignoreIndex | 0)) return;
  throw new OptionError(op, [`ignoreIndex must be an int32, received ${formatValue(ignoreIndex)}`]);
}
