import { expect, test } from 'vitest';
import { formatValue, nearestName, OptionError, Problems, ShapeError, unknownOptions, ValueError } from './index.js';

function thrown(f: () => void): unknown {
  try {
    f();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('one reason makes one line, followed by the full shapes', () => {
  const problems = new Problems('conv2d');
  problems.throwIfAny({ x: [1] });
  problems.add({ rule: 'C must be 3', axis: 1, received: 4, expected: 3, hint: 'Use another weight' });
  expect(() => problems.throwIfAny({ x: [1, 4, 8, 8] })).toThrow(
    'conv2d: C must be 3 (axis 1, received 4, expected 3). Use another weight.\n  shapes: x [1, 4, 8, 8]',
  );
});

test('several reasons are all listed, and kept as facts', () => {
  const problems = new Problems('conv2d');
  problems.add({ rule: 'first', received: [1, 'same', -0] });
  problems.add({ rule: 'second', received: () => 0, expected: {} });
  const error = thrown(() => problems.throwIfAny({ x: [2], y: [] }));
  expect(error).toBeInstanceOf(ShapeError);
  const { name, op, reasons, shapes, message } = error as ShapeError;
  expect({ name, op, shapes }).toEqual({ name: 'ShapeError', op: 'conv2d', shapes: { x: [2], y: [] } });
  expect(reasons.map((reason) => reason.rule)).toEqual(['first', 'second']);
  expect(message).toBe(
    [
      'conv2d: 2 problems',
      "  1. first (received [1, 'same', -0]).",
      '  2. second (received a function, expected an object).',
      '  shapes: x [2], y []',
    ].join('\n'),
  );
});

test('values of every kind are shown shortly', () => {
  expect([7n, null, undefined, true, NaN, -0, [{}, 'a', [1n]]].map(formatValue)).toEqual([
    '7n',
    'null',
    'undefined',
    'true',
    'NaN',
    '-0',
    "[an object, 'a', [1n]]",
  ]);
});

test('unknown options throw, with the nearest name', () => {
  unknownOptions('conv2d', undefined, []);
  unknownOptions('conv2d', { stride: 1 }, ['stride', 'padding']);
  expect(() => unknownOptions('conv2d', { paddin: 1 }, ['stride', 'padding'])).toThrow(
    "conv2d: unknown option 'paddin'; did you mean 'padding'? (it takes stride, padding)",
  );
  expect(() => unknownOptions('conv2d', { qqqqqq: 1 }, ['stride'])).toThrow(
    "conv2d: unknown option 'qqqqqq' (it takes stride)",
  );
  expect(() => unknownOptions('relu', { a: 1, b: 2 }, [])).toThrow(
    "relu: 2 problems\n  1. unknown option 'a' (it takes no options)\n  2. unknown option 'b' (it takes no options)",
  );
  const error = thrown(() => unknownOptions('relu', { a: 1 }, []));
  expect(error).toBeInstanceOf(OptionError);
  expect(error).toMatchObject({
    name: 'OptionError',
    op: 'relu',
    reasons: ["unknown option 'a' (it takes no options)"],
  });
});

test('what is no object is no options', () => {
  for (const [given, shown] of [
    [5, '5'],
    [null, 'null'],
    ['same', 'same'],
    [[3, 3], '[3, 3]'],
  ] as const) {
    expect(() => unknownOptions('conv2d', given as never, ['stride', 'padding'])).toThrow(
      `conv2d: options are an object with any of stride, padding, received ${shown}`,
    );
  }
  expect(() => unknownOptions('relu', 0.1 as never, [])).toThrow('relu: options are an object, received 0.1');
});

test('an option named undefined is still unknown', () => {
  expect(() => unknownOptions('relu', { inplace: undefined }, [])).toThrow(OptionError);
});

test('the nearest name ignores case and takes the least edits', () => {
  expect(nearestName('Stride', ['stride', 'strides'])).toBe('stride');
  expect(nearestName('group', ['groups', 'ceil'])).toBe('groups');
  expect(nearestName('zzz', ['groups', 'ceil'])).toBeUndefined();
  // Insertions, deletions and replacements count alike, and of equally near names the first is taken.
  expect(nearestName('pad', ['cat', 'pads', 'pod'])).toBe('pads');
  expect(nearestName('pad', ['cat', 'pod', 'pads'])).toBe('pod');
});

test('a near name is two edits away, and of a long name a third of its length', () => {
  expect(nearestName('pad', ['pud', 'bet'])).toBe('pud');
  expect(nearestName('abc', ['axy'])).toBe('axy');
  expect(nearestName('abc', ['xyz', 'abcdef'])).toBeUndefined();
  expect(nearestName('dilations', ['dilati'])).toBe('dilati');
  expect(nearestName('dilations', ['dilat'])).toBeUndefined();
});

test('a value that is refused is a RangeError with facts', () => {
  const error = new ValueError('gather', 'index 3 is out of range');
  expect(error).toBeInstanceOf(RangeError);
  expect(error).toMatchObject({ name: 'ValueError', op: 'gather', reasons: ['index 3 is out of range'] });
  expect(error.message).toBe('gather: index 3 is out of range');
});
