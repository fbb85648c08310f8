import { expect, test } from 'vitest';
import { ansiImage } from './ansi-image.js';
import { axis, type AxisOptions } from './axis.js';
import { barChart } from './bar-chart.js';
import { confusionMatrix } from './confusion-matrix.js';
import { contourChart } from './contour-chart.js';
import { graphSvg } from './graph-svg.js';
import { histogram } from './histogram.js';
import { imageGrid } from './image-grid.js';
import { lineChart } from './line-chart.js';
import { receptiveFieldSvg } from './receptive-field.js';
import { columns, reportPage } from './report-page.js';
import { table } from './table.js';

// Each of these has been looked at in a browser. A change of what is drawn shows in its file: look again, then `-u` writes it anew.
const steps = Array.from({ length: 41 }, (_, i) => i);
const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `path ${name.repeat(8)}`);
const counts = (n: number): number[][] =>
  steps.slice(0, n).map((t) => steps.slice(0, n).map((p) => (t === p ? 90 + t : (t * 7 + p * 5) % 11 === 0 ? t : 0)));

const PICTURES: Readonly<Record<string, () => string>> = {
  'bar-probabilities': () =>
    barChart({
      title: 'How sure the network is of each of the classes, and of none',
      labels: ['cat', 'a very long name of a class', 'dog', 'none'],
      values: [0.72, 0.2, 0.0796, NaN],
      highlight: [0],
      format: 'percent',
    }),
  'bar-signed': () => barChart({ labels: ['loss', 'gain', '0', 'lost'], values: [-1234.5, 500, 0, -Infinity] }),
  'bar-small': () => barChart({ labels: ['half', 'quarter'], values: [0.5, 0.25] }),
  'bar-empty': () => barChart({ title: 'None', labels: [], values: [] }),
  'line-loss': () =>
    lineChart({
      title: 'Loss',
      xLabel: 'step',
      yLabel: 'nats',
      smooth: 0.8,
      series: [
        { name: 'training', x: steps, y: steps.map((i) => 2 / (1 + i / 4) + (i % 3) / 10) },
        { name: 'validation', x: [0, 20, 40], y: [2.2, 0.6, 0.45], smooth: 0 },
        { name: 'broken', x: [0, 10, 20, 30, 40], y: [1, NaN, 2, Infinity, -Infinity] },
      ],
    }),
  'line-logarithmic': () =>
    lineChart({
      logX: true,
      logY: true,
      height: 240,
      series: [
        { name: 'error', x: [0.001, 0.01, 0.1, 1, -1], y: [1e-1, -Infinity, 0, 1e-5, 1] },
        { name: 'other', x: [0.001, 1], y: [0.02, 0.02] },
      ],
    }),
  'line-one': () => lineChart({ series: [{ name: 'one', x: [0, 0.5, 0.5, 0.5, 1], y: [1, NaN, NaN, Infinity, 2] }] }),
  'line-whole': () => lineChart({ logX: true, series: [{ name: 'one', x: [1, 2, 4, 8], y: [1, 2, 3, 4] }] }),
  'line-many': () =>
    lineChart({
      title: 'Seven curves that end close to each other, under a title of two lines',
      smooth: 0.5,
      series: many.map((name, i) => ({ name, x: [0, 1, 2], y: [i, 6 - i, 3 + i / 100] })),
    }),
  'line-empty': () => lineChart({ title: 'Nothing yet', series: [] }),
  histogram: () =>
    histogram({
      title: 'Weights',
      xLabel: 'value',
      values: [...steps.map((i) => ((i * i) % 17) / 10 - 0.8), NaN],
      bins: 9,
    }),
  'histogram-empty': () => histogram({ title: 'Nothing that is finite', values: [NaN, Infinity] }),
  'histogram-fine': () => histogram({ values: steps.map((i) => i ** 3), bins: 91 }),
  'histogram-constant': () => histogram({ values: [2, 2, 2] }),
  confusion: () =>
    confusionMatrix({ title: 'Test', matrix: counts(4), labels: ['cat', 'dog', 'hippopotamus amphibius', 'owl'] }),
  'confusion-counts': () =>
    confusionMatrix({
      matrix: [
        [9999, 10_000, 0.125],
        [NaN, 1_234_567, 5000.75],
        [9, 0, 11],
      ],
    }),
  'confusion-none': () => confusionMatrix({ title: 'A title that is so long that it takes a second line', matrix: [] }),
  contours: () =>
    contourChart({
      title: 'Two ways down',
      xLabel: 'x',
      yLabel: 'y',
      surface: (x, y) => x * x + 4 * y * y + x * y,
      x: [-2, 2],
      y: [-1, 1.5],
      lines: 3,
      paths: [
        { name: 'plain', x: [-1.5, -1, -0.4, 0], y: [1.2, 0.2, 0.3, 0] },
        { name: 'stuck', x: [1.5, 1.2, NaN, 0], y: [1, 0.6, 0.4, 0] },
      ],
      marks: [[0, 0]],
    }),
  'contours-plain': () => contourChart({ surface: (x) => x, x: [0, 1], y: [0, 1], lines: 2, marks: [[NaN, 0.5]] }),
  'contours-many': () =>
    contourChart({
      title: 'Seven paths over a slope, under a title that takes two lines of the picture',
      surface: (_x, y) => y,
      x: [0, 8],
      y: [0, 1],
      lines: 1,
      paths: many.map((name, i) => ({ name, x: [i, i + 1], y: [i === 2 ? NaN : 0.5, 0.7] })),
    }),
  graph: () =>
    graphSvg({
      title: 'A neuron',
      nodes: [
        { id: 'x', value: 1.5, upstream: 0.2 },
        { id: 'w', value: -2, upstream: -0.3 },
        { id: 'product', label: 'x · w', value: -3, local: '−2, 1.5', downstream: 0.1 },
        { id: 'y', label: 'σ', value: 0.047 },
      ],
      edges: [
        { from: 'x', to: 'product', label: 'a' },
        { from: 'w', to: 'product' },
        { from: 'product', to: 'y' },
        { from: 'x', to: 'y', label: 'skip' },
      ],
    }),
  'graph-network': () =>
    graphSvg({
      title: 'A network whose title is longer than all of it is wide, and takes two lines',
      nodes: ['x', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'loss'].map((id, i) => ({
        id,
        ...(i % 3 === 0 ? { label: `a long name, ${id}`, value: i, upstream: -i / 7 } : {}),
      })),
      edges: ['x>a', 'x>b', 'x>c', 'a>f', 'b>e', 'c>d', 'd>g', 'e>g', 'e>h', 'f>h', 'g>loss', 'h>loss', 'x>loss'].map(
        (edge, i) => {
          const [from, to] = edge.split('>');
          return { from, to, ...(i % 4 === 0 ? { label: `edge ${i}` } : {}) };
        },
      ),
    }),
  'graph-plain': () => graphSvg({ nodes: [{ id: 'a' }, { id: 'b' }], edges: [{ from: 'a', to: 'b' }] }),
  'graph-none': () => graphSvg({ title: 'Nothing', nodes: [], edges: [] }),
  'graph-down': () =>
    graphSvg({ direction: 'down', nodes: [{ id: 'a' }, { id: 'b', value: 1 }], edges: [{ from: 'a', to: 'b' }] }),
  'receptive-field': () =>
    receptiveFieldSvg({
      title: 'Two layers',
      layers: [
        { kernel: 3, stride: 2, padding: 1 },
        { kernel: 3, dilation: 2, name: 'dilated' },
      ],
      input: 13,
      output: 0,
    }),
  'receptive-field-plain': () => receptiveFieldSvg({ layers: [{ kernel: 2 }, { kernel: 3 }] }),
  'receptive-field-none': () => receptiveFieldSvg({ title: 'No layer', layers: [] }),
};

