import { expect, test } from 'vitest';
import { drawGraph, type Edge, reduce } from './graph.js';
import { type Box, layOut } from './layout.js';

const edges: Edge[] = [
  ['nn', 'tensor'],
  ['nn', 'shape'],
  ['tensor', 'shape'],
  ['conv', 'nn'],
  ['pool', 'nn'],
  ['conv', 'tensor'],
];
const names = ['shape', 'tensor', 'nn', 'conv', 'pool', 'alone', 'lonely'];

test('arrows that others imply are left out', () => {
  expect(reduce(edges)).toEqual([
    ['nn', 'tensor'],
    ['tensor', 'shape'],
    ['conv', 'nn'],
    ['pool', 'nn'],
  ]);
});

test('every package is drawn once; those with the same arrows share a box', () => {
  const svg = drawGraph(names, edges, (name) => `/packages/${name}`);
  for (const name of names) expect(svg.split(`>${name}</text>`)).toHaveLength(2);
  expect(svg.match(/<rect /g)).toHaveLength(6);
  expect(svg.match(/marker-end/g)).toHaveLength(3);
  expect(svg).toContain('href="/packages/nn"');
});

test('what stands on more is drawn higher', () => {
  const svg = drawGraph(names, edges);
  const height = (name: string): number => Number(new RegExp(` y="(\\d+)"[^>]*>${name}<`).exec(svg)![1]);
  expect(height('conv')).toBeLessThan(height('nn'));
  expect(height('nn')).toBeLessThan(height('tensor'));
  expect(height('tensor')).toBeLessThan(height('shape'));
});

test('a line that spans rows passes each of them in a gap of its own', () => {
  const { boxes, lines, width } = layOut(
    ['a', 'b', 'c'],
    [
      ['a', 'b'],
      ['b', 'c'],
      ['a', 'c'],
    ],
  );
  const [a, b, c] = boxes as [Box, Box, Box];
  const long = lines.find((line) => line[0] === a && line.at(-1) === c)!;
  expect(long).toHaveLength(3);
  const gap = long[1]!;
  expect(gap.y).toBe(b.y);
  expect(gap.middle < b.x || gap.middle > b.x + b.width).toBe(true);
  for (const box of boxes) expect(box.x >= 0 && box.x + box.width <= width).toBe(true);
});

test('what stands on nothing is drawn just below what needs it', () => {
  const { boxes } = layOut(
    ['top', 'middle', 'base', 'plot'],
    [
      ['top', 'middle'],
      ['middle', 'base'],
      ['top', 'plot'],
    ],
  );
  expect(boxes.map(({ names: [name], row }) => [name, row])).toEqual([
    ['top', 2],
    ['middle', 1],
    ['base', 0],
    ['plot', 1],
  ]);
});

test('a cycle is refused', () => {
  const cycle: Edge[] = [
    ['a', 'b'],
    ['b', 'a'],
  ];
  expect(() => drawGraph(['a', 'b'], cycle)).toThrow('the package graph has a cycle');
});
