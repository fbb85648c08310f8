import { sizeOf } from '@lemmata/shape';
import type { Placed, Stage } from '@lemmata/backend-wasm';
import { zeros } from '@lemmata/backend-wasm/kernels/fill';
import type { InputSums } from './geometry.js';
import { lanesScratch, lanesStages, paysInLanes } from './lanes.js';
import { placedShape, placeStage, staysPut } from './place.js';
import { align, slidingSumScratch, slidingSumStages } from './sliding-sum.js';

/** Whether images are laid in lanes. Elements that are in no sum have none there. */
const inLanes = ({ sums, gaps }: InputSums): boolean => !gaps && paysInLanes(sums);

/** Bytes that y takes where it is placed. */
function placedBytes({ placement, sums: [sum] }: InputSums): number {
  if (sum === undefined || staysPut(placement)) return 0;
  const { images, filters } = sum;
  return align(4 * images * filters.groups * filters.channels * sizeOf(placedShape(placement)));
}

/** Bytes of working memory: the sums run one after the other. */
export function inputGradientScratch(given: InputSums): number {
  if (inLanes(given)) return lanesScratch(given.sums);
  return placedBytes(given) + Math.max(0, ...given.sums.map((sum) => slidingSumScratch(sum, true)));
}

/** Stages that compute the gradient of a convolution with respect to x, from that with respect to y and from w. */
export function inputGradientStages(given: InputSums, y: number, w: number, out: Placed, scratch: number): Stage[] {
  const { placement, sums, gaps } = given;
  if (inLanes(given)) return lanesStages(sums, y, w, out.at, scratch);
  const bytes = placedBytes(given);
  const stages: Stage[] = gaps || sums.length === 0 ? [zeros(out)] : [];
  if (bytes > 0) {
    const { images, filters } = sums[0];
    stages.push(placeStage(placement, images * filters.groups * filters.channels, y, scratch));
  }
  const source = bytes > 0 ? scratch : y;
  return [...stages, ...sums.flatMap((sum) => slidingSumStages(sum, source, w, out.at, scratch + bytes, true))];
}
