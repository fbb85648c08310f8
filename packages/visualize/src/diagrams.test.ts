import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { all, coordinates, parse, texts } from '../test/markup.js';
import { confusionMatrix, confusionSummary } from './confusion-matrix.js';
import { layoutGraph } from './graph-layout.js';
import { separate } from './graph-spread.js';
import { graphSvg } from './graph-svg.js';

const identity = (n: number): number[][] =>
  Array.from({ length: n }, (_, t) => Array.from({ length: n }, (__, p) => (t === p ? 1 : 0)));

test('confusion: totals, recall, precision by hand', () => {
  const summary = confusionSummary([
    [8, 2],
    [1, 9],
  ]);
  expect(summary).toMatchObject({
    rowTotals: [10, 10],
    columnTotals: [9, 11],
    total: 20,
    correct: 17,
    recall: [0.8, 0.9],
  });
  expect(summary.precision).toEqual([8 / 9, 9 / 11]);
});

test('confusion: all numbers are in the picture; right is blue, wrong orange, shades grow with the share of the row', () => {
  const svg = confusionMatrix({
    title: 'Test',
    matrix: [
      [8, 2],
      [1, 9],
    ],
    labels: ['cat', 'dog & co'],
  });
  expect(texts(svg)).toEqual(
    expect.arrayContaining([
      'Test',
      'cat',
      'dog & co',
      '8',
      '2',
      '1',
      '9',
      '10',
      '11',
      '20',
      '80',
      '90',
      '88.9',
      '81.8',
      '85%',
    ]),
  );
  const fills = all(parse(svg), 'rect')
    .map((r) => r.attributes.style ?? '')
    .filter((s) => s.includes('fill-opacity'));
  const opacity = (style: string): number => Number(/fill-opacity:([\d.]+)/.exec(style)?.[1]);
  expect(fills.map((s) => s.slice(5, 12))).toEqual(['#0072b2', '#c65200', '#c65200', '#0072b2']);
  expect(opacity(fills[0] as string)).toBeCloseTo(0.8, 3);
  expect(opacity(fills[1] as string)).toBeGreaterThan(opacity(fills[2] as string));
  expect(all(parse(svg), 'title').map((t) => t.text)).toContain('true cat, predicted dog & co: 2 (20% of the row)');
});

test('confusion: a class without examples, no classes, NaN, many classes, long names', () => {
  expect(
    texts(
      confusionMatrix({
        matrix: [
          [0, 0],
          [0, 3],
        ],
      }),
    ),
  ).toContain('–');
  expect(texts(confusionMatrix({ matrix: [] }))).toContain('no classes');
  expect(
    texts(
      confusionMatrix({
        matrix: [
          [Number.NaN, 1],
          [0, 3],
        ],
      }),
    ),
  ).toContain('NaN');
  const n = 40;
  const many = confusionMatrix({ matrix: identity(n) });
  expect(all(parse(many), 'title')).toHaveLength(n * n);
  expect(coordinates(many).every(Number.isFinite)).toBe(true);
  expect(texts(confusionMatrix({ matrix: [[1]], labels: ['a very long name of a class'] }))).toContain('a very long…');
});

test('confusion: the more classes, the smaller the cells, until they have no room for counts and then for names', () => {
  const look = (n: number): string => {
    const svg = confusionMatrix({ matrix: identity(n) });
    const [cell] = all(parse(svg), 'rect');
    return `${n}: ${parse(svg).attributes.viewBox}, cells of ${cell!.attributes.width}, ${texts(svg).length} texts`;
  };
  expect([12, 13, 30, 31, 36, 51, 52, 130].map(look)).toMatchInlineSnapshot(`
    [
      "12: 0 0 842 720, cells of 46, 224 texts",
      "13: 0 0 786 664, cells of 38, 255 texts",
      "30: 0 0 1466 1344, cells of 38, 1088 texts",
      "31: 0 0 786 791, cells of 21, 64 texts",
      "36: 0 0 793 809, cells of 20, 74 texts",
      "51: 0 0 787 803, cells of 14, 104 texts",
      "52: 0 0 712 728, cells of 13, 2 texts",
      "130: 0 0 816 832, cells of 6, 2 texts",
    ]
  `);
  expect(parse(confusionMatrix({ matrix: [] })).attributes['aria-label']).toBe('Confusion matrix: no classes');
});

test('confusion: what cannot be', () => {
  expect(() => confusionMatrix({ matrix: [], lables: [] } as never)).toThrow('confusionMatrix: unknown option lables');

  expect(() => confusionMatrix({ matrix: [[1, 2]] })).toThrow(
    'confusionMatrix: row 0 of the matrix has length 2, expected 1',
  );
  expect(() => confusionMatrix({ matrix: [[-1]] })).toThrow(
    'confusionMatrix: matrix[0][0] is -1, expected a count ≥ 0',
  );
  expect(() => confusionMatrix({ matrix: [[1]], labels: [] })).toThrow(
    'confusionMatrix: labels has length 0, expected 1',
  );
});

const arrow = (text: string): { from: string; to: string } => ({ from: text[0] as string, to: text[1] as string });

