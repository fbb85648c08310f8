import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { all, coordinates, parse, texts } from '../test/markup.js';
import { axis } from './axis.js';
import { barChart } from './bar-chart.js';
import { contourChart } from './contour-chart.js';
import { countBins, histogram } from './histogram.js';
import { legendRows } from './legend.js';
import { lineChart } from './line-chart.js';
import { smooth } from './smooth.js';
import { seriesDash } from './theme.js';
import { thin } from './thin.js';

const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE),
);

const paths = (svg: string): string[] =>
  all(parse(svg), 'path')
    .filter((p) => p.attributes.style?.includes('stroke-linejoin'))
    .map((p) => p.attributes.d);

test('a curve goes through its points, in data order, larger values higher', () => {
  const svg = lineChart({
    title: 'Loss',
    xLabel: 'step',
    yLabel: 'nats',
    series: [{ name: 'a', x: [0, 5, 10], y: [2, 1, 0] }],
  });
  const [d] = paths(svg);
  const points = d
    .slice(1)
    .split('L')
    .map((p) => p.split(',').map(Number) as [number, number]);
  expect(points).toHaveLength(3);
  const [[x0, y0], [x1, y1], [x2, y2]] = points;
  expect(x1 - x0).toBeCloseTo(x2 - x1, 1);
  expect(y1 - y0).toBeCloseTo(y2 - y1, 1);
  expect(y2).toBeGreaterThan(y0);
  expect(texts(svg)).toEqual(expect.arrayContaining(['Loss', 'step', 'nats', '0.0', '2.0', '0', '10']));
});

test('two series have a legend, distinct colours and their last values', () => {
  const svg = lineChart({
    series: [
      { name: 'training', x: [1, 2], y: [1, 0.25] },
      { name: 'test <b>', x: [1, 2], y: [1, 0.5] },
    ],
  });
  expect(texts(svg)).toEqual(expect.arrayContaining(['training', 'test <b>', '0.25', '0.5']));
  const strokes = all(parse(svg), 'path').map((p) => /stroke:([^;]+)/.exec(p.attributes.style ?? '')?.[1]);
  expect(new Set(strokes)).toEqual(new Set(['var(--lm-0)', 'var(--lm-1)']));
  expect(parse(svg).attributes['aria-label']).toContain('training, test <b>');
});

test('the seventh series repeats a colour with dashes', () => {
  const series = Array.from({ length: 7 }, (_, i) => ({ name: `s${i}`, x: [0, 1], y: [i, i] }));
  const styles = all(parse(lineChart({ series })), 'path').map((p) => p.attributes.style ?? '');
  expect(styles.filter((s) => s.includes('stroke:var(--lm-0)')).map((s) => s.includes('dasharray'))).toEqual([
    false,
    true,
  ]);
});

test('last values never overlap', () => {
  const series = Array.from({ length: 6 }, (_, i) => ({ name: `s${i}`, x: [0, 1], y: [0, 1 + i * 1e-6] }));
  const ends = all(parse(lineChart({ series })), 'text')
    .filter((t) => t.text === '1' && t.attributes['text-anchor'] === undefined)
    .map((t) => Number(t.attributes.y))
    .sort((a, b) => a - b);
  expect(ends).toHaveLength(6);
  for (let i = 1; i < ends.length; i++) expect(ends[i] - ends[i - 1]).toBeGreaterThanOrEqual(14);
});

/** Curves from 0 to 1, on a plot of 256 from 50 on unless it is less high: their last values from the top, and how many have a line to their end. */
const lastValues = (values: number[], { lengths = values.map(() => 474), height = 366 } = {}) => {
  const series = values.map((v, i) => ({ name: `${i}`, x: [0, 0, lengths[i]], y: [0, 1, v] }));
  const root = parse(lineChart({ series, height }));
  const labels = all(root, 'text').filter((t) => t.attributes.x === '556');
  return {
    places: labels.map((t) => [Number(t.text), Number(t.attributes.y)]),
    lines: all(root, 'line').filter((l) => l.attributes.style?.endsWith('stroke-width:0.75')).length,
  };
};

