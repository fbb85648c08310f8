import { formatShape, OptionError, Problems, sizeOf } from '@lemmata/shape';
import { asTensor } from '../create.js';
import type { Tensor } from '../tensor.js';
import { mul } from './arithmetic.js';
import { broadcastTo } from './broadcast-to.js';
import { diagonal } from './diagonal.js';
import { matmul } from './matmul.js';
import { permute } from './permute.js';
import { reshape } from './reshape.js';
import { sum } from './sum.js';

/** A tensor whose axes have names, each once. */
interface Named {
  readonly x: Tensor;
  readonly names: readonly string[];
}

/**
 * Einstein summation: the axes of each operand are named by letters, and every name that is missing in the output is
 * summed over. A name that occurs twice in an operand takes its diagonal; `...` stands for any further axes, which
 * broadcast. Without `->` the output has `...`, then the names that occur once, in alphabetical order. Several operands are
 * contracted from left to right.
 *
 * @example einsum('bij,bjk->bik', a, b) // batched matrix product
 * @throws ShapeError if operands disagree on a size; OptionError for an equation that cannot be read.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.einsum.html
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const { inputs, output } = parse(
    equation,
    operands.map((x) => asTensor(x, 'einsum')),
  );
  let [left, ...rest] = inputs.map(takeDiagonals);
  while (rest.length > 0) {
    const [right, ...later] = rest;
    const needed = new Set([...output, ...later.flatMap(({ names }) => names)]);
    left = contract(
      sumOut(left, new Set([...needed, ...right.names])),
      sumOut(right, new Set([...needed, ...left.names])),
      needed,
    );
    rest = later;
  }
  const { x, names } = sumOut(left, new Set(output));
  return permute(
    x,
    output.map((name) => names.indexOf(name)),
  );
}

function parse(equation: string, tensors: readonly Tensor[]): { inputs: Named[]; output: string[] } {
  const fail = (reason: string): never => {
    throw new OptionError('einsum', [`${reason} in '${equation}'`]);
  };
  const text = equation.replaceAll(' ', '');
  const [before, after, more] = text.split('->');
  if (more !== undefined) fail("'->' occurs twice");
  const terms = before.split(',');
  if (terms.length !== tensors.length)
    fail(`${terms.length} operands are named, but ${tensors.length} tensors were given,`);
  for (const term of [...terms, after ?? '']) {
    const letters = term.replace('...', '');
    const bad = letters.match(/[^A-Za-z]/);
    if (bad) fail(`axes are named by letters and '...' once; found '${bad[0]}' of '${term}'`);
  }

  const extra = terms.map((term, i) => {
    const count = tensors[i].rank - term.replace('...', '').length;
    if (count < 0 || (count > 0 && !term.includes('...'))) {
      fail(
        `operand ${i} has ${tensors[i].rank} axes (shape ${formatShape(tensors[i].shape)}), but '${term}' names ${term.replace('...', '').length};`,
      );
    }
    return count;
  });
  // Names of the axes that '...' stands for, aligned at the last one.
  const ellipsis = Array.from(
    { length: Math.max(0, ...extra) },
    (_, i, rank = Math.max(0, ...extra)) => `.${rank - i}`,
  );
  const expand = (term: string, count: number): string[] => {
    const [head, tail] = term.split('...');
    return tail === undefined ? [...head] : [...head, ...ellipsis.slice(ellipsis.length - count), ...tail];
  };
  const inputs = terms.map((term, i) => ({ x: tensors[i], names: expand(term, extra[i]) }));
  const once = [...new Set(before.replaceAll(/[^A-Za-z]/g, ''))].filter((c) => before.split(c).length === 2).sort();
  const output = after === undefined ? [...ellipsis, ...once] : expand(after, ellipsis.length);
  for (const [i, name] of output.entries()) {
    if (output.indexOf(name) < i) fail(`the output names '${name}' twice`);
    if (!name.startsWith('.') && !inputs.some(({ names }) => names.includes(name)))
      fail(`the output names '${name}', which no operand has,`);
  }
  return { inputs: broadcastNamed(inputs), output };
}

/** Every axis as long as the longest of its name; sizes of 1 are repeated. */
function broadcastNamed(inputs: readonly Named[]): Named[] {
  const sizes = new Map<string, number>();
  const problems = new Problems('einsum');
  for (const { x, names } of inputs) {
    names.forEach((name, axis) => {
      const size = sizes.get(name) ?? 1;
      const own = x.shape[axis];
      if (size === 1) sizes.set(name, own);
      else if (own !== 1 && own !== size) {
        problems.add({
          rule: name.startsWith('.') ? "axes of '...' do not broadcast" : `axis '${name}' has two sizes`,
          received: `${size} and ${own}`,
        });
      }
    });
  }
  problems.throwIfAny(Object.fromEntries(inputs.map(({ x }, i) => [`operand ${i}`, x.shape])));
  return inputs.map(({ x, names }) => ({
    x: broadcastTo(
      x,
      names.map((name) => sizes.get(name)!),
    ),
    names,
  }));
}

function takeDiagonals({ x, names }: Named): Named {
  const second = names.findIndex((name, i) => names.indexOf(name) < i);
  if (second < 0) return { x, names };
  const first = names.indexOf(names[second]);
  const others = names.filter((_, axis) => axis !== first && axis !== second);
  return takeDiagonals({ x: diagonal(x, 0, first, second), names: [...others, names[second]] });
}

function sumOut({ x, names }: Named, kept: ReadonlySet<string>): Named {
  const axis = names.flatMap((name, i) => (kept.has(name) ? [] : [i]));
  return axis.length === 0 ? { x, names } : { x: sum(x, { axis }), names: names.filter((name) => kept.has(name)) };
}

/** The product of two operands, summed over the names that both have and nobody needs any more. */
function contract(left: Named, right: Named, needed: ReadonlySet<string>): Named {
  const shared = left.names.filter((name) => right.names.includes(name));
  const batch = shared.filter((name) => needed.has(name));
  const summed = shared.filter((name) => !needed.has(name));
  const rows = left.names.filter((name) => !shared.includes(name));
  const columns = right.names.filter((name) => !shared.includes(name));
  const names = [...batch, ...rows, ...columns];
  const sizeIn =
    ({ x, names: own }: Named) =>
    (name: string): number =>
      x.shape[own.indexOf(name)];
  const batchShape = batch.map(sizeIn(left));
  const rowShape = rows.map(sizeIn(left));
  const columnShape = columns.map(sizeIn(right));
  const arranged = ({ x, names: own }: Named, order: readonly string[], shape: readonly number[]): Tensor =>
    reshape(
      permute(
        x,
        order.map((name) => own.indexOf(name)),
      ),
      shape,
    );

  if (summed.length === 0) {
    const a = arranged(left, [...batch, ...rows], [...batchShape, ...rowShape, ...columns.map(() => 1)]);
    const b = arranged(right, [...batch, ...columns], [...batchShape, ...rows.map(() => 1), ...columnShape]);
    return { x: mul(a, b), names };
  }
  const [m, k, n] = [rowShape, summed.map(sizeIn(left)), columnShape].map(sizeOf);
  const a = arranged(left, [...batch, ...rows, ...summed], [...batchShape, m, k]);
  const b = arranged(right, [...batch, ...summed, ...columns], [...batchShape, k, n]);
  return { x: reshape(matmul(a, b), [...batchShape, ...rowShape, ...columnShape]), names };
}
