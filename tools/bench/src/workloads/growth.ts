import type { Workload } from '../workload.js';
import { models, resnet20On, trained } from './networks.js';

/** What grows: so many images of 32², or so many pixels along the side of 8 images. */
export const GROWTH = { batch: [4, 8, 16, 32, 64], side: [16, 24, 32, 48, 64] } as const;

/** The shape of the images of a part such as `batch-16`. */
export function growthInput(part: string): readonly number[] {
  const [axis, size] = part.split('-');
  return axis === 'batch' ? [Number(size), 3, 32, 32] : [8, 3, Number(size), Number(size)];
}

/** A ResNet-20 step as its input grows: the page plots it. */
export const growth: Workload = {
  id: 'growth',
  title: 'ResNet-20 step, of growing batches of 32² and images in batches of 8',
  parts: Object.entries(GROWTH).flatMap(([axis, sizes]) => sizes.map((size) => `${axis}-${size}`)),
  peers: ['lemmata', 'torch'],
  task: (part) => resnet20On(growthInput(part)),
  lemmata: (library, part) => trained(library, models.resnet20(), resnet20On(growthInput(part))),
};