test('last values stand 20 apart, otherwise as near to their ends as they can, within the plot', () => {
  const places = (values: number[], height?: number): number[] =>
    lastValues(values, { height: height ?? 366 }).places.map(([, at]) => at);
  expect(lastValues([0.25, 0.75]).places).toEqual([
    [0.75, 114],
    [0.25, 242],
  ]);
  expect(places([0.5, 0.5, 0.5])).toEqual([158, 178, 198]);
  expect(places([0, 0])).toEqual([282, 302]);
  expect(places([1, 1, 0.25])).toEqual([50, 70, 242]);
  const eight = Array.from({ length: 8 }, () => 0.5);
  expect(places(eight, 254)).toEqual([50, 70, 90, 110, 130, 150, 170, 190]);
  expect(places(eight, 253)).toEqual([]);
});

test('a line leads to an end that is more than 6 above or below its value, or more than 20 before it', () => {
  expect([8, 7, -8, -7].map((by) => lastValues([0.5, 0.5 + by / 256]).lines)).toEqual([0, 2, 0, 2]);
  expect([466, 465].map((x) => lastValues([0.25, 0.75], { lengths: [474, x] }).lines)).toEqual([0, 1]);
});

test('a row of a legend takes what just fits', () => {
  expect([110, 109].map((width) => legendRows(['', ''], width).length)).toEqual([1, 2]);
});

test('NaN and infinities break the curve, are marked and counted', () => {
  const svg = lineChart({
    series: [{ name: 'a', x: [0, 1, 2, 3, 4, 5], y: [1, Number.NaN, 2, Infinity, -Infinity, 3] }],
  });
  expect(paths(svg)[0].match(/M/g)).toHaveLength(3);
  expect(texts(svg).join(' ')).toContain('Not on the curve: × 1 NaN, ▲ 1 +∞, ▼ 1 −∞');
  expect(all(parse(svg), 'path')).toHaveLength(1 + 3);
});

test('a log axis has no place for 0 and says so', () => {
  const svg = lineChart({ logY: true, series: [{ name: 'a', x: [0, 1, 2], y: [1, 0, 0.001] }] });
  expect(texts(svg).join(' ')).toContain('▼ 1 not above 0');
  expect(texts(svg)).toEqual(expect.arrayContaining(['0.1', '0.01']));
});

test('a logarithmic x axis: equal factors are equal distances; what is not above 0 is left out and counted', () => {
  const svg = lineChart({ logX: true, series: [{ name: 'a', x: [0.01, 0.1, 1, 0, -1], y: [1, 2, 3, 4, 5] }] });
  const points = paths(svg)[0].slice(1).split('L');
  const xs = points.map((p) => Number(p.split(',')[0]));
  expect(xs).toHaveLength(3);
  expect(xs[1] - xs[0]).toBeCloseTo(xs[2] - xs[1], 0);
  expect(texts(svg)).toEqual(expect.arrayContaining(['0.01', '0.1', '1']));
  expect(texts(svg).join(' ')).toContain('Not shown: 2 with an x that has no place on the axis');
});

test('a point without a finite x is left out and counted', () => {
  const svg = lineChart({ series: [{ name: 'a', x: [0, Number.NaN, 2], y: [1, 2, 3] }] });
  expect(texts(svg).join(' ')).toContain('Not shown: 1 with an x that has no place on the axis');
});

test('empty and one-point series', () => {
  expect(texts(lineChart({ series: [] }))).toContain('no finite values');
  expect(texts(lineChart({ series: [{ name: 'a', x: [], y: [] }] }))).toContain('no finite values');
  expect(texts(lineChart({ series: [{ name: 'a', x: [1], y: [Number.NaN] }] }))).toContain('no finite values');
  const one = lineChart({ series: [{ name: 'a', x: [3], y: [0.5] }] });
  expect(paths(one)[0]).toMatch(/^M[\d.]+,[\d.]+Z$/);
  expect(all(parse(one), 'circle')).toHaveLength(1);
});

