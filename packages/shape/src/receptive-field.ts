import { unknownOptions } from './option-error.js';
import { explicitSides } from './padding.js';
import { Problems } from './problems.js';
import { type AxisPadding, checkWindow, effectiveKernel } from './window.js';

/** One convolution or pooling, along one axis. */
export interface FieldLayer {
  readonly name?: string;
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default 1. */
  readonly dilation?: number;
  /** Default 0. `'same-upper'` and `'same-lower'` depend on the input's size: write them as `[before, after]`. */
  readonly padding?: AxisPadding;
}

/** Stacks that read the same input and whose results are added or joined; `[]` is a skip connection. */
export interface FieldBranches {
  readonly name?: string;
  readonly branches: readonly (readonly FieldItem[])[];
}

export type FieldItem = FieldLayer | FieldBranches;

/** What an element of a layer's output can see of the input, along one axis. */
export interface Field {
  /** Elements from the first to the last seen in the input. Dilation and strides may leave some between unread. */
  readonly size: number;
  /** Steps in the input for one step in the output: the product of the strides. */
  readonly jump: number;
  /** Where the first output is centred in the input, whose first element is at 0; padding can make it negative. */
  readonly start: number;
}

/** {@link Field} after one layer of a stack. */
export interface FieldRow extends Field {
  /** The layer's name, or its position. */
  readonly name: string;
  /** The field in the layer's own input, where {@link Field.size} is the field in the network's input. */
  readonly inPrevious: number;
  /** For joined branches: the rows of each. */
  readonly branches?: readonly (readonly FieldRow[])[];
}

/** {@link Field} of a whole stack, and after each of its layers. */
export interface ReceptiveField extends Field {
  readonly layers: readonly FieldRow[];
}

/** The first and the last input element that the first output sees. */
interface Extent {
  readonly first: number;
  readonly last: number;
  readonly jump: number;
}

/**
 * The receptive field of a stack of layers along one axis. Each layer adds d(K − 1) times the
 * product of the strides before it: 1 + L(K − 1) for L layers of kernel K and stride 1.
 *
 * Where branches join, the field reaches from the first to the last element that any of them sees.
 *
 * @throws ShapeError where joined branches have different strides, or padding depends on the input's size.
 *
 * Source: https://distill.pub/2019/computing-receptive-fields/
 */
export function receptiveField(layers: readonly FieldItem[]): ReceptiveField {
  const problems = new Problems('receptiveField');
  const { extent, rows } = walk(problems, layers, { first: 0, last: 0, jump: 1 }, '');
  problems.throwIfAny();
  return { ...fieldOf(extent), layers: rows };
}

function walk(problems: Problems, items: readonly FieldItem[], input: Extent, prefix: string): Walk {
  let extent = input;
  const rows: FieldRow[] = [];
  for (const [i, item] of items.entries()) {
    const name = `${prefix}${item.name ?? i}`;
    const before = extent;
    let branches: FieldRow[][] | undefined;
    if ('branches' in item) {
      unknownOptions(problems.op, item, ['name', 'branches']);
      const walked = item.branches.map((branch, b) => walk(problems, branch, before, `${name}.${b}.`));
      extent = join(problems, name, walked, before);
      branches = walked.map((branch) => branch.rows);
    } else {
      extent = through(problems, name, item, before);
    }
    const wider = extent.last - extent.first - (before.last - before.first);
    const row: FieldRow = { name, inPrevious: wider / before.jump + 1, ...fieldOf(extent) };
    rows.push(branches === undefined ? row : { ...row, branches });
  }
  return { extent, rows };
}

interface Walk {
  readonly extent: Extent;
  readonly rows: FieldRow[];
}

function through(problems: Problems, name: string, layer: FieldLayer, { first, last, jump }: Extent): Extent {
  const { name: _, ...window } = layer;
  const own = new Problems(problems.op);
  const checked = checkWindow(own, { ...window, size: 1 });
  let start = 0;
  let reach = 0;
  if (checked !== undefined) {
    reach = effectiveKernel(checked.kernel, checked.dilation) - 1;
    start = paddingBefore(own, checked.padding, checked.stride, reach);
  }
  for (const reason of own.reasons) problems.add({ ...reason, rule: `layer '${name}': ${reason.rule}` });
  return { first: first - start * jump, last: last + (reach - start) * jump, jump: jump * (checked?.stride ?? 1) };
}

function paddingBefore(problems: Problems, padding: AxisPadding, stride: number, reach: number): number {
  if (padding === 'valid') return 0;
  if (padding === 'same' && stride === 1) return Math.floor(reach / 2);
  if (typeof padding !== 'string') return explicitSides(problems, padding)[0];
  problems.add({
    rule:
      padding === 'same'
        ? `padding 'same' needs stride 1, not ${stride}`
        : "padding 'same-upper' and 'same-lower' depend on the input's size",
    received: padding,
    hint: 'Give [before, after]',
  });
  return 0;
}

function join(problems: Problems, name: string, branches: readonly Walk[], fallback: Extent): Extent {
  const extents = branches.map((branch) => branch.extent);
  const jumps = [...new Set(extents.map((extent) => extent.jump))];
  if (jumps.length === 1) {
    return {
      first: Math.min(...extents.map((extent) => extent.first)),
      last: Math.max(...extents.map((extent) => extent.last)),
      jump: jumps[0]!,
    };
  }
  problems.add(
    jumps.length === 0
      ? { rule: `layer '${name}' joins no branches` }
      : {
          rule: `the branches of layer '${name}' step differently over the input`,
          received: extents.map((extent) => extent.jump),
          hint: 'Give every branch the same product of strides',
        },
  );
  return fallback;
}

function fieldOf({ first, last, jump }: Extent): Field {
  return { size: last - first + 1, jump, start: (first + last) / 2 };
}
