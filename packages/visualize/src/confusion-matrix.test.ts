import { expect, test } from 'vitest';
import { all, coordinates, parse, texts } from '../test/markup.js';
import { confusionMatrix, confusionSummary } from './confusion-matrix.js';

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
      '80.0',
      '90.0',
      '88.9',
      '81.8',
      '85.0%',
    ]),
  );
  const fills = all(parse(svg), 'rect')
    .map((r) => r.attributes.style ?? '')
    .filter((s) => s.includes('fill-opacity'));
  const opacity = (style: string): number => Number(/fill-opacity:([\d.]+)/.exec(style)?.[1]);
  expect(fills.map((s) => s.slice(5, 12))).toEqual(['#0072b2', '#c65200', '#c65200', '#0072b2']);
  expect(opacity(fills[0] as string)).toBeCloseTo(0.8, 3);
  expect(opacity(fills[1] as string)).toBeGreaterThan(opacity(fills[2] as string));
  expect(all(parse(svg), 'title').map((t) => t.text)).toContain('true cat, predicted dog & co: 2 (20.0% of the row)');
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

test('confusion: counts and totals of a million and more are shortened, and whole on hover', () => {
  const svg = (count: number): string => confusionMatrix({ matrix: [[count]] });
  expect(texts(svg(999_999))).toContain('999,999');
  expect(texts(svg(1e6)).filter((text) => text === '1M')).toHaveLength(4);
  expect(all(parse(svg(1e6)), 'title')[0]!.text).toContain('1,000,000');
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