const PAGES: Readonly<Record<string, () => string>> = {
  images: () =>
    imageGrid({
      title: 'Digits',
      images: [0, 1, 2, 3, 4, NaN, 6, 9],
      shape: [2, 1, 2, 2],
      normalise: [0, 6],
      labels: ['one', 'two'],
      scale: 20,
      columns: 1,
    }),
  'images-rgb': () =>
    imageGrid({
      images: [
        [1, 0, 0, 1, 0, 0.5],
        [2, NaN, 2, -Infinity, 2, 0],
        [0, 0, 0, 0, 0, 9],
      ],
      shape: [3, 3, 1, 2],
      normalise: 'each',
    }),
  'images-none': () => imageGrid({ title: 'None', images: [], shape: [0, 1, 2, 2] }),
  filters: () => imageGrid({ images: [-1, 0.5, 0, 2, 1, -2, 0.1, 0], shape: [2, 1, 2, 2], diverging: true }),
  report: () =>
    reportPage({
      title: 'LeNet-5',
      subtitle: 'On MNIST',
      facts: [
        ['accuracy', '98.7%'],
        ['parameters', 61706],
      ],
      sections: [
        {
          title: 'Layers',
          intro: 'From the input on.',
          html: columns(
            table({
              caption: 'What it is made of',
              columns: ['layer', 'parameters', 'share'],
              rows: [
                ['conv1', 156, 0.0025],
                ['relu', null, NaN],
              ],
              total: ['all', 61706, 1],
            }),
            barChart({ labels: ['a'], values: [1] }),
          ),
        },
        { title: 'Rest', html: '<p>Nothing.</p>' },
      ],
      footer: 'Data: MNIST\nSeed: 1',
    }),
};

