import { resizeByArea } from '@lemmata/data';

/** A grey image, 0 black to 1 white, row by row. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float64Array;
}

/**
 * A drawing as MNIST has them: white on black, whatever paper and ink were (the paper is what the border shows, the ink what differs
 * most from it), its box scaled with its proportions kept so that its longer side is `side`, which is 20 for digits, and its centre of
 * mass in the middle of 28×28; null if it is blank. An image of that size already is only inverted if its border is bright.
 *
 * Source: http://yann.lecun.com/exdb/mnist/
 */
export function asDrawing(image: GreyImage, side: number): Uint8Array | null {
  const { width, height, pixels } = image;
  const paper = borderMean(image);
  if (width === 28 && height === 28) return Uint8Array.from(pixels, (v) => Math.round((paper > 0.5 ? 1 - v : v) * 255));
  let [darker, brighter] = [0, 0];
  for (const v of pixels) {
    darker = Math.max(darker, paper - v);
    brighter = Math.max(brighter, v - paper);
  }
  const most = darker > brighter ? -darker : brighter;
  if (Math.abs(most) < LEAST_CONTRAST) return null;
  const ink = pixels.map((v) => Math.max(0, (v - paper) / most));
  const box = inkBox(ink, width, height);
  const scale = side / Math.max(box.width, box.height);
  const [w, h] = [Math.max(1, Math.round(box.width * scale)), Math.max(1, Math.round(box.height * scale))];
  const inside = Float64Array.from(
    { length: box.height * box.width },
    (_, i) => ink[(box.top + Math.floor(i / box.width)) * width + box.left + (i % box.width)]!,
  );
  const small = resizeByArea(inside, { channels: 1, height: box.height, width: box.width, to: [h, w] });
  let [mass, mx, my] = [0, 0, 0];
  small.forEach((v, i) => {
    mass += v;
    mx += v * (i % w);
    my += v * Math.floor(i / w);
  });
  const left = Math.min(28 - w, Math.max(0, Math.round(13.5 - mx / mass)));
  const top = Math.min(28 - h, Math.max(0, Math.round(13.5 - my / mass)));
  const out = new Uint8Array(28 * 28);
  small.forEach((v, i) => (out[(top + Math.floor(i / w)) * 28 + left + (i % w)] = Math.round(v * 255)));
  return out;
}

/** What differs less from the paper is no ink. */
const LEAST_CONTRAST = 0.2;

function borderMean({ width, height, pixels }: GreyImage): number {
  let [total, count] = [0, 0];
  pixels.forEach((v, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    if (x > 0 && y > 0 && x < width - 1 && y < height - 1) return;
    total += v;
    count++;
  });
  return total / count;
}

/** The smallest box around everything three tenths as bright as the brightest ink: light falls unevenly on paper. */
function inkBox(
  ink: Float64Array,
  width: number,
  height: number,
): { left: number; top: number; width: number; height: number } {
  let [left, top, right, bottom] = [width, height, -1, -1];
  ink.forEach((v, i) => {
    if (v < 0.3) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  });
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}
