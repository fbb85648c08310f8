import { compile } from '@lemmata/compile';
import { apply, IndexAdd, IndexSelect, type DType, type OpDef, tensor, type Tensor } from '@lemmata/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wasmBackend } from '../wasm.js';

const wasm = wasmBackend({ guards: true, threads: 1 });
const filled = (shape: readonly number[], dtype: DType): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float64Array.from({ length: size }, (_, i) =>
      dtype.startsWith('float') ? Math.sin(i * 1.3) * 9 : dtype === 'int32' ? (i * 7919) % 15 : i % 2,
    ),
    { shape, dtype },
  );
};
const bits = (op: OpDef<any>, attrs: object, ...inputs: Tensor[]): ArrayLike<number> =>
  apply(op, attrs, inputs)[0].dataSync();

test('slices by positions, and their adjoint, are those of the reference bit for bit, in every dtype', () => {
  const cases = fc.record({
    outer: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    inner: fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 2 }),
    size: fc.integer({ min: 1, max: 5 }),
    places: fc.array(fc.nat(99), { maxLength: 9 }),
    dtype: fc.constantFrom<DType>('float32', 'float64', 'int32', 'bool'),
  });
  fc.assert(
    fc.property(cases, ({ outer, inner, size, places, dtype }) => {
      const axis = outer.length;
      const indices = tensor(
        places.map((place) => place % size),
        { dtype: 'int32', shape: [places.length] },
      );
      const x = filled([...outer, size, ...inner], dtype);
      expect(bits(IndexSelect, { axis }, wasm.put(x), wasm.put(indices))).toEqual(
        bits(IndexSelect, { axis }, x, indices),
      );
      if (dtype !== 'bool') {
        const y = filled([...outer, places.length, ...inner], dtype);
        expect(bits(IndexAdd, { axis, size }, wasm.put(y), wasm.put(indices))).toEqual(
          bits(IndexAdd, { axis, size }, y, indices),
        );
      }
      wasm.checkGuards();
    }),
    { numRuns: 100 },
  );
});

test('a position out of range is refused as the reference refuses it, also in a compiled function', () => {
  for (const wrong of [-1, 3, 2 ** 30]) {
    const indices = tensor([0, wrong, 5], { dtype: 'int32' });
    const x = filled([3, 2], 'float32');
    for (const [op, attrs] of [
      [IndexSelect, { axis: 0 }],
      [IndexAdd, { axis: 0, size: 3 }],
    ] as [OpDef<any>, object][]) {
      const expected = `${op.name}: index ${wrong} is out of range for axis 0 of size 3`;
      expect(() => apply(op, attrs, [x, indices])).toThrow(expected);
      expect(() => apply(op, attrs, [wasm.put(x), wasm.put(indices)])).toThrow(expected);
      const compiled = compile((a: Tensor, b: Tensor) => apply(op, attrs, [a, b])[0]);
      expect(() => compiled(wasm.put(x), wasm.put(indices))).toThrow(expected);
    }
    wasm.checkGuards();
  }
});