const drawn = [
  ...Object.entries(PICTURES).map(([name, draw]) => [`${name}.svg`, draw] as const),
  ...Object.entries(PAGES).map(([name, draw]) => [`${name}.html`, draw] as const),
];

test.each(drawn)('%s looks as it did', async (file, draw) => {
  await expect(`${draw().replaceAll('><', '>\n<')}\n`).toMatchFileSnapshot(`../test/pictures/${file}`);
});

test('a picture in the terminal', () => {
  const rgb = [255, 0, NaN, 10, 20, 30, 0, 255, 0, 10, 20, 30, 0, 0, 255, 10, 20, 30];
  expect(ansiImage(rgb, 3, 2, { normalise: [0, 255] }).replaceAll('\u{1B}', 'ESC')).toBe(
    'ESC[38;2;255;0;0;48;2;255;0;255m▀ESC[38;2;0;255;0;48;2;10;10;10m▀ESC[0m\nESC[38;2;20;20;20;49m▀ESC[38;2;30;30;30;49m▀ESC[0m',
  );
  expect(ansiImage([0, 1, 2, 3, 4, 5, 6, 7, 8], 3, 3, { color: false })).toBe('.-=\n#%@');
  expect(ansiImage([NaN, 0, 5, 5, 5, 5], 3, 2, { color: false })).toBe('?+\n@@');
  expect(ansiImage([5, 0, 5, NaN, 5, 5], 3, 2, { color: false })).toBe('@?\n@@');
  expect(ansiImage([NaN], 1, 1, { color: false })).toBe('?');
});

