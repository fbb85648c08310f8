import type { Column, Transform } from '@lemmata/data';
import type { LabelledImages } from '@lemmata/data/node';

/** Nothing, and the ten digits. */
export const CLASSES = 11;
export const SIDE = 28;

export type InkImages = {
  /** Brightness from 0 to 1, [n, 1, 28, 28]. */
  readonly image: Column<Float32Array>;
  /** What each pixel belongs to, [n, 28, 28]: 0 nothing, 1 + d the digit d. */
  readonly mask: Column<Int32Array>;
  readonly label: Column;
};

/** A pixel of at least half the full brightness is ink, and belongs to its digit. */
export const inked: Transform<LabelledImages, InkImages> = ({ image: { data, shape }, label }) => ({
  image: { data: Float32Array.from(data, (v) => v / 255), shape: [shape[0]!, 1, SIDE, SIDE] },
  mask: {
    data: Int32Array.from(data, (v, i) => (v >= 128 ? 1 + label.data[Math.floor(i / (SIDE * SIDE))]! : 0)),
    shape: [shape[0]!, SIDE, SIDE],
  },
  label,
});

/** The digit that most pixels of each image are said to belong to; −1 where none belongs to any. Of equals the least. */
export function byVote(said: ArrayLike<number>): number[] {
  const size = SIDE * SIDE;
  return Array.from({ length: said.length / size }, (_, image) => {
    const votes = new Array<number>(CLASSES).fill(0);
    for (let p = 0; p < size; p++) votes[said[image * size + p]!]!++;
    const most = Math.max(...votes.slice(1));
    return most === 0 ? -1 : votes.indexOf(most, 1) - 1;
  });
}
