import { valueAndGrad } from '@lemmata/autograd';
import {
  add,
  createArray,
  div,
  exp,
  matmul,
  maximum,
  mean,
  mul,
  pack,
  packedView,
  permute,
  REFERENCE,
  reshape,
  split,
  sub,
  sum,
  tensor,
  viewOf,
  type Tensor,
  type TypedArray,
  type View,
} from '@lemmata/tensor';
import { sizeOf } from '@lemmata/shape';
import { describe, expect, test } from 'vitest';
import { verify, type Line, type Program, type ValueId } from '../program.js';
import { Trace } from '../trace.js';
import { mergeCommonSubexpressions } from './common-subexpressions.js';
import { dropDeadCode } from './dead-code.js';
import { fuseEpilogues } from './epilogues.js';
import { fuseElementwise } from './fuse.js';
import { partOnce } from './once.js';
import { fusePrologues } from './prologues.js';
import { runSideBySide } from './side-by-side.js';
import { dropUnreadInputs, forwardIdentities } from './simplify.js';

type Pass = (program: Program) => Program;
type Function = (...xs: Tensor[]) => Tensor[];

function traced(f: Function, xs: readonly Tensor[]): Program {
  const trace = new Trace(REFERENCE);
  const inputs = xs.map((x) => trace.input(x.spec));
  return trace.finish(f(...inputs));
}

/** What a program gives, line by line and with memory of its own for each value. */
function results(program: Program, xs: readonly Tensor[]): TypedArray[] {
  const views = new Map<ValueId, View>();
  program.inputs.forEach((id, i) => views.set(id, viewOf(xs[i], 'test')));
  program.values.forEach(({ constant }, id) => constant !== undefined && views.set(id, constant));
  for (const { op, attrs, inputs, outputs } of program.lines) {
    const moved = op.alias?.(attrs, views.get(inputs[0])!);
    if (moved !== undefined && moved !== null) {
      views.set(outputs[0], { ...views.get(inputs[0])!, ...moved });
      continue;
    }
    for (const id of outputs) {
      const { spec } = program.values[id];
      views.set(id, packedView(spec, createArray(spec.dtype, sizeOf(spec.shape))));
    }
    const [from, to] = [inputs, outputs].map((ids) => ids.map((id) => views.get(id)!));
    REFERENCE.sequence([{ op, attrs, inputs: from, outputs: to }]).run();
  }
  return program.results.map((id) => pack(views.get(id)!).data);
}

const wave = (shape: readonly number[], salt: number): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 12.9 + salt)),
    { shape },
  );

/** Functions in which every pass finds something to do. */
const functions: Readonly<Record<string, readonly [Function, readonly Tensor[]]>> = {
  'a chain over broadcasts, read twice': [
    (x, b) => {
      const y = maximum(add(x, b), 0);
      exp(x);
      return [mul(y, sub(maximum(add(x, b), 0), 1)), exp(y)];
    },
    [wave([3, 4], 1), wave([4], 2)],
  ],
  'gradients of a residual block': [
    (x, w, b) => {
      const { value, grads } = valueAndGrad((p: { w: Tensor; b: Tensor }) => {
        const h = maximum(add(matmul(x, p.w), p.b), 0);
        return mean(mul(add(h, x), div(h, add(mul(x, x), 2))));
      })({ w: w, b: b });
      return [value, grads.w, grads.b];
    },
    [wave([3, 4], 1), wave([4, 4], 2), wave([4], 3)],
  ],
  'a gradient that needs no forward value': [
    (x, w) => [valueAndGrad((p: Tensor) => sum(mul(sub(p, 1), x)))(w).grads],
    [wave([3, 4], 1), wave([3, 4], 2)],
  ],
  'a product with a chain behind it': [
    (x, w, b) => [mul(sub(matmul(x, w), b), div(x, 2))],
    [wave([3, 4], 1), wave([4, 4], 2), wave([4], 3)],
  ],
  'a sum of products': [
    (a, b) => [maximum(add(add(matmul(a, b), div(matmul(b, a), 2)), matmul(b, b)), 0)],
    [wave([4, 4], 1), wave([4, 4], 2)],
  ],
  'updates of several parameters, each with what it remembers': [
    (a, b, c, g) => {
      const all = [a, b, c].map((p) => {
        const kept = add(mul(p, 0.9), div(g, 3));
        return [kept, sub(p, mul(kept, 0.1))] as const;
      });
      return all.flat();
    },
    [wave([3, 4], 1), wave([4], 2), wave([2, 1], 3), wave([], 4)],
  ],
  'sums with chains behind them, over layouts': [
    (x, y) => [
      div(add(sum(x, { axis: 0 }), reshape(permute(y, [1, 0]), [4])), 3),
      mul(sum(mul(x, x), { axis: 0 }), sum(x, { axis: 0 })),
    ],
    [wave([3, 4], 1), wave([4, 1], 2)],
  ],
  'sums of chains, of broadcasts, of one value twice, and of one that comes back': [
    (x, m) => {
      const centred = sub(x, m);
      const [twice, back] = [mul(x, 3), exp(m)];
      return [
        sum(div(mul(centred, centred), m), { axis: 1 }),
        sum(twice),
        sum(twice, { axis: 0 }),
        sum(back, { axis: 0 }),
        back,
        centred,
      ];
    },
    [wave([3, 4], 1), wave([3, 1], 2)],
  ],
  'outputs of one op that meet again, one of them turned': [
    (x, y) => {
      const [a, b] = split(x, 2, 1);
      const [c, d] = split(y, 2, 1);
      return [maximum(add(a, b), 0), mul(c, permute(reshape(d, [2, 2]), [1, 0]))];
    },
    [wave([3, 4], 1), wave([2, 4], 2)],
  ],
  'norms of several parameters': [
    (a, b, c) => [a, b, c].map((p) => sum(mul(p, p))),
    [wave([3, 4], 1), wave([3, 4], 2), wave([2, 3], 3)],
  ],
};