test('the ticks of axes, and where they stand from 0 to 100', () => {
  const ticks = (extent: AxisOptions['extent'], options: Partial<AxisOptions> = {}): string =>
    axis({ extent, range: [0, 100], count: 5, ...options })
      .ticks.map(({ at, label }) => `${label} at ${Math.round(at * 10) / 10}`)
      .join(', ');
  expect({
    plain: ticks([0.3, 9.7]),
    nice: ticks([0.3, 9.7], { nice: true }),
    integer: ticks([0, 2], { integer: true }),
    none: ticks(null),
    constant: [3, 0, 2.5, 1e6, 1e7, 1e20].map((v) => ticks([v, v])),
    nearlyConstant: ticks([1, 1 + 1e-13]),
    large: ticks([-1e308, 1.5e308]),
    small: ticks([0, 3e-300]),
    notLarge: ticks([0, 1e300]),
    notSmall: ticks([0, 1e-290]),
    log: ticks([0.02, 30], { log: true }),
    niceLog: ticks([0.03, 30], { log: true, nice: true }),
    noneLog: ticks(null, { log: true }),
    constantLog: ticks([7, 7], { log: true }),
    halfDecade: ticks([2, 7], { log: true }),
    narrowLog: [ticks([110, 140], { log: true }), ticks([1.2, 1.9], { log: true }), ticks([4, 11], { log: true })],
    fewLog: ticks([0.02, 30], { log: true, count: 3 }),
    manyDecades: ticks([1e-9, 1], { log: true }),
    severalDecades: ticks([2e-4, 30], { log: true, count: 10 }),
  }).toMatchInlineSnapshot(`
    {
      "constant": [
        "2.6 at 10, 2.8 at 30, 3.0 at 50, 3.2 at 70, 3.4 at 90",
        "−0.4 at 10, −0.2 at 30, 0.0 at 50, 0.2 at 70, 0.4 at 90",
        "1.5 at 10, 2.0 at 30, 2.5 at 50, 3.0 at 70, 3.5 at 90",
        "600k at 10, 800k at 30, 1M at 50, 1.2M at 70, 1.4M at 90",
        "6M at 10, 8M at 30, 10M at 50, 12M at 70, 14M at 90",
        "6e19 at 10, 8e19 at 30, 1e20 at 50, 1.2e20 at 70, 1.4e20 at 90",
      ],
      "constantLog": "5 at 25.7, 10 at 75.7",
      "fewLog": "1 at 53.5",
      "halfDecade": "2 at 0, 5 at 73.1",
      "integer": "0 at 0, 1 at 50, 2 at 100",
      "large": "−5.12e307 at 19.5, 0 at 40, 5.12e307 at 60.5, 1.024e308 at 81",
      "log": "0.1 at 22, 1 at 53.5, 10 at 85",
      "manyDecades": "1e−8 at 11.1, 1e−6 at 33.3, 1e−4 at 55.6, 0.01 at 77.8, 1 at 100",
      "narrowLog": [
        "110 at 0, 115 at 18.4, 120 at 36.1, 125 at 53, 130 at 69.3, 135 at 84.9, 140 at 100",
        "1.2 at 0, 1.3 at 17.4, 1.4 at 33.5, 1.5 at 48.6, 1.6 at 62.6, 1.7 at 75.8, 1.8 at 88.2, 1.9 at 100",
        "5 at 22.1, 10 at 90.6",
      ],
      "nearlyConstant": "0.6 at 10, 0.8 at 30, 1.0 at 50, 1.2 at 70, 1.4 at 90",
      "nice": "0 at 0, 2 at 20, 4 at 40, 6 at 60, 8 at 80, 10 at 100",
      "niceLog": "0.1 at 20.6, 1 at 50, 10 at 79.4",
      "none": "0.0 at 0, 0.2 at 20, 0.4 at 40, 0.6 at 60, 0.8 at 80, 1.0 at 100",
      "noneLog": "1 at 0, 2 at 30.1, 5 at 69.9, 10 at 100",
      "notLarge": "0 at 0, 2e299 at 20, 4e299 at 40, 6e299 at 60, 8e299 at 80, 1e300 at 100",
      "notSmall": "0 at 0, 2e−291 at 20, 4e−291 at 40, 6e−291 at 60, 8e−291 at 80, 1e−290 at 100",
      "plain": "2 at 18.1, 4 at 39.4, 6 at 60.6, 8 at 81.9",
      "severalDecades": "0.001 at 13.5, 0.01 at 32.8, 0.1 at 52.1, 1 at 71.5, 10 at 90.8",
      "small": "0 at 0, 4.909e−301 at 16.4, 9.818e−301 at 32.7, 1.473e−300 at 49.1, 1.964e−300 at 65.5, 2.455e−300 at 81.8, 2.945e−300 at 98.2",
    }
  `);
});
