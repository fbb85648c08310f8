import { expect, test } from 'vitest';
import { drawGraph, type Edge, reduce } from './graph.js';

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
  expect(svg.match(/<path d="M\d+ \d+ C/g)).toHaveLength(3);
  expect(svg).toContain('href="/packages/nn"');
});

test('what stands on more is drawn higher', () => {
  const svg = drawGraph(names, edges);
  const height = (name: string): number => Number(new RegExp(` y="(\\d+)"[^>]*>${name}<`).exec(svg)![1]);
  expect(height('conv')).toBeLessThan(height('nn'));
  expect(height('nn')).toBeLessThan(height('tensor'));
  expect(height('tensor')).toBeLessThan(height('shape'));
});

test('a cycle is refused', () => {
  const cycle: Edge[] = [
    ['a', 'b'],
    ['b', 'a'],
  ];
  expect(() => drawGraph(['a', 'b'], cycle)).toThrow('the package graph has a cycle');
});
