import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { all, parse, texts } from '../test/markup.js';
import { followStack, receptiveFieldSvg } from './receptive-field.js';
import { CHARACTER, phoneFont } from './svg.js';

test('receptive field of L layers of kernel K is 1 + L(K − 1)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 5 }), (l, k) => {
      const [cells] = followStack(
        Array.from({ length: l }, () => ({ kernel: k })),
        undefined,
        1,
      ).reached;
      expect(cells).toHaveLength(1 + l * (k - 1));
      expect(cells.at(-1)! - cells[0]).toBe(l * (k - 1));
    }),
  );
});

test('stride, dilation, padding: cells by hand', () => {
  // Output 0 reads 0, 2, 4 of the layer beneath; those read 2o − 1, 2o, 2o + 1.
  const { sizes, reached } = followStack(
    [
      { kernel: 3, stride: 2, padding: 1 },
      { kernel: 3, dilation: 2 },
    ],
    13,
    0,
  );
  expect(sizes).toEqual([13, 7, 3]);
  expect(reached).toEqual([[-1, 0, 1, 3, 4, 5, 7, 8, 9], [0, 2, 4], [0]]);
});

test('the input is by default the shortest that gives three outputs', () => {
  const layers = [
    { kernel: 3, padding: 1 },
    { kernel: 5, stride: 2, padding: 1 },
  ];
  expect(followStack(layers).sizes).toEqual([7, 7, 3]);
});

test('cells that are read stand in order, though those of dilated kernels alternate', () => {
  const layers = [{ kernel: 3, dilation: 2 }, { kernel: 2 }];
  expect(followStack(layers, undefined, 0).reached).toEqual([[0, 1, 2, 3, 4, 5], [0, 1], [0]]);
});

test('padding between layers is read, and dashed, but reads nothing itself', () => {
  const layers = [{ kernel: 3 }, { kernel: 3, padding: 1 }];
  const drawn = (output: number): unknown => {
    const svg = parse(receptiveFieldSvg({ layers, input: 5, output }));
    const dashed = all(svg, 'rect').filter((r) => r.attributes.style.includes('dasharray'));
    return {
      reached: followStack(layers, 5, output).reached,
      dashed: dashed.length,
      connections: all(svg, 'line').length,
    };
  };
  const [dashed, connections] = [1, 3 + 2 * 3];
  expect(drawn(0)).toEqual({ reached: [[0, 1, 2, 3], [-1, 0, 1], [0]], dashed, connections });
  expect(drawn(2)).toEqual({ reached: [[1, 2, 3, 4], [1, 2, 3], [2]], dashed, connections });
});

test('the picture of a stack names its field and marks the cells', () => {
  const svg = receptiveFieldSvg({ title: 'Two layers', layers: [{ kernel: 3 }, { kernel: 3, name: 'top' }] });
  expect(texts(svg)).toEqual(expect.arrayContaining(['Two layers', 'input', 'layer 1', 'top', 'receptive field 5']));
  const rects = all(parse(svg), 'rect').map((r) => r.attributes.style);
  expect(rects).toHaveLength(7 + 5 + 3);
  expect(rects.filter((s) => s === 'fill:var(--lm-0)')).toHaveLength(5 + 3 + 1);
  expect(texts(receptiveFieldSvg({ layers: [{ kernel: 2, dilation: 3 }] }))).toContain(
    'receptive field 4 (2 cells read, 2 skipped)',
  );
  expect(texts(receptiveFieldSvg({ layers: [] }))).toContain('receptive field 1');
});

test('stacks of any kind are drawn inside the picture', () => {
  const layer = fc.record({
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    padding: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(layer, { maxLength: 4 }), (layers) => {
      const svg = receptiveFieldSvg({ layers });
      const root = parse(svg);
      const [, , width] = root.attributes.viewBox.split(' ').map(Number);
      for (const rect of all(root, 'rect')) {
        expect(Number(rect.attributes.x)).toBeGreaterThanOrEqual(0);
        expect(Number(rect.attributes.x) + Number(rect.attributes.width)).toBeLessThanOrEqual(width);
      }
    }),
    { numRuns: 60 },
  );
});

test('up to 15 cells are 30 wide, more share the room, down to 6; small ones stand closer', () => {
  const look = (input: number, options: object = {}): string => {
    const [cell] = all(parse(receptiveFieldSvg({ layers: [], input, ...options })), 'rect');
    const { width, height, rx } = cell.attributes;
    return `${input}: ${width} of ${height}, round by ${rx}`;
  };
  expect([15, 16, 36, 39, 78, 200].map((input) => look(input))).toEqual([
    '15: 26 of 30, round by 3',
    '16: 25 of 29, round by 3',
    '36: 9 of 13, round by 3',
    '39: 11 of 12, round by 1',
    '78: 5 of 6, round by 1',
    '200: 5 of 6, round by 1',
  ]);
  // Padding that is read takes room too.
  expect(look(15, { layers: [{ kernel: 3, padding: 1 }], output: 0 })).toBe('15: 25 of 29, round by 3');
});