test('any series gives well-formed markup with finite coordinates inside the picture, the same each time', () => {
  const series = fc.array(fc.tuple(anyNumber, anyNumber), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(series, { maxLength: 4 }), fc.boolean(), fc.constantFrom(0, 0.9), (lists, logY, weight) => {
      const make = (): string =>
        lineChart({
          logY,
          smooth: weight,
          series: lists.map((l, i) => ({ name: `${i}`, x: l.map((p) => p[0]), y: l.map((p) => p[1]) })),
        });
      const svg = make();
      expect(coordinates(svg).every((c) => Number.isFinite(c) && Math.abs(c) < 2000)).toBe(true);
      expect(make()).toBe(svg);
    }),
    { numRuns: 60 },
  );
});

test('200,000 points stay a small picture that keeps its spike', () => {
  const x = Float64Array.from({ length: 200_000 }, (_, i) => i);
  const y = x.map((i) => Math.sin(i / 1000));
  y[123_457] = 9;
  const svg = lineChart({ series: [{ name: 'a', x, y }] });
  expect(svg.length).toBeLessThan(60_000);
  expect(thin(y, 500)).toContain(123_457);
});

test('a long curve has four points at most for each unit of width', () => {
  const length = 100_000;
  const svg = lineChart({
    series: [
      { name: 'a', x: Array.from({ length }, (_, i) => i), y: Array.from({ length }, (_, i) => (i * 7919) % 10_007) },
    ],
  });
  const points = paths(svg)[0].split('L').length;
  const [left, right] = [Math.min, Math.max].map((of) =>
    of(...all(parse(svg), 'line').map((l) => Number(l.attributes[of === Math.min ? 'x1' : 'x2']))),
  );
  expect(points).toBeLessThanOrEqual(4 * (right - left));
  expect(points).toBeGreaterThan(3.9 * (right - left));
});

test('options of a line chart that cannot be', () => {
  const series = [{ name: 'a', x: [1, 2], y: [1] }];
  expect(() => lineChart({ series })).toThrow('lineChart: y of series "a" has length 1, expected 2');
  expect(() => lineChart({ series: [], colour: 'red' } as never)).toThrow('lineChart: unknown option colour');
  expect(() => lineChart({ series: [{ name: 'a', x: [], y: [], z: [] } as never] })).toThrow(
    'lineChart, series "a": unknown option z',
  );
  expect(() => lineChart({ series: [], smooth: 1 })).toThrow('lineChart: smooth is 1, expected 0 ≤ smooth < 1');
  expect(() => lineChart({ series: [{ name: 'a', x: [], y: [], smooth: -1 }] })).toThrow('smooth is -1');
  for (const height of [199, 2001])
    expect(() => lineChart({ series: [], height })).toThrow(`lineChart: height is ${height}, expected 200 to 2000`);
  for (const height of [200, 2000]) expect(() => lineChart({ series: [], height })).not.toThrow();
});

test('the ends of up to 8 curves are labelled', () => {
  const labels = (n: number): number => {
    const series = Array.from({ length: n }, (_, i) => ({ name: `s${i}`, x: [0, 1], y: [0, 100 + i / 16] }));
    return texts(lineChart({ series })).filter((text) => text.startsWith('100')).length;
  };
  expect(labels(8) - labels(9)).toBe(8);
});

test('smoothing: constants stay, weight 0 is the identity, a hand-computed case, NaN passes by', () => {
  smooth([5, 5, 5], 0.9).forEach((v) => expect(v).toBeCloseTo(5, 12));
  expect(smooth([3, -1, 1e308], 0)).toEqual([3, -1, 1e308]);
  // w = ½: s = ½, then ½·½ + ½·3 = 1.75; shown over 1 − ½ and 1 − ¼.
  expect(smooth([1, Number.NaN, 3], 0.5)).toEqual([1, Number.NaN, 1.75 / 0.75]);
  for (const weight of [1, -0.1, NaN])
    expect(() => smooth([], weight)).toThrow(`smooth: weight is ${weight}, expected 0 ≤ weight < 1`);
});

