import { Session } from 'node:inspector/promises';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Abstract } from './abstract.js';
import { arange, tensor } from './create.js';
import { add } from './ops/arithmetic.js';
import { permute } from './ops/permute.js';
import { reshape } from './ops/reshape.js';
import { run } from './scope.js';
import type { Tensor } from './tensor.js';

test('scalars, vectors, truth values, special numbers', () => {
  expect(String(tensor(2.5))).toBe('Tensor float32[] 2.5');
  expect(String(tensor([1, -0, NaN, Infinity, 0.1, 1e-30]))).toBe(
    'Tensor float32[6] [1, -0, NaN, Infinity, 0.1, 1e-30]',
  );
  expect(String(tensor([true, false]))).toBe('Tensor bool[2] [true, false]');
  expect(String(tensor([1, 2], { dtype: 'int32' }))).toBe('Tensor int32[2] [1, 2]');
  expect(String(tensor([1 / 3], { dtype: 'float64' }))).toBe('Tensor float64[1] [0.33333333]');
  expect(String(tensor([]))).toBe('Tensor float32[0] []');
});

test('a tensor prints itself where text is wanted, and is no number', () => {
  const x = tensor(2.5);
  expect(`${x}`).toBe('Tensor float32[] 2.5');
  expect('x: ' + x).toBe('x: Tensor float32[] 2.5');
  const other = tensor(1);
  const uses = [() => x > other, () => +x, () => Math.max(x as never, 1), () => Number(x), () => isNaN(x as never)];
  for (const use of uses)
    expect(use).toThrow(
      'a tensor (float32[]) was used as a number; use item() for its one element, or ops such as add, mul, lt and gt',
    );
});

test('matrices start on a line of their own, rows below each other', () => {
  expect(
    String(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ),
  ).toBe('Tensor float32[2, 2]\n[[1, 2],\n [3, 4]]');
  expect(
    String(
      tensor([
        [[1], [2]],
        [[3], [4]],
      ]),
    ),
  ).toBe('Tensor float32[2, 2, 1]\n[[[1],\n  [2]],\n [[3],\n  [4]]]');
});

test('the middle of long axes is left out, but never one entry alone', () => {
  expect(String(arange(7))).toBe('Tensor float32[7] [0, 1, 2, 3, 4, 5, 6]');
  expect(String(arange(8))).toBe('Tensor float32[8] [0, 1, 2, …, 5, 6, 7]');
  const lines = String(reshape(arange(10000), [100, 100])).split('\n');
  expect(lines).toHaveLength(8);
  expect(lines[1]).toBe('[[0, 1, 2, …, 97, 98, 99],');
  expect(lines[4]).toBe(' …,');
  expect(lines[7]).toBe(' [9900, 9901, 9902, …, 9997, 9998, 9999]]');
});

test('the console prints the same', () => {
  expect(inspect({ x: tensor([1, 2]) })).toBe('{ x: Tensor float32[2] [1, 2] }');
});

test('a debugger shows it in one line', async () => {
  const session = new Session();
  session.connect();
  Object.assign(globalThis, {
    shown: tensor([
      [1, 2],
      [3, 4],
    ]),
  });
  try {
    // What vscode-js-debug asks of an object that is to be shown.
    const { result } = await session.post('Runtime.evaluate', { expression: 'shown' });
    const { result: description } = await session.post('Runtime.callFunctionOn', {
      objectId: result.objectId!,
      functionDeclaration: "function () { return this[Symbol.for('debug.description')](); }",
    });
    expect([result.description, description.value]).toEqual(['Tensor', 'Tensor float32[2, 2] [[1, 2], [3, 4]]']);
  } finally {
    Reflect.deleteProperty(globalThis, 'shown');
    session.disconnect();
  }
});

test('a tensor without elements to read says why and throws nothing', () => {
  const traced = new Abstract().tensor({ shape: [2, 3], dtype: 'float32' });
  expect(String(add(traced, 1))).toBe(
    'Tensor float32[2, 3] (abstract: data: an abstract tensor has a shape and a dtype, but no elements)',
  );
  let escaped: Tensor | undefined;
  run((x) => void (escaped = add(x, 1)), tensor([1]));
  expect(String(escaped)).toContain(
    'Tensor float32[1] (reference: data: this tensor was made by add inside a scope that has ended',
  );
});

test('JSON has the elements as nested arrays, from which the same tensor is made', () => {
  const again = (x: Tensor, dtype = x.dtype): Tensor => tensor(JSON.parse(JSON.stringify(x)), { dtype });
  const x = tensor([
    [0.1, -2],
    [1e-30, 16777215],
  ]);
  expect(JSON.stringify({ loss: tensor(0.5), y: tensor([true, false]), n: tensor([1], { dtype: 'int32' }) })).toBe(
    '{"loss":0.5,"y":[true,false],"n":[1]}',
  );
  for (const each of [x, tensor([true]), tensor(3), tensor([0.1], { dtype: 'float64' })])
    expect([again(each).spec, again(each).dataSync()]).toEqual([each.spec, each.dataSync()]);
  // A view, whose elements lie apart.
  expect(JSON.stringify(permute(x, [1, 0]))).toBe(JSON.stringify(permute(x, [1, 0]).toArray()));
  expect(JSON.stringify(tensor([NaN, Infinity, -0]))).toBe('[null,null,0]');
  expect(() => again(tensor([NaN]))).toThrow('received null');
});

test('JSON of a tensor without elements to read is refused, with the reason', () => {
  const traced = new Abstract().tensor({ shape: [2], dtype: 'float32' });
  expect(() => JSON.stringify({ y: traced })).toThrow('an abstract tensor has a shape and a dtype, but no elements');
  let escaped: Tensor | undefined;
  run((x) => void (escaped = add(x, 1)), tensor([1]));
  expect(() => JSON.stringify([escaped])).toThrow('made by add inside a scope that has ended');
});