/** Where the words stand, from end to end where text is largest, and the bracket over them. */
function fieldText(options: Parameters<typeof receptiveFieldSvg>[0]): { words: number[]; bracket: number[] } {
  const svg = parse(receptiveFieldSvg(options));
  const { attributes, text } = all(svg, 'text').at(-1)!;
  const reach = (text.length * phoneFont(640) * CHARACTER) / 2;
  const [, from, to] = /^M([\d.]+),.*H([\d.]+)v-5$/.exec(all(svg, 'path')[0]?.attributes.d ?? '') ?? [];
  const x = Number(attributes.x);
  return { words: [x - reach, x + reach], bracket: [Number(from), Number(to)] };
}

test('the size of a field stands beneath the middle of its cells, and moves inwards at the edge of the picture', () => {
  const layers = [{ kernel: 3 }];
  const middle = ([from, to]: number[]): number => (from + to) / 2;
  const inside = fieldText({ layers, input: 17, output: 7 });
  expect(middle(inside.words)).toBeCloseTo(middle(inside.bracket), 1);
  const width = Number(parse(receptiveFieldSvg({ layers, input: 17 })).attributes.width);
  const right = fieldText({ layers, input: 17, output: 14 });
  expect(right.words[1]).toBeLessThan(width - 13);
  expect(right.words[1]).toBeGreaterThan(width - 15.1);
  expect(middle(right.bracket)).toBeGreaterThan(middle(right.words));
  const left = fieldText({ layers: [], input: 17, output: 0 });
  expect(left.words[0]).toBeCloseTo(14, 1);
  expect(middle(left.bracket)).toBeLessThan(middle(left.words));
});

test('stacks that cannot be', () => {
  for (const [option, least] of [
    ['stride', 1],
    ['dilation', 1],
    ['padding', 0],
  ] as const)
    expect(() => receptiveFieldSvg({ layers: [{ kernel: 1 }, { kernel: 1, [option]: -1 }] })).toThrow(
      `receptiveFieldSvg: ${option} of layer 2 is -1, expected an integer ≥ ${least}`,
    );
  expect(() => receptiveFieldSvg({ layers: [], input: 0 })).toThrow('receptiveFieldSvg: input is 0');
  expect(() => receptiveFieldSvg({ layers: [], inputs: 1 } as never)).toThrow(
    'receptiveFieldSvg: unknown option inputs',
  );
  for (const output of [-1, 0.5])
    expect(() => receptiveFieldSvg({ layers: [{ kernel: 3 }], input: 5, output })).toThrow(
      `output is ${output}, expected an integer from 0 to 2`,
    );
  expect(() => receptiveFieldSvg({ layers: [{ kernel: 0 }] })).toThrow(
    'receptiveFieldSvg: kernel of layer 1 is 0, expected an integer ≥ 1',
  );
  expect(() => receptiveFieldSvg({ layers: [{ kernel: 3, dilation: 2 }], input: 4 })).toThrow(
    'layer 1 spans 5 cells, its input has 4 + 2·0; use a longer input or a smaller kernel',
  );
  expect(() => receptiveFieldSvg({ layers: [{ kernel: 3 }], input: 5, output: 3 })).toThrow(
    'output is 3, expected an integer from 0 to 2',
  );
  expect(() => receptiveFieldSvg({ layers: [{ kernel: 3, pad: 1 } as never] })).toThrow(
    'receptiveFieldSvg, layer 1: unknown option pad',
  );
});

test('an output that reads padding only says so', () => {
  const layers = [{ kernel: 1 }, { kernel: 2, dilation: 2, padding: 1 }, { kernel: 1, padding: 1 }];
  const svg = receptiveFieldSvg({ layers, input: 12, output: 0 });
  expect(texts(svg)).toContain('reads padding only');
  const cells = all(parse(svg), 'rect').map(
    ({ attributes }) => [Number(attributes.x), Number(attributes.width)] as const,
  );
  const { words, bracket } = fieldText({ layers, input: 12, output: 0 });
  expect(bracket).toEqual([NaN, NaN]);
  const ends = [Math.min(...cells.map(([x]) => x)), Math.max(...cells.map(([x, width]) => x + width))] as const;
  expect(words[0] + words[1]).toBeCloseTo(ends[0] + ends[1], 1);
});