test('thinning keeps the first, the least, the greatest and the last of each slice', () => {
  const y = [0, 2, 1, 9, 3, -5, 4, 1, 2, 2, 8, 1, 0, 3, 4, 3, 4, 3, 2, 2];
  expect(thin(y, 2)).toEqual([0, 3, 5, 9, 10, 12, 19]);
  expect(thin([NaN, NaN, NaN, NaN, NaN], 1)).toEqual([0, 1, 2, 3, 4]);
  expect(thin([3, 2, 1, 2], 1)).toEqual([0, 1, 2, 3]);
  expect(thin([-9, 1, 9, 3, 2], 1)).toEqual([0, 2, 4]);
  expect(thin([9, 1, -9, 3, 2], 1)).toEqual([0, 2, 4]);
  expect(thin([0, 9, 0, 0, 0, 1, 2, 7, 3, 4], 2)).toEqual([0, 1, 4, 5, 7, 9]);
});

test('thinning keeps the first of equal values, and least and greatest beside infinities', () => {
  expect(thin([5, 0, 9, 0, 9, 5], 1)).toEqual([0, 1, 2, 5]);
  expect(thin([NaN, 4, Infinity, 7, 1, -Infinity, 5, 5], 1)).toEqual([0, 2, 3, 4, 5, 7]);
});

test('colours take three rounds: solid, dashed, dotted, and then again', () => {
  expect([0, 5, 6, 11, 12, 17, 18].map(seriesDash)).toEqual([
    undefined,
    undefined,
    '7 4',
    '7 4',
    '2 4',
    '2 4',
    undefined,
  ]);
});

