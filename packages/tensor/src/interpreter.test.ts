import { expect, test } from 'vitest';
import { tensor } from './create.js';
import { Eager } from './eager.js';
import { apply, highest } from './interpreter.js';
import { add, Add } from './ops/arithmetic.js';
import { EAGER_REFERENCE, ReferenceBackend } from './reference/backend.js';
import { tensorBrand } from '@lemmata/tree';
import { isTensor, type Tensor } from './tensor.js';

test('an input that is no tensor is named, with its place', () => {
  const x = tensor([1]);
  const given =
    (value: unknown): (() => unknown) =>
    () =>
      apply(Add, {}, [x, value as Tensor]);
  expect(given(undefined)).toThrow('add: input 1 should be a tensor, received undefined; make one with tensor(…)');
  expect(given(null)).toThrow('add: input 1 should be a tensor, received null');
  expect(given(3)).toThrow('add: input 1 should be a tensor, received the number 3');
  expect(given([1, 2])).toThrow('add: input 1 should be a tensor, received an array');
  expect(given(Float32Array.of(1))).toThrow(
    'add: input 1 should be a tensor, received an object of class Float32Array',
  );
  expect(given('x')).toThrow('add: input 1 should be a tensor, received the string x');
});

test('public functions name what they were given', () => {
  expect(() => add(tensor([1]), '2' as never)).toThrow(
    'add: expected a tensor or a number, received string; make one with tensor(…)',
  );
  expect(() => add(null as never, 2)).toThrow('add: expected a tensor or a number, received null');
});

test('tensors of two backends do not meet; where both have one name, there may be two copies of the package', () => {
  const other = Object.create(new ReferenceBackend(), { name: { value: 'other' } });
  const [one, two, third] = [new ReferenceBackend(), new ReferenceBackend(), other].map(
    (backend) => new Eager(backend, 1),
  );
  const made = (eager: Eager): Tensor => eager.fromValues({ shape: [1], dtype: 'float32' }, [1]);
  const said = (a: string, b: string, end: string): RegExp =>
    new RegExp(
      `^add: its inputs live on two backends, ${a} and ${b}; move one with its backend's tensor\\(…\\)${end}$`,
    );
  expect(() => add(made(one), made(third))).toThrow(said('reference', 'other', ''));
  expect(() => add(made(one), made(two))).toThrow(
    said('reference', 'reference', ', or load one copy of @lemmata/tensor if there are two'),
  );
});

test('constants of the reference backend are lifted onto another, as elements and not as extent', () => {
  const other = new Eager(new ReferenceBackend(), 1);
  const x = other.fromValues({ shape: [3], dtype: 'float32' }, [1, 2, 3]);
  const y = add(x, 10);
  expect(y.interpreter).toBe(other);
  expect([...y.dataSync()]).toEqual([11, 12, 13]);
  expect(highest([tensor([1]), x], 'test')).toBe(other);
  expect(highest([], 'test')).toBe(EAGER_REFERENCE);
});

test('another version of the tensor format is refused', () => {
  expect(isTensor({ [tensorBrand]: 1 })).toBe(true);
  expect(() => isTensor({ [tensorBrand]: 2 })).toThrow(
    'two incompatible copies of @lemmata/tensor are loaded (tensor format 2 and 1); install one version',
  );
});
