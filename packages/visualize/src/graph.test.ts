import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { all, coordinates, parse, texts } from '../test/markup.js';
import { crossings, layoutGraph, sweeps } from './graph-layout.js';
import { separate, spread } from './graph-spread.js';
import { graphSvg } from './graph-svg.js';

const arrow = (text: string): { from: string; to: string } => ({ from: text[0], to: text[1] });

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

interface Box {
  start: number;
  end: number;
  middle: number;
}

const keys = (text: string): string[] => [...text].map((id) => `node ${id}`);
const orderOf = (ids: string, edges: string): string[] =>
  layoutGraph([...ids], edges.split(' ').map(arrow)).layers.map((layer) =>
    layer.map((key) => key.replace('node ', '')).join(''),
  );

test('a crossing that only another order of the first layer removes is found on the way back', () => {
  expect(orderOf('abcxy', 'ax by cx')).toEqual(['acb', 'xy']);
});

test('nodes without a crossing stay in the given order, and what nothing joins where it is', () => {
  expect(orderOf('astbxy', 'ax by')).toEqual(['astb', 'xy']);
});

test('edges cross where their ends are in opposite order, not where they share one', () => {
  const count = (layers: string, edges: string): number =>
    crossings(layers.split(' ').map(keys), edges.split(' ').map(keys));
  expect(count('ab xy', 'ay bx')).toBe(1);
  expect(count('ab xy', 'ax by')).toBe(0);
  expect(count('ab xy', 'ax ay')).toBe(0);
  expect(count('ab xy', 'ax bx')).toBe(0);
  expect(count('abc xyz', 'az by cx')).toBe(3);
  // Nothing crosses what lies between other layers.
  expect(count('ab xy pq', 'ay yp')).toBe(0);
  expect(count('ab xy p', 'byp axp')).toBe(0);
});

test('on its way there and back each layer follows the one that was placed just before', () => {
  const chains = ['abc', 'ad'].map(keys);
  const steps = sweeps(['a', 'bd', 'c'].map(keys), chains, 2).map((sweep) =>
    sweep.map(({ layer, near, neighbours }) => `${near}>${layer} of a: ${neighbours.get('node a')!.join()}`),
  );
  const [none, both] = ['of a: ', 'of a: node b,node d'];
  const [there, back] = [
    [`0>1 ${none}`, `1>2 ${none}`],
    [`2>1 ${both}`, `1>0 ${both}`],
  ];
  expect(steps).toEqual([there, back, there, back]);
  expect(sweeps([], [], 1)).toEqual([[], []]);
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
  // The second and the third meet at 1, and then with the first at the mean of all.
  expect(separate([4, 6, -4], [0, 0, 0], 0)).toEqual([2, 2, 2]);
});

test('edges are level where there is room, whichever of their ends has more beside it', () => {
  const level = (layers: string, edges: string): void => {
    const all = layers.split(' ').map(keys);
    const middles = spread(all, edges.split(' ').map(keys), () => 10, 5);
    const at = new Map(all.flatMap((layer, l) => layer.map((key, i) => [key, middles[l][i]])));
    for (const [from, to] of edges.split(' ').map(keys)) expect(at.get(to)).toBeCloseTo(at.get(from)!, 3);
    expect(Math.min(...at.values())).toBe(5);
  };
  level('asb xy', 'ax by');
  level('ab xsy', 'ax by');
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
      const [, , width, height] = root.attributes.viewBox.split(' ').map(Number);
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
          (boxes[Number(to.slice(1))] as number[])[along],
        );
      }
      expect(coordinates(svg).every(Number.isFinite)).toBe(true);
      expect(graphSvg({ title: 'g', nodes, edges, direction })).toBe(svg);
    }),
    { numRuns: 60 },
  );
});

test.each(['right', 'down'] as const)(
  '%s: an edge over a layer goes straight beside its boxes, then to its node',
  (direction) => {
    const svg = graphSvg({
      direction,
      nodes: [{ id: 'a' }, { id: 'b', value: 1, local: 2 }, { id: 'c' }],
      edges: ['ab', 'bc', 'ac'].map(arrow),
    });
    const [x, y, width, height] = direction === 'right' ? ['x', 'y', 'width', 'height'] : ['y', 'x', 'height', 'width'];
    const [a, b, c] = all(parse(svg), 'rect').map(({ attributes }) => ({
      start: Number(attributes[x]),
      end: Number(attributes[x]) + Number(attributes[width]),
      middle: Number(attributes[y]) + Number(attributes[height]) / 2,
    })) as [Box, Box, Box];
    const [line, head] = all(parse(svg), 'path')
      .slice(4)
      .map(({ attributes }) => {
        const numbers = attributes.d.match(/-?[\d.]+/g)!.map(Number);
        const points = numbers.flatMap((first, i) => (i % 2 === 0 ? [[first, numbers[i + 1]]] : []));
        return points.map((point) => (direction === 'right' ? point : point.reverse()) as [number, number]);
      });
    // A point, and then three for each piece, of which the last is where it ends.
    const ends = line.filter((_, i) => i % 3 === 0);
    const beside = ends[1][1];
    const wanted = [
      [a.end, a.middle],
      [b.start, beside],
      [b.end, beside],
      [c.start - 8, c.middle],
    ];
    ends.flat().forEach((value, i) => expect(value).toBeCloseTo(wanted.flat()[i], 0));
    expect(head[0][0]).toBeCloseTo(c.start, 1);
    expect(head[0][1]).toBeCloseTo(c.middle, 1);
  },
);

test('boxes of a layer are as wide as the widest where edges go right, and as high as their text in either case', () => {
  const sizes = (direction: 'right' | 'down'): string[][] => {
    const nodes = [{ id: 'x', value: 'a long text' }, { id: 'y' }];
    const rects = all(parse(graphSvg({ direction, nodes, edges: [] })), 'rect');
    return ['width', 'height'].map((side) => [...new Set(rects.map((r) => r.attributes[side]))]);
  };
  expect(sizes('right').map((side) => side.length)).toEqual([1, 2]);
  expect(sizes('down').map((side) => side.length)).toEqual([2, 2]);
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