test('thinning keeps every index of a short series, and all non-finite values', () => {
  expect(thin([1, 2, 3], 10)).toEqual([0, 1, 2]);
  expect(thin([0, 1, 2, 3, 4, 5, 6, 7], 2)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const y = Array.from({ length: 1000 }, (_, i) => (i === 501 || i === 502 ? Number.NaN : i % 7));
  const kept = thin(y, 10);
  expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
  expect(kept).toEqual(expect.arrayContaining([0, 501, 502, 999]));
  expect(kept.length).toBeLessThanOrEqual(42);
});

test('axes: increasing, ticks inside the range, also for the largest and smallest doubles', () => {
  const extents: [number, number][] = [
    [-Number.MAX_VALUE, Number.MAX_VALUE],
    [1e308, 1.7e308],
    [Number.MIN_VALUE, 1],
    [5, 5],
    [0, 0],
    [1e20, 1e20],
    [-3e-320, 2e-320],
    [1, 1 + 2 ** -52],
  ];
  for (const extent of extents) {
    for (const log of [false, true]) {
      if (log && extent[0] <= 0) continue;
      const a = axis({ extent, range: [0, 100], count: 5, nice: true, log });
      const [low, high] = extent.map((v) => a.position(v)) as [number, number];
      expect(low).toBeGreaterThanOrEqual(-1e-6);
      expect(high).toBeLessThanOrEqual(100 + 1e-6);
      expect(low).toBeLessThanOrEqual(high);
      for (const tick of a.ticks) {
        expect(tick.at).toBeGreaterThanOrEqual(-1e-6);
        expect(tick.at).toBeLessThanOrEqual(100 + 1e-6);
        expect(tick.label).not.toMatch(/NaN|∞/);
      }
    }
  }
});

test('bars: lengths in proportion from zero, percent on 0 to 1, grey unless highlighted', () => {
  const svg = barChart({ labels: ['a', 'b', 'c'], values: [0.25, 0.5, Number.NaN], highlight: [1], format: 'percent' });
  const rects = all(parse(svg), 'rect');
  const widths = rects.map((r) => Number(r.attributes.width));
  expect(widths[1] / widths[0]).toBeCloseTo(2, 1);
  expect(widths[2]).toBe(0);
  expect(texts(svg)).toEqual(expect.arrayContaining(['25.0%', '50.0%', 'NaN']));
  expect(rects.map((r) => r.attributes.style?.includes('--lm-0'))).toEqual([false, true, false]);
});

test('a negative bar goes left of zero', () => {
  const rects = all(parse(barChart({ labels: ['a', 'b'], values: [-1, 1] })), 'rect');
  const [a, b] = rects.map((r) => [Number(r.attributes.x), Number(r.attributes.width)]);
  expect(a[0] + a[1]).toBeCloseTo(b[0], 1);
});

test('bar charts of any values are well-formed and finite', () => {
  fc.assert(
    fc.property(
      fc.array(anyNumber, { maxLength: 12 }),
      fc.constantFrom('number' as const, 'percent' as const),
      (values, format) => {
        const svg = barChart({ labels: values.map((_, i) => `c${i}`), values, format });
        expect(coordinates(svg).every((c) => Number.isFinite(c) && Math.abs(c) < 1000)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test('options of a bar chart that cannot be', () => {
  expect(() => barChart({ labels: ['a'], values: [] })).toThrow('barChart: values has length 0, expected 1');
  for (const bar of [1, -1, 0.5])
    expect(() => barChart({ labels: ['a'], values: [1], highlight: [bar] })).toThrow(
      `barChart: highlight names bar ${bar}, expected 0 to 0`,
    );
  expect(() => barChart({ labels: ['a'], values: [1], titel: 'a' } as never)).toThrow(
    'barChart: unknown option titel; the options are title, labels, values, highlight, format',
  );
  expect(() => barChart({ labels: [], values: [], format: 'x' as never })).toThrow(
    "barChart: format is x, expected 'number' or 'percent'",
  );
});

test('options of a histogram that cannot be', () => {
  expect(() => histogram({ values: [1], bin: 2 } as never)).toThrow('histogram: unknown option bin');
});

test('histogram counts: every finite value once, the greatest in the last bin', () => {
  expect(countBins([0, 1, 2, 3, 4, Number.NaN], [0, 4], 4)).toEqual([1, 1, 1, 2]);
  expect(countBins([-Number.MAX_VALUE, 0, Number.MAX_VALUE], [-Number.MAX_VALUE, Number.MAX_VALUE], 2)).toEqual([1, 2]);
});

test('a histogram states what it shows', () => {
  const svg = histogram({ title: 'w', values: [1, 2, 3, 4, Number.NaN, -Infinity] });
  const words = texts(svg).join(' ').replaceAll('\u{A0}', ' ');
  expect(words).toContain('n 4, mean 2.5, sd 1.118, min 1, max 4');
  expect(words).toContain('not finite: 1 NaN, 1 −∞');
  expect(all(parse(svg), 'rect')).toHaveLength(2);
});

test('standard deviations, also of numbers whose differences are larger than any', () => {
  const sd = (values: number[]): string =>
    /sd ([^,]+)/.exec(texts(histogram({ values })).join(' ').replaceAll('\u{A0}', ' '))![1];
  expect(sd([-1, 1])).toBe('1');
  expect(sd([0, 0, 3])).toBe('1.414');
  expect(sd([7, 7])).toBe('0');
  const most = Number.MAX_VALUE;
  expect(sd([most, -most])).toBe('1.798e308');
  // √8 / 3 of it.
  expect(sd([most, most, -most])).toBe('1.695e308');
});

test('histograms of nothing, of a constant, and of any values', () => {
  expect(texts(histogram({ values: [] }))).toContain('no finite values');
  expect(all(parse(histogram({ values: [2, 2, 2], bins: 5 })), 'rect')).toHaveLength(1);
  expect(() => histogram({ values: [1], bins: 0 })).toThrow('histogram: bins is 0, expected an integer ≥ 1');
  fc.assert(
    fc.property(fc.array(anyNumber, { maxLength: 30 }), (values) => {
      const svg = histogram({ values });
      expect(coordinates(svg).every((c) => Number.isFinite(c) && Math.abs(c) < 1000)).toBe(true);
      expect(histogram({ values })).toBe(svg);
    }),
    { numRuns: 60 },
  );
});

const bowl = {
  title: 'Bowl',
  surface: (x: number, y: number): number => x * x + y * y,
  x: [-1, 1],
  y: [-1, 1],
} as const;

test('contour lines of a bowl are circles about its middle, one for each line', () => {
  const svg = contourChart({ ...bowl, lines: 4 });
  const rings = all(parse(svg), 'path').filter((p) => p.attributes.style?.includes('fill-opacity'));
  expect(rings).toHaveLength(4);
  const [width, height] = [546, 436.8];
  // The last line goes round the highest places, the corners; of the others the hole is the circle.
  const hole = rings[0].attributes.d.split('M').at(-1)!.replace('Z', '');
  const radii = hole.split('L').map((p) => {
    const [x, y] = p.split(',').map(Number);
    return Math.hypot(x / width - 0.5, y / height - 0.5);
  });
  expect(radii.length).toBeGreaterThan(20);
  expect(Math.max(...radii) / Math.min(...radii)).toBeLessThan(1.05);
  // An eighth of the area lies within the first of four lines: π r² = ⅛ of the square, of side 1 here.
  expect(radii[0]).toBeCloseTo(Math.sqrt(1 / 8 / Math.PI), 2);
});

test('a path over a surface goes through its points, higher y further up, and ends where it is not finite', () => {
  const path = { name: 'walk', x: [-1, 0, 1, NaN, 0], y: [-1, 0, 1, 0, 0] };
  const svg = contourChart({ ...bowl, paths: [path], marks: [[0, 0]] });
  expect(paths(svg)[0]).toBe('M0,436.8L273,218.4L546,0');
  expect(texts(svg)).toContain('walk');
  const wild = contourChart({ ...bowl, paths: [{ name: 'a', x: [0, 1e300], y: [0, -1e300] }] });
  expect(coordinates(wild).every((c) => Number.isFinite(c) && Math.abs(c) <= 5000)).toBe(true);
});

test('a mark without a place is not drawn, and one far away is outside', () => {
  const marks = [
    [0, 0],
    [NaN, 0],
    [0, NaN],
    [1e300, 0],
  ] as const;
  const svg = contourChart({ ...bowl, marks });
  expect(all(parse(svg), 'path').filter((p) => p.attributes.d.endsWith('l12,12m0,-12l-12,12'))).toHaveLength(2);
  expect(coordinates(svg).every((c) => Math.abs(c) <= 5000)).toBe(true);
});

test('surfaces that are flat or nowhere finite, and options of a contour chart that cannot be', () => {
  for (const surface of [() => 3, () => NaN]) parse(contourChart({ ...bowl, surface }));
  expect(() => contourChart({ ...bowl, x: [1, 1] })).toThrow(
    'contourChart: x is [1, 1], expected two finite numbers, the lower first',
  );
  expect(() => contourChart({ ...bowl, y: [-1.7e308, 1.7e308] })).toThrow('contourChart: y is [-1.7e+308, 1.7e+308]');
  expect(() => contourChart({ ...bowl, paths: [{ name: 'a', x: [1], z: [] } as never] })).toThrow(
    'contourChart, path "a": unknown option z; the options are name, x, y',
  );
  expect(() => contourChart({ ...bowl, paths: [{ name: 'a', x: [1], y: [] }] })).toThrow(
    'contourChart: y of path "a" has length 0, expected 1',
  );
  expect(() => contourChart({ ...bowl, colour: 1 } as never)).toThrow('contourChart: unknown option colour');
});

test('the uppermost tick keeps clear of the legend, also on a phone, where text is largest', () => {
  const series = ['a', 'b'].map((name) => ({ name, x: [0, 1], y: [0, 1] }));
  const svg = lineChart({ title: 'Loss', series });
  const phone = Number(/--lm-phone:(\d+)px/.exec(svg)![1]);
  const at = (text: string): number => Number(all(parse(svg), 'text').find((t) => t.text === text)!.attributes.y);
  // From the baseline of the legend to the middle of the tick.
  expect(at('1.0') - at('a')).toBeGreaterThan(1.25 * phone);
});
