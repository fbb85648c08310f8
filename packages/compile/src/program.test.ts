import { Add, EAGER_REFERENCE, mul, Neg, type Spec } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { formatProgram, type Line, type Program, verify } from './program.js';
import { Trace } from './trace.js';

const pair: Spec = { shape: [2], dtype: 'float32' };
const line = (op: Line['op'], inputs: readonly number[], outputs: readonly number[]): Line => ({
  op,
  attrs: {},
  inputs,
  outputs,
  site: new Error(op.name),
});
/** y = −(x + x) */
const right: Program = {
  values: [{ spec: pair }, { spec: pair }, { spec: pair }],
  inputs: [0],
  lines: [line(Add, [0, 0], [1]), line(Neg, [1], [2])],
  results: [2],
};

describe('a program', () => {
  test('that is well formed passes, and is printed line by line', () => {
    verify(right, 'nothing');
    expect(formatProgram(right)).toBe(
      'inputs  %0 float32[2]\n  %1 float32[2] = add(%0, %0)\n  %2 float32[2] = neg(%1)\nresults %2',
    );
  });

  test('a constant that is the same everywhere is printed as its value', () => {
    const trace = new Trace(EAGER_REFERENCE.backend);
    const program = trace.finish([mul(trace.input(pair), 3)]);
    expect(formatProgram(program)).toMatch(/= mul\(%0, 3\)/);
  });

  test.each([
    ['reads before it is made', { lines: [...right.lines].reverse() }, 'line neg reads %1 before it is made'],
    ['makes twice', { lines: [...right.lines, line(Neg, [0], [2])] }, 'line neg makes %2 a second time'],
    [
      'has another shape',
      { values: [{ spec: pair }, { spec: { ...pair, shape: [3] } }, { spec: pair }] },
      'line add makes %1 as float32[3], but its op infers float32[2]',
    ],
    ['returns nothing', { lines: right.lines.slice(0, 1) }, 'the program returns %2, which nothing makes'],
  ])('that %s is refused, naming the pass', (_, change, message) => {
    expect(() => verify({ ...right, ...change }, 'fusion')).toThrow(`compile: after fusion, ${message}`);
  });
});