/** Whether the pass keeps every program well formed and every bit of its results. */
function exact(pass: Pass): boolean {
  return Object.values(functions).every(([f, xs]) => {
    const program = forwardIdentities(dropDeadCode(traced(f, xs)));
    try {
      const after = pass(program);
      verify(after, 'the pass');
      const expected = results(program, xs);
      return results(after, xs).every((data, k) => data.every((v, i) => Object.is(v, expected[k][i])));
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('compile:')) return false;
      throw error;
    }
  });
}

const changed =
  (pass: Pass, change: (line: Line, before: Program) => Line | null): Pass =>
  (program) => {
    const after = pass(program);
    return { ...after, lines: after.lines.map((line) => change(line, program)).filter((line) => line !== null) };
  };
const isNew = (line: Line, before: Program): boolean => !before.lines.some(({ op }) => op === line.op);
const swapped = (line: Line): Line => ({ ...line, inputs: [...line.inputs].reverse() });
const sideBySide: Pass = (program) => runSideBySide(fuseElementwise(program));
const prologues: Pass = (program) => fusePrologues(fuseElementwise(program), REFERENCE);
const prologuesSideBySide: Pass = (program) => runSideBySide(prologues(program));
const epilogues: Pass = (program) => fuseEpilogues(fuseElementwise(program, REFERENCE), REFERENCE);

/** Each pass with bugs that it could have. */
const passes: Readonly<Record<string, readonly [Pass, Readonly<Record<string, Pass>>]>> = {
  'dead code': [dropDeadCode, { 'the last line is dropped': (p) => ({ ...p, lines: p.lines.slice(0, -1) }) }],
  forwarding: [
    forwardIdentities,
    {
      'every elementwise line counts as an identity': (program) => {
        const same = new Map<ValueId, ValueId>();
        const lines = program.lines.filter((line) => {
          if (line.op.expr !== undefined) same.set(line.outputs[0], line.inputs[0]);
          return line.op.expr === undefined;
        });
        const now = (id: ValueId): ValueId => (same.has(id) ? now(same.get(id)!) : id);
        return {
          ...program,
          lines: lines.map((line) => ({ ...line, inputs: line.inputs.map(now) })),
          results: program.results.map(now),
        };
      },
    },
  ],
  'common subexpressions': [
    mergeCommonSubexpressions,
    {
      'inputs do not count': (program) =>
        mergeCommonSubexpressions({
          ...program,
          lines: program.lines.map((line) => ({ ...line, inputs: line.inputs.map(() => line.inputs[0]) })),
        }),
    },
  ],
  narrowing: [
    dropUnreadInputs,
    { 'what is left is in another order': changed(dropUnreadInputs, (l, p) => (isNew(l, p) ? swapped(l) : l)) },
  ],
  'elementwise fusion': [
    fuseElementwise,
    {
      'inputs are in another order': changed(fuseElementwise, (l, p) => (isNew(l, p) ? swapped(l) : l)),
      'a value that another line reads is not made': changed(fuseElementwise, (l, p) =>
        l.op.expr !== undefined && !isNew(l, p) ? null : l,
      ),
    },
  ],
  'lines side by side': [
    sideBySide,
    {
      'operands are given to another run': changed(sideBySide, (line) =>
        line.parts === undefined ? line : { ...line, inputs: [...line.inputs.slice(1), line.inputs[0]] },
      ),
      'lines that read each other run side by side': (program) => {
        const { lines, ...rest } = sideBySide(program);
        return { ...rest, lines: [...lines].reverse() };
      },
    },
  ],
  prologues: [
    prologues,
    {
      'inputs of the expression are in another order': changed(prologues, (line) =>
        line.op.prologue === undefined ? line : swapped(line),
      ),
      'the expression is forgotten': changed(prologues, (line) =>
        line.op.prologue === undefined ? line : { ...line, op: { ...line.op.prologue.of, infer: line.op.infer } },
      ),
      'a value that is read elsewhere is not made': (program) => {
        const alone = prologues({ ...program, results: program.results.slice(0, 1) });
        return { ...alone, results: program.results };
      },
    },
  ],
  'prologues side by side': [
    prologuesSideBySide,
    {
      'operands are given to another run': changed(prologuesSideBySide, (line) =>
        line.parts === undefined ? line : { ...line, inputs: [...line.inputs.slice(1), line.inputs[0]] },
      ),
    },
  ],
  epilogues: [
    epilogues,
    {
      'inputs of the expression are in another order': changed(epilogues, (line) => {
        const arity = line.op.epilogue?.arity ?? line.inputs.length;
        return { ...line, inputs: [...line.inputs.slice(0, arity), ...line.inputs.slice(arity).reverse()] };
      }),
      'the expression is forgotten': changed(epilogues, (line) =>
        line.op.epilogue === undefined ? line : { ...line, op: { ...line.op.epilogue.of, infer: line.op.infer } },
      ),
    },
  ],
};

