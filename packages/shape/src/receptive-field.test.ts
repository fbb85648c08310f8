import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { type FieldItem, receptiveField, ShapeError } from './index.js';

interface Plain {
  kernel: number;
  stride: number;
  dilation: number;
  padding: [number, number];
}

const layers = fc.array(
  fc.record({
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    padding: fc.tuple(fc.nat(3), fc.nat(3)),
  }),
  { maxLength: 4 },
);

/** The input elements that one output element depends on, by following every read back. */
function support(stack: readonly Plain[], output: number): Set<number> {
  let reads = new Set([output]);
  for (const { kernel, stride, dilation, padding } of [...stack].reverse()) {
    const earlier = new Set<number>();
    for (const i of reads) for (let j = 0; j < kernel; j++) earlier.add(i * stride - padding[0] + j * dilation);
    reads = earlier;
  }
  return reads;
}

const extent = (indices: Iterable<number>) => [Math.min(...indices), Math.max(...indices)] as const;

test('L layers of kernel K see 1 + L (K - 1) elements', () => {
  fc.assert(
    fc.property(fc.nat(8), fc.integer({ min: 1, max: 9 }), (L, K) => {
      expect(receptiveField(Array.from({ length: L }, () => ({ kernel: K }))).size).toBe(1 + L * (K - 1));
    }),
  );
});

test('size, jump and start are those of the support of an output', () => {
  fc.assert(
    fc.property(layers, (stack) => {
      const field = receptiveField(stack);
      const [first, last] = extent(support(stack, 0));
      const [next] = extent(support(stack, 1));
      expect(field.size).toBe(last - first + 1);
      expect(field.start).toBe((first + last) / 2);
      expect(field.jump).toBe(next - first);
    }),
  );
});

test('the field in the input and the field in the previous layer are told apart', () => {
  const { layers: rows } = receptiveField([
    { name: 'conv1', kernel: 5 },
    { name: 'pool1', kernel: 2, stride: 2 },
    { kernel: 3, dilation: 2, padding: 'same' },
  ]);
  expect(rows).toStrictEqual([
    { name: 'conv1', inPrevious: 5, size: 5, jump: 1, start: 2 },
    { name: 'pool1', inPrevious: 2, size: 6, jump: 2, start: 2.5 },
    { name: '2', inPrevious: 5, size: 14, jump: 2, start: 2.5 },
  ]);
});

test("'same' keeps an odd kernel centred; of an even one the field leans to the end", () => {
  expect(receptiveField([{ kernel: 3, padding: 'same' }]).start).toBe(0);
  expect(receptiveField([{ kernel: 2, padding: 'same' }])).toMatchObject({ size: 2, start: 0.5 });
  expect(receptiveField([{ kernel: 3, padding: 'valid' }]).start).toBe(1);
});

test('no layers see one element', () => {
  expect(receptiveField([])).toEqual({ size: 1, jump: 1, start: 0, layers: [] });
});

test('joined branches see what any of them sees', () => {
  const sameJump = fc.tuple(layers, layers, layers).map(([before, a, b]) => {
    const flat = (stack: Plain[]) => stack.map((layer) => ({ ...layer, stride: 1 }));
    return [before, flat(a), flat(b)] as const;
  });
  fc.assert(
    fc.property(sameJump, ([before, a, b]) => {
      const field = receptiveField([...before, { branches: [a, b] }]);
      const seen = [...support([...before, ...a], 0), ...support([...before, ...b], 0)];
      const [first, last] = extent(seen);
      expect(field).toMatchObject({ size: last - first + 1, start: (first + last) / 2 });
    }),
  );
});

test('a residual block: the skip adds nothing, and its rows are kept by branch', () => {
  const conv = { kernel: 3, padding: 'same' } as const;
  const field = receptiveField([conv, { name: 'block', branches: [[conv, { name: 'b', ...conv }], []] }]);
  expect(field).toMatchObject({ size: 7, jump: 1, start: 0 });
  expect(field.layers[1]).toMatchObject({ name: 'block', inPrevious: 5, size: 7 });
  expect(field.layers[1]!.branches!.map((rows) => rows.map((row) => row.name))).toEqual([
    ['block.0.0', 'block.0.b'],
    [],
  ]);
});

test('branches that step differently, and padding that depends on the size, are refused', () => {
  expect(() => receptiveField([{ branches: [[{ kernel: 1, stride: 2 }], []] }])).toThrow(
    "receptiveField: the branches of layer '0' step differently over the input (received [2, 1]). " +
      'Give every branch the same product of strides.',
  );
  expect(() => receptiveField([{ kernel: 3, stride: 2, padding: 'same-upper' }])).toThrow(
    "receptiveField: layer '0': padding 'same-upper' and 'same-lower' depend on the input's size (received 'same-upper'). " +
      'Give [before, after].',
  );
  expect(() => receptiveField([{ kernel: 3, stride: 2, padding: 'same' }])).toThrow("padding 'same' needs stride 1");
  expect(() => receptiveField([{ branches: [] }])).toThrow("layer '0' joins no branches");
  expect(() => receptiveField([{ kernel: 0 }, { name: 'c', kernel: 3, padding: -1 }])).toThrow(
    'receptiveField: 2 problems',
  );
  expect(() => receptiveField([{ kernel: 0.5 }])).toThrow(ShapeError);
  expect(() => receptiveField([{ kernel: 3, strid: 2 } as FieldItem])).toThrow("did you mean 'stride'?");
});
