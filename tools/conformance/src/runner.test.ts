import { OptionError, ShapeError, ValueError } from '@lemmata/shape';
import { add, mul, sub, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { type Adapter, unsupported } from './adapter.js';
import { boundFor, worstOf } from './compare.js';
import { BACKENDS, type Engine } from './engine.js';
import { runCall, runSequence } from './kinds/call.js';
import { Context } from './kinds/context.js';
import { formatCounts, formatFailures, formatReport } from './report.js';
import { runCase, type Outcome } from './run-case.js';
import { judge, judgeRefusal } from './verdict.js';
import { type Case, type Entry, readValues } from './vectors.js';

const reference = BACKENDS['reference']!();

function entry(name: string, values: readonly number[], shape: readonly number[] = [values.length]): Entry {
  return { name, dtype: 'float64', shape, data: Float64Array.from(values) };
}

function caseOf(entries: readonly Entry[], more: Partial<Case> = {}): Case {
  return {
    name: 'double/hand/1',
    op: 'double',
    kind: 'function',
    tier: 'core',
    mustRaise: false,
    training: true,
    args: readValues({ input: { tensor: 'in.input' }, factor: 2 }),
    init: {},
    tensors: new Map(entries.map((one) => [one.name, one])),
    float32Error: {},
    json: {},
    ...more,
  };
}

/** y = 2x, with the upstream gradient [1, 10]. */
const doubled = caseOf([
  entry('in.input', [3, 4]),
  entry('out.output', [6, 8]),
  entry('up.output', [1, 10]),
  entry('grad.input', [2, 20]),
]);

const right: Adapter = ({ args }) => mul(args.tensor('input'), args.number('factor')!);

const verdict = (adapter: Adapter, one: Case = doubled) => runCall(new Context(one, reference), adapter);

test('a right value and gradient pass', () => {
  expect(verdict(right)).toMatchObject({ status: 'passed', worst: { error: 0 } });
});

test('a wrong value fails, and so does a gradient that is wrong for a right value', () => {
  const plusOne: Adapter = (call) => add(right(call) as Tensor, 1e-3);
  expect(verdict(plusOne)).toMatchObject({ status: 'failed', worst: { what: 'out.output' } });
  const constant = caseOf(
    [...doubled.tensors.values()].map((one) => (one.name === 'grad.input' ? entry(one.name, [2, 21]) : one)),
  );
  expect(verdict(right, constant)).toMatchObject({ status: 'failed', worst: { what: 'grad.input', error: 1 } });
});

test('an output that is missing, or of another shape, fails whatever its values', () => {
  const silent: Adapter = (call) => {
    right(call);
    return { out: {} };
  };
  expect(() => verdict(silent)).toThrow('out.output was not computed');
  const flat = caseOf([entry('in.input', [3, 4]), entry('out.output', [6, 8], [1, 2])]);
  expect(() => verdict(right, flat)).toThrow('out.output has shape [2], expected [1, 2]');
});

test('an adapter that forgets an argument is found out', () => {
  expect(() => verdict(({ args }) => mul(args.tensor('input'), 2))).toThrow('the adapter does not read factor');
});

test('what a module remembers goes from one call to the next', () => {
  const one = caseOf(
    [
      entry('buffer.sum', [0]),
      entry('in.0.input', [3]),
      entry('out.0.output', [3]),
      entry('after.0.sum', [3]),
      entry('in.1.input', [4]),
      entry('out.1.output', [7]),
      entry('after.1.sum', [7]),
    ],
    { kind: 'module_sequence', args: {}, json: { sequence: [{ training: true }, { training: true }] } },
  );
  const running =
    (forget: boolean): Adapter =>
    ({ args, buffers }) => {
      const sum = add(buffers['sum']!, args.tensor('input'));
      return { out: { output: sum }, after: forget ? {} : { sum } };
    };
  expect(runSequence(new Context(one, reference), running(false))).toMatchObject({ status: 'passed' });
  expect(runSequence(new Context(one, reference), running(true))).toMatchObject({ status: 'failed' });
});

test('float64: 1e-9 + 1e-7 |b|, of many steps 1e-7 + 1e-6 |b|', () => {
  const bound = boundFor(doubled, reference, 'out.output', [1]);
  expect(bound).toEqual({ absolute: 1e-9, relative: 1e-7 });
  expect(judge([worstOf('out', [2 + 2e-7], [2], bound)]).status).toBe('passed');
  expect(judge([worstOf('out', [2 + 2.1e-7], [2], bound)]).status).toBe('failed');
  for (const many of [{ kind: 'optimizer' }, { kind: 'model' }, { op: 'decorrelated_batch_norm' }]) {
    expect(boundFor({ ...doubled, ...many }, reference, 'out.output', [1])).toEqual({ absolute: 1e-7, relative: 1e-6 });
  }
});

test('float32: 1e-5 + 1e-4 max |b|, or 20 times the error of PyTorch and 1e-6 where that is more', () => {
  const engine: Engine = { ...reference, float: 'float32' };
  expect(boundFor(doubled, engine, 'out.output', [-3, 2, NaN]).absolute).toBeCloseTo(1e-5 + 3e-4, 12);
  const rough = { ...doubled, float32Error: { 'out.output': 0.5 } };
  expect(boundFor(rough, engine, 'out.output', [-3, 2]).absolute).toBeCloseTo(10 + 1e-6, 12);
  expect(boundFor(rough, engine, 'grad.input', [-3, 2]).absolute).toBeCloseTo(1e-5 + 3e-4, 12);
});

test('NaN equals NaN and ∞ equals ∞, and nothing else does', () => {
  const bound = { absolute: 1e-9, relative: 1e-7 };
  expect(judge([worstOf('out', [NaN, Infinity, -Infinity, -0], [NaN, Infinity, -Infinity, 0], bound)]).status).toBe(
    'passed',
  );
  for (const [a, b] of [
    [NaN, 0],
    [0, NaN],
    [1e300, Infinity],
    [Infinity, -Infinity],
    [Infinity, 1e300],
  ] as const) {
    expect(judge([worstOf('out', [1, a], [1, b], bound)])).toMatchObject({
      status: 'failed',
      worst: { error: Infinity },
    });
  }
});

test('the worst element is the one deepest in its bound, not the one with the largest error', () => {
  const worst = worstOf('out', [1000 + 1e-5, 1e-10], [1000, 0], { absolute: 1e-9, relative: 1e-7 });
  expect(worst).toMatchObject({ error: 1e-10, bound: 1e-9 });
});

test('a refusal counts if an error of the library names the rule', () => {
  const refusal = (error?: unknown) =>
    judgeRefusal(() => {
      if (error !== undefined) throw error;
    });
  expect(refusal(new ShapeError('pool', [{ rule: 'the window must fit' }])).status).toBe('passed');
  expect(refusal(new OptionError('pool', ['p must be above 0'])).status).toBe('passed');
  expect(refusal(new ValueError('gather', 'index 3 is out of range')).status).toBe('passed');
  expect(refusal(new RangeError('index 3 is out of range')).status).toBe('failed');
  expect(refusal()).toMatchObject({ status: 'failed', error: 'accepted what has to be refused' });
  expect(refusal(new TypeError('x is not a function')).status).toBe('failed');
  expect(refusal(new Error('something')).status).toBe('failed');
  expect(refusal(new OptionError('pool', ['dilation is not supported'])).status).toBe('failed');
  expect(refusal(new ShapeError('pool', [])).status).toBe('failed');
  expect(() => judgeRefusal(() => unsupported('dilation'))).toThrow('dilation');
});

test('an op without an adapter is skipped by name, whether it must be refused or not', () => {
  for (const mustRaise of [false, true]) {
    expect(runCase({ ...doubled, mustRaise }, reference)).toEqual({
      name: 'double/hand/1',
      op: 'double',
      tier: 'core',
      status: 'skipped',
      maxAbs: null,
      bound: null,
      error: 'not supported: double',
    });
  }
});

test('the report has a row for each op, its worst case, the failures and the counts', () => {
  const one: Outcome = { name: 'sub/1', op: 'sub', tier: 'core', status: 'passed', maxAbs: 1e-12, bound: 1e-9 };
  const outcomes: Outcome[] = [
    one,
    { ...one, name: 'sub/2', status: 'failed', maxAbs: 1, error: 'out.output is off by 1' },
    { ...one, name: 'fold/1', op: 'fold', status: 'skipped', maxAbs: null, bound: null, error: 'not supported: fold' },
  ];
  expect(formatReport(outcomes)).toBe(
    [
      'op    passed  failed  skipped  worst error, its bound, its case',
      'sub        1       1        0    1.0e+0    1.0e-9  sub/2',
      'fold       0       0        1',
    ].join('\n'),
  );
  expect(formatFailures(outcomes)).toBe('FAILED sub/2\n    out.output is off by 1');
  expect(formatCounts(outcomes)).toBe('1 passed, 1 failed, 1 skipped');
});

test('gradients of a subtraction keep their signs', () => {
  const one = caseOf(
    [
      entry('in.input', [3]),
      entry('in.other', [1]),
      entry('out.output', [2]),
      entry('up.output', [5]),
      entry('grad.input', [5]),
      entry('grad.other', [-5]),
    ],
    { args: readValues({ input: { tensor: 'in.input' }, other: { tensor: 'in.other' } }) },
  );
  expect(verdict(({ args }) => sub(args.tensor('input'), args.tensor('other')), one).status).toBe('passed');
  expect(verdict(({ args }) => sub(args.tensor('other'), args.tensor('input')), one).status).toBe('failed');
});