describe.each(Object.entries(passes))('%s', (_name, [pass, mutants]) => {
  test('keeps every bit', () => expect(exact(pass)).toBe(true));
  test.each(Object.entries(mutants))('would not go unnoticed: %s', (_, mutant) => expect(exact(mutant)).toBe(false));
});

/** Whether the parts of every program give its bits when its first input alone is another one than in the call before. */
function exactInParts(part: typeof partOnce): boolean {
  return Object.values(functions).every(([f, [x, ...others]]) => {
    const program = forwardIdentities(dropDeadCode(traced(f, [x, ...others])));
    const { once, rest } = part(program, new Set(program.inputs.slice(1)));
    verify(once, 'parting');
    verify(rest, 'parting');
    const given = (salt: number): Tensor[] => [wave(x.shape, salt), ...others];
    const byId = new Map(program.inputs.map((id, i) => [id, given(1)[i]]));
    const made = results(
      once,
      once.inputs.map((id) => byId.get(id)!),
    ).map((data, i) => tensor(data as Float32Array, { shape: program.values[once.results[i]].spec.shape }));
    const expected = results(program, given(5));
    return results(rest, [...given(5), ...made]).every((data, k) => data.every((v, i) => Object.is(v, expected[k][i])));
  });
}

test('what depends on inputs alone that stay the same is made once', () => {
  expect(exactInParts(partOnce)).toBe(true);
  const lines = Object.values(functions).map(([f, xs]) => {
    const program = dropDeadCode(traced(f, xs));
    const { once, rest } = partOnce(program, new Set(program.inputs.slice(1)));
    return [once.lines.length, program.lines.length - rest.lines.length];
  });
  expect(lines.filter(([once, less]) => once > 0 && less > 0).length).toBeGreaterThan(2);
});

test.each<[string, typeof partOnce]>([
  ['what reads an input that changes is made once too', (program) => partOnce(program, new Set(program.inputs))],
  [
    'what is made is handed on in another order',
    (program, fixed) => {
      const parts = partOnce(program, fixed);
      const count = program.inputs.length;
      const [first, ...behind] = parts.rest.inputs.slice(count);
      const turned = first === undefined ? [] : [...behind, first];
      return { ...parts, rest: { ...parts.rest, inputs: [...program.inputs, ...turned] } };
    },
  ],
])('would not go unnoticed: %s', (_, part) => expect(exactInParts(part)).toBe(false));

test('of a sum of products each is added to those before it where it is made', () => {
  const names = epilogues(traced(...functions['a sum of products'])).lines.map(({ op }) => op.name);
  expect(names).toEqual(['matmul', 'matmul+div+add', 'matmul+add+maximum']);
});

test('each pass finds something to do', () => {
  const count = (pass: Pass): number =>
    Object.values(functions).reduce((sum, [f, xs]) => sum + pass(traced(f, xs)).lines.length, 0);
  const traces = count((p) => p);
  for (const pass of [dropDeadCode, forwardIdentities, mergeCommonSubexpressions, fuseElementwise])
    expect(count(pass)).toBeLessThan(traces);
  expect(count(epilogues)).toBeLessThan(count(fuseElementwise));
  expect(count(prologues)).toBeLessThan(count(fuseElementwise));
  expect(count(prologuesSideBySide)).toBeLessThan(count(prologues));
  expect(count(sideBySide)).toBeLessThan(count(fuseElementwise));
  expect(count((p) => dropDeadCode(dropUnreadInputs(p)))).toBeLessThan(count(dropDeadCode));
});
