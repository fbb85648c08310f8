import type { Placed, Stage } from '@lemmata/backend-wasm';
import { zeros } from '@lemmata/backend-wasm/kernels/fill';
import type { InputSums } from './geometry.js';
import { lanesScratch, lanesStages, paysInLanes } from './lanes.js';
import { placeStage, staysPut } from './place.js';
import { slidingSumKept, slidingSumScratch, slidingSumStages } from './sliding-sum.js';

/** Whether images are laid in lanes. Elements that are in no sum have none there. */
const inLanes = ({ sums, gaps }: InputSums): boolean => !gaps && paysInLanes(sums);

/** Bytes of working memory: y is placed once for all sums. */
export function inputGradientScratch(given: InputSums): number {
  const { sums } = given;
  if (inLanes(given)) return lanesScratch(sums);
  return sums.length === 0 ? 0 : slidingSumScratch(sums[0]);
}

/** Bytes of what depends on w alone. */
export function inputGradientKept(given: InputSums): number {
  return inLanes(given) ? 0 : given.sums.reduce((bytes, sum) => bytes + slidingSumKept(sum), 0);
}

/** Stages that compute the gradient of a convolution with respect to x, from that with respect to y and from w. */
export function inputGradientStages(
  given: InputSums,
  y: number,
  w: number,
  out: Placed,
  scratch: number,
  kept: number,
): Stage[] {
  const { placement, sums, gaps } = given;
  if (inLanes(given)) return lanesStages(sums, y, w, out.at, scratch);
  const stages: Stage[] = gaps || sums.length === 0 ? [zeros(out)] : [];
  const placed = !staysPut(placement) && sums.length > 0;
  if (placed) {
    const { images, filters } = sums[0];
    stages.push(placeStage(placement, images * filters.groups * filters.channels, y, scratch));
  }
  let at = kept;
  for (const sum of sums) {
    stages.push(...slidingSumStages(sum, placed ? scratch : y, w, out.at, scratch, at, true));
    at += slidingSumKept(sum);
  }
  return stages;
}
