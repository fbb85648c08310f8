import { gather, normalize } from '@lemmata/data';
import { summary, type Layer } from '@lemmata/nn';
import type { Tensor } from '@lemmata/tensor';
import { columnTensor, confusionMatrix as countConfusion, type Means, type TrainEvent } from '@lemmata/train';
import { toRecord } from '@lemmata/tree';
import {
  columns,
  confusionMatrix,
  imageGrid,
  lineChart,
  reportPage,
  table,
  type ReportSection,
} from '@lemmata/visualize';
import { pixelsOf, type ClassificationRecipe, type ImageSet } from './classification.js';
import { duration } from './progress.js';

/** What a trained network made of one test image. */
export interface Judged {
  readonly actual: number;
  readonly predicted: number;
  /** Of the predicted class, and of the actual one. */
  readonly probability: number;
  readonly ofActual: number;
}

export interface Report {
  readonly recipe: ClassificationRecipe;
  readonly model: Layer;
  readonly params: unknown;
  readonly state: unknown;
  readonly history: readonly TrainEvent[];
  readonly judged: readonly Judged[];
  readonly test: Means & { readonly size: number };
  readonly images: ImageSet;
  readonly seconds: number;
  readonly seed: number;
}

/** The page that a run leaves to be looked at. */
export function classificationReport(report: Report): string {
  const { recipe, judged, test, images, seconds, seed } = report;
  const parameters = summary(report.model, recipe.inputShape).parameters;
  const wrong = judged.filter(({ actual, predicted }) => actual !== predicted).length;
  return reportPage({
    title: recipe.title,
    subtitle: `${images.source}, ${test.size.toLocaleString('en')} test images, seed ${seed}`,
    facts: [
      ['Test accuracy', `${((test.metrics['accuracy'] ?? 0) * 100).toFixed(2)}%`],
      ['Mistakes', `${wrong} of ${test.size.toLocaleString('en')}`],
      ['Test loss', test.loss.toFixed(4)],
      ['Parameters', parameters.toLocaleString('en')],
      ['Training time', duration(seconds)],
    ],
    sections: [curves(report), mistakes(report), confusion(report), ...insides(report), layers(report)],
    footer: `${images.source}: ${images.licence}`,
  });
}

function curves({ history, test }: Report): ReportSection {
  const steps = history.filter((event) => event.kind === 'step');
  const x = steps.map((_, i) => i + 1);
  const smooth = steps.length > 50 ? 0.97 : 0;
  return {
    title: 'Learning',
    intro: `Loss and accuracy of each batch before its step; the test set came once, at the end: loss ${test.loss.toFixed(4)}.`,
    html: columns(
      lineChart({
        title: 'Loss',
        xLabel: 'step',
        series: [{ name: 'loss', x, y: steps.map((s) => s.loss) }],
        logY: true,
        smooth,
      }),
      lineChart({
        title: 'Accuracy',
        xLabel: 'step',
        series: [{ name: 'accuracy', x, y: steps.map((s) => s.metrics['accuracy'] ?? Number.NaN) }],
        smooth,
      }),
    ),
  };
}

/** The most confident mistakes. */
function mistakes({ recipe, judged, images }: Report): ReportSection {
  const worst = judged
    .map((j, index) => ({ ...j, index }))
    .filter(({ actual, predicted }) => actual !== predicted)
    .sort((a, b) => a.ofActual - b.ofActual)
    .slice(0, 24);
  const [c, h, w] = recipe.inputShape as [number, number, number];
  return {
    title: 'Worst mistakes',
    intro: worst.length === 0 ? 'There were none.' : 'Test images with the least probability for what they are.',
    html: imageGrid({
      images: worst.map(({ index }) => pixelsOf(images.test.image, index)),
      shape: [worst.length, c, h, w],
      normalise: [0, 255],
      scale: 3,
      labels: worst.map(
        ({ actual, predicted, probability }) =>
          `is ${recipe.classes[actual]}, said ${recipe.classes[predicted]} (${probability.toFixed(2)})`,
      ),
    }),
  };
}

function confusion({ recipe, judged }: Report): ReportSection {
  const matrix = countConfusion(
    judged.map((j) => j.actual),
    judged.map((j) => j.predicted),
    recipe.classes.length,
  );
  return {
    title: 'Confusion matrix',
    intro: 'Rows are what an image is, columns what it was taken for. Mistakes are shaded, the darker the more often.',
    html: confusionMatrix({ matrix, labels: recipe.classes }),
  };
}

/** Filters of the first layer, and what each named convolution makes of one image. */
function insides({ recipe, model, params, state, images }: Report): ReportSection[] {
  const first = Object.entries(toRecord(params as never) as Record<string, Tensor>).find(([, t]) => t.rank === 4);
  const sections: ReportSection[] = [];
  if (first !== undefined) {
    const [name, weight] = first;
    const [o, i, h, w] = weight.shape as [number, number, number, number];
    sections.push({
      title: 'Filters of the first layer',
      intro: `${name}: ${o} filters of ${i}×${h}×${w}. Blue is negative, white zero, red positive.`,
      html: imageGrid({
        images: weight.dataSync(),
        shape: [o * i, 1, h, w],
        diverging: true,
        normalise: 'all',
        scale: 14,
      }),
    });
  }
  const sample = normalize('image', recipe.normalise)(gather(images.test, Int32Array.of(0)));
  const maps = featureMaps(model, params, state, columnTensor(sample.image));
  const html = maps.map(({ name, map }) => {
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
  const [c, h, w] = recipe.inputShape as [number, number, number];
  if (html.length > 0) {
    sections.push({
      title: 'Feature maps',
      intro:
        'The first test image, and the maps that the layers make of it; each map from its darkest to its brightest value.',
      html: imageGrid({ images: pixelsOf(images.test.image, 0), shape: [1, c, h, w], scale: 3 }) + html.join(''),
    });
  }
  return sections;
}

/** Outputs of the layers of a sequential model that still have spatial axes, those after nonlinearity or pooling. */
export function featureMaps(model: Layer, params: any, state: any, x: Tensor): { name: string; map: Tensor }[] {
  const maps: { name: string; map: Tensor }[] = [];
  let y = x;
  for (const [name, layer] of Object.entries(model.layers ?? {})) {
    [y] = layer.apply(params[name], state[name], y, { train: false });
    if (y.rank === 4 && !/conv|norm|flatten|dropout/.test(layer.kind)) maps.push({ name, map: y });
  }
  return maps;
}

function layers({ recipe, model }: Report): ReportSection {
  const { rows, parameters } = summary(model, recipe.inputShape);
  return {
    title: 'Layers',
    intro: 'The receptive field is the part of the input image that one output can see.',
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
