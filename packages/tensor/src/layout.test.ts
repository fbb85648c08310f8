import { sizeOf, type Shape } from '@lemmata/shape';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collapse, isContiguous, isUniform, pack, packedLayout, packInto, type Layout, type View } from './layout.js';

/** Any layout: gaps, reversed and broadcast axes, an offset, sizes 0 and 1. */
const anyLayout: fc.Arbitrary<Layout> = fc
  .array(fc.record({ size: fc.integer({ min: 0, max: 4 }), stride: fc.integer({ min: -7, max: 7 }) }), { maxLength: 4 })
  .chain((axes) => {
    const low = axes.reduce((sum, { size, stride }) => sum + Math.min(0, stride * Math.max(0, size - 1)), 0);
    return fc
      .integer({ min: -low, max: -low + 3 })
      .map((offset) => ({ shape: axes.map((a) => a.size), strides: axes.map((a) => a.stride), offset }));
  });

function* indices(shape: Shape): Generator<number[]> {
  if (shape.length === 0) yield [];
  else for (let i = 0; i < shape[0]; i++) for (const rest of indices(shape.slice(1))) yield [i, ...rest];
}

/** By the definition of a layout, one index at a time. */
function elements({ shape, strides, offset }: Layout): number[] {
  return [...indices(shape)].map((index) => index.reduce((at, i, axis) => at + i * strides[axis], offset));
}

function viewOver(layout: Layout): View {
  const length = Math.max(0, ...elements(layout)) + 1;
  return { ...layout, dtype: 'float64', data: Float64Array.from({ length }, (_, i) => i) };
}

test('pack reads the elements that the layout names, in order', () => {
  fc.assert(
    fc.property(anyLayout, (layout) => {
      expect([...pack(viewOver(layout)).data]).toEqual(elements(layout));
    }),
  );
});

test('packInto writes behind a start and nothing else', () => {
  fc.assert(
    fc.property(anyLayout, fc.integer({ min: 0, max: 3 }), (layout, start) => {
      const expected = elements(layout);
      const out = new Float64Array(start + expected.length + 2).fill(-1);
      packInto(viewOver(layout), out, start);
      expect([...out]).toEqual([...new Array<number>(start).fill(-1), ...expected, -1, -1]);
    }),
  );
});

test('isContiguous: exactly where the elements follow each other', () => {
  fc.assert(
    fc.property(anyLayout, (layout) => {
      const at = elements(layout);
      expect(isContiguous(layout)).toBe(at.every((p, i) => p === at[0] + i));
    }),
  );
});

test('isUniform: all elements are the same one', () => {
  fc.assert(
    fc.property(
      anyLayout.filter(({ shape }) => sizeOf(shape) > 0),
      (layout) => {
        expect(isUniform(layout)).toBe(new Set(elements(layout)).size === 1);
      },
    ),
  );
});

test('collapse keeps the elements and their order, of layouts walked together', () => {
  fc.assert(
    fc.property(
      anyLayout.filter(({ shape }) => sizeOf(shape) > 0),
      (layout) => {
        const second = packedLayout(layout.shape);
        const merged = collapse(layout.shape, layout.strides, second.strides);
        expect(elements({ shape: merged.shape, strides: merged.strides[0], offset: layout.offset })).toEqual(
          elements(layout),
        );
        expect(elements({ shape: merged.shape, strides: merged.strides[1], offset: 0 })).toEqual(elements(second));
        expect(merged.shape).not.toContain(1);
      },
    ),
  );
});

test('a packed layout is one run; a transposed one is not', () => {
  expect(collapse([2, 3, 4], packedLayout([2, 3, 4]).strides).shape).toEqual([24]);
  expect(collapse([4, 2, 3], [1, 12, 4]).shape).toEqual([4, 6]);
});

test('packing what is packed copies nothing', () => {
  const view = viewOver(packedLayout([2, 3]));
  expect(pack(view)).toBe(view);
  const inner = pack({ ...view, shape: [3], strides: [1], offset: 2 });
  expect(inner.data.buffer).toBe(view.data.buffer);
  expect([...inner.data]).toEqual([2, 3, 4]);
});
