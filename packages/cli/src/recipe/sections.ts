import { summary, type Layer } from '@lemmata/nn';
import type { Shape } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { columns, imageGrid, lineChart, table, type LineChartOptions, type ReportSection } from '@lemmata/visualize';
import type { HistoryEntry } from './history.js';

/** Loss and metrics over the steps. */
export function learningSection(history: readonly HistoryEntry[], intro: string): ReportSection {
  const steps = history.filter((entry) => entry.kind === 'step');
  const x = steps.map((_, i) => i + 1);
  const smooth = steps.length > 50 ? 0.97 : 0;
  const chart = (name: string, y: number[]): string =>
    lineChart({
      title: name[0]!.toUpperCase() + name.slice(1),
      xLabel: 'step',
      series: [{ name, x, y }],
      // A loss that may be negative has no logarithm.
      logY: name === 'loss' && y.every((value) => value > 0),
      smooth,
    });
  return {
    title: 'Learning',
    intro,
    html: columns(
      chart(
        'loss',
        steps.map((s) => s.loss),
      ),
      ...Object.keys(steps[0]?.metrics ?? {}).map((name) =>
        chart(
          name,
          steps.map((s) => s.metrics[name] ?? Number.NaN),
        ),
      ),
    ),
  };
}

export interface CurvesOptions extends Omit<LineChartOptions, 'series' | 'xLabel'> {
  /** What is drawn, by its name in the legend: a metric of the steps. */
  readonly metrics: Readonly<Record<string, string>>;
}

/** Metrics of the same steps in one chart: of learners side by side, `{ 'Adam': 'loss adam' }`. */
export function curves(history: readonly HistoryEntry[], { metrics, ...options }: CurvesOptions): string {
  const steps = history.filter((entry) => entry.kind === 'step');
  const x = steps.map((_, i) => i + 1);
  return lineChart({
    xLabel: 'step',
    ...options,
    series: Object.entries(metrics).map(([name, metric]) => ({
      name,
      x,
      y: steps.map((s) => s.metrics[metric] ?? Number.NaN),
    })),
  });
}

/** The layers of a model with their shapes, parameters and receptive fields. */
export function layersSection(model: Layer, inputShape: Shape, title: string = 'Layers'): ReportSection {
  const { rows, parameters } = summary(model, inputShape);
  return {
    title,
    intro: 'The receptive field is the part of the input that one output can see.',
    html: table({
      columns: ['Layer', 'Kind', 'Output', 'Parameters', 'Receptive field'],
      rows: rows.map((row) => [
        row.name,
        row.kind,
        row.outputShape.join('×'),
        row.parameters,
        row.field === null ? 'all' : row.field.map(({ size }) => size).join('×'),
      ]),
      total: ['', '', '', parameters, ''],
    }),
  };
}

/** The filters of the first convolution among the parameters; none if there is none. */
export function filtersSection(params: unknown): ReportSection[] {
  const first = Object.entries(toRecord(params as never) as Record<string, Tensor>).find(([, t]) => t.rank === 4);
  if (first === undefined) return [];
  const [name, weight] = first;
  const [o, i, h, w] = weight.shape as [number, number, number, number];
  return [
    {
      title: 'Filters of the first layer',
      intro: `${name}: ${o} filters of ${i}×${h}×${w}. Blue is negative, white zero, red positive.`,
      html: imageGrid({
        images: weight.dataSync(),
        shape: [o * i, 1, h, w],
        diverging: true,
        normalise: 'all',
        scale: Math.max(4, Math.floor(70 / w)),
      }),
    },
  ];
}

/** Outputs of the layers of a sequential model that still have spatial axes, those after nonlinearity or pooling. */
export function featureMaps(model: Layer, params: any, state: any, x: Tensor): { name: string; map: Tensor }[] {
  const maps: { name: string; map: Tensor }[] = [];
  // Layers that are wired otherwise are not called one after the other.
  if ((model.arrangement ?? 'sequence') !== 'sequence') return maps;
  let y = x;
  for (const [name, layer] of Object.entries(model.layers ?? {})) {
    [y] = layer.apply(params[name], state[name], y, { train: false });
    if (y.rank === 4 && !/conv|norm|flatten|dropout/.test(layer.kind)) maps.push({ name, map: y });
  }
  return maps;
}

/** What the layers make of one input, drawn. */
export function featureMapsSection(
  model: Layer,
  params: unknown,
  state: unknown,
  x: Tensor,
  picture: string,
): ReportSection[] {
  const html = featureMaps(model, params, state, x).map(({ name, map }) => {
    const [, c, h, w] = map.shape as [number, number, number, number];
    return imageGrid({
      images: map.dataSync(),
      shape: [c, 1, h, w],
      normalise: 'each',
      scale: Math.max(2, Math.floor(84 / w)),
      columns: 8,
      title: `${name}: ${c}×${h}×${w}`,
    });
  });
  if (html.length === 0) return [];
  return [
    {
      title: 'Feature maps',
      intro:
        'The first test image, and the maps that the layers make of it; each map from its darkest to its brightest value.',
      html: picture + html.join(''),
    },
  ];
}
