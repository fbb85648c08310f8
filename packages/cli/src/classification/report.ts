import { gather, normalize } from '@lemmata/data';
import { summary, type Layer } from '@lemmata/nn';
import type { Tensor } from '@lemmata/tensor';
import { columnTensor, confusionMatrix as countConfusion, type Means } from '@lemmata/train';
import { confusionMatrix, imageGrid, type ReportSection } from '@lemmata/visualize';
import { duration } from '../progress.js';
import type { Outcome, Training } from '../recipe/recipe.js';
import { featureMapsSection, filtersSection, layersSection, learningSection } from '../recipe/sections.js';
import { pixelsOf, type ImageSet, type Judged } from './images.js';

export interface Judgement {
  readonly images: ImageSet;
  readonly normalise: Parameters<typeof normalize>[1];
  readonly model: Layer;
  readonly params: unknown;
  readonly state: unknown;
  readonly judged: readonly Judged[];
  readonly test: Means & { readonly size: number };
}

/** The first test images, as the network reads them. */
export function testImages({ images, normalise }: Judgement, count: number): Tensor {
  const { image } = images.test;
  const first = gather(
    { image },
    Int32Array.from({ length: Math.min(count, image.shape[0]!) }, (_, i) => i),
  );
  return columnTensor(normalize('image', normalise)(first).image);
}

/** What a trained classifier is worth, and the page that shows it, with these sections beside those of every classifier. */
export function classificationOutcome(
  judgement: Judgement,
  { history, seconds, seed }: Training,
  sections: readonly ReportSection[] = [],
): Outcome {
  const { judged, test, images, model, params } = judgement;
  const inputShape = images.test.image.shape.slice(1);
  const accuracy = test.metrics['accuracy']!;
  const wrong = judged.filter(({ actual, predicted }) => actual !== predicted).length;
  const parameters = summary(model, inputShape).parameters;
  return {
    result: { name: 'test accuracy', value: accuracy, digits: 4 },
    figures: { test, parameters },
    subtitle: `${images.source}, ${test.size.toLocaleString('en')} test images, seed ${seed}`,
    facts: [
      ['Test accuracy', `${(accuracy * 100).toFixed(2)}%`],
      ['Mistakes', `${wrong} of ${test.size.toLocaleString('en')}`],
      ['Test loss', test.loss.toFixed(4)],
      ['Parameters', parameters.toLocaleString('en')],
      ['Training time', duration(seconds)],
    ],
    sections: [
      learningSection(
        history,
        `Loss and accuracy of each batch before its step; the test set came once, at the end: loss ${test.loss.toFixed(4)}.`,
      ),
      mistakes(judgement),
      confusion(judgement),
      ...sections,
      ...filtersSection(params),
      ...insides(judgement),
      layersSection(model, inputShape),
    ],
    footer: `${images.source}: ${images.licence}`,
  };
}

/** The most confident mistakes. */
function mistakes({ judged, images }: Judgement): ReportSection {
  const worst = judged
    .map((j, index) => ({ ...j, index }))
    .filter(({ actual, predicted }) => actual !== predicted)
    .sort((a, b) => a.ofActual - b.ofActual)
    .slice(0, 24);
  const [c, h, w] = images.test.image.shape.slice(1) as [number, number, number];
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
          `is ${images.classes[actual]}, said ${images.classes[predicted]} (${probability.toFixed(2)})`,
      ),
    }),
  };
}

function confusion({ judged, images: { classes } }: Judgement): ReportSection {
  const matrix = countConfusion(
    judged.map((j) => j.actual),
    judged.map((j) => j.predicted),
    classes.length,
  );
  return {
    title: 'Confusion matrix',
    intro: 'Rows are what an image is, columns what it was taken for. Mistakes are shaded, the darker the more often.',
    html: confusionMatrix({ matrix, labels: classes }),
  };
}

/** What each named layer makes of one image. */
function insides(judgement: Judgement): ReportSection[] {
  const { images, model, params, state } = judgement;
  const { image } = images.test;
  const [c, h, w] = image.shape.slice(1) as [number, number, number];
  const picture = imageGrid({ images: pixelsOf(image, 0), shape: [1, c, h, w], scale: 3 });
  return featureMapsSection(model, params, state, testImages(judgement, 1), picture);
}