test('layers are longest paths; long edges bend once a layer', () => {
  const { layers, chains } = layoutGraph([...'abcd'], ['ab', 'bc', 'cd', 'ad'].map(arrow));
  expect(layers.map((l) => l.filter((k) => k.startsWith('node')))).toEqual([
    ['node a'],
    ['node b'],
    ['node c'],
    ['node d'],
  ]);
  expect(chains[3]).toHaveLength(4);
});

test('ordering removes a crossing that the given order has', () => {
  const { layers } = layoutGraph([...'abxy'], ['ay', 'bx'].map(arrow));
  expect(layers).toEqual([
    ['node a', 'node b'],
    ['node y', 'node x'],
  ]);
});

test('graphs that cannot be drawn', () => {
  expect(() => graphSvg({ nodes: [], edges: [], nodse: [] } as never)).toThrow('graphSvg: unknown option nodse');
  expect(() => graphSvg({ nodes: [{ id: 'a' }], edges: [{ from: 'a', to: 'a', text: '' } as never] })).toThrow(
    'graphSvg, edge "a" → "a": unknown option text; the options are from, to, label',
  );
  expect(() => layoutGraph(['a', 'a'], [])).toThrow('graphSvg: two nodes have the id "a"');
  expect(() => layoutGraph(['a'], [arrow('ab')])).toThrow(
    'the edge "a" → "b" names the node "b", which is not among the nodes',
  );
  expect(() => layoutGraph([...'abc'], ['ab', 'bc', 'cb'].map(arrow))).toThrow(
    'graphSvg: the edges form a cycle among or before "b", "c"',
  );
  expect(() => graphSvg({ nodes: [{ id: 'a', gradient: 1 } as never], edges: [] })).toThrow(
    'graphSvg, node "a": unknown option gradient',
  );
  expect(() => graphSvg({ nodes: [], edges: [], direction: 'up' as never })).toThrow(
    "graphSvg: direction is 'up', expected 'right' or 'down'",
  );
});

test('boxes stay in order and apart, as near as they can be to where they are wanted', () => {
  expect(separate([0, 0], [10, 10], 4)).toEqual([-7, 7]);
  expect(separate([0, 100], [10, 10], 4)).toEqual([0, 100]);
  expect(separate([], [], 4)).toEqual([]);
});

const graphs = fc
  .integer({ min: 0, max: 9 })
  .chain((n) =>
    fc.tuple(
      fc.constant(n),
      n < 2 ? fc.constant([]) : fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1)), { maxLength: 14 }),
    ),
  );

test('any acyclic graph: every node drawn, no two boxes overlap, edges point forward, nothing outside', () => {
  fc.assert(
    fc.property(graphs, fc.constantFrom('right' as const, 'down' as const), ([n, pairs], direction) => {
      const nodes = Array.from({ length: n }, (_, i) => ({
        id: `n${i}`,
        value: i % 2 ? i : Number.NaN,
        upstream: i % 3 ? '1, 2' : Infinity,
      }));
      const edges = pairs
        .filter(([a, b]) => a !== b)
        .map(([a, b]) => ({ from: `n${Math.min(a, b)}`, to: `n${Math.max(a, b)}`, label: 'w' }));
      const svg = graphSvg({ title: 'g', nodes, edges, direction });
      const root = parse(svg);
      const [, , width, height] = (root.attributes.viewBox as string).split(' ').map(Number) as [
        number,
        number,
        number,
        number,
      ];
      const boxes = all(root, 'rect').map(
        (r) => ['x', 'y', 'width', 'height'].map((k) => Number(r.attributes[k])) as [number, number, number, number],
      );
      expect(boxes).toHaveLength(n);
      boxes.forEach(([x, y, w, h], i) => {
        expect(x >= 0 && y >= 0 && x + w <= width && y + h <= height).toBe(true);
        for (const [x2, y2, w2, h2] of boxes.slice(i + 1)) {
          expect(x + w <= x2 || x2 + w2 <= x || y + h <= y2 || y2 + h2 <= y).toBe(true);
        }
      });
      const along = direction === 'right' ? 0 : 1;
      for (const { from, to } of edges) {
        expect((boxes[Number(from.slice(1))] as number[])[along]).toBeLessThan(
          (boxes[Number(to.slice(1))] as number[])[along] as number,
        );
      }
      expect(coordinates(svg).every(Number.isFinite)).toBe(true);
      expect(graphSvg({ title: 'g', nodes, edges, direction })).toBe(svg);
    }),
    { numRuns: 60 },
  );
});

test('a neuron shows its value and gradients', () => {
  const svg = graphSvg({
    nodes: [
      { id: 'w', value: 0.5, upstream: -0.25 },
      { id: 's', label: 'σ <x>', value: Number.NaN, local: 0.1875, downstream: '−0.1' },
    ],
    edges: [{ from: 'w', to: 's', label: '·2' }],
  });
  expect(texts(svg)).toEqual(
    expect.arrayContaining([
      'w',
      'value',
      '0.5',
      'upstream',
      '−0.25',
      'σ <x>',
      'NaN',
      'local',
      '0.1875',
      'downstream',
      '−0.1',
      '·2',
    ]),
  );
});
