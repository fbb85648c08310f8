import { DIVERGING_GRADIENT, NOT_FINITE, type Rgb, diverging as divergingMap, gray, shareOf } from './colour.js';
import { describeNonFinite, finiteExtent, formatNumber } from './number.js';
import { checkInteger, checkLength, checkOptions } from './options.js';
import { pngDataUri } from './png.js';
import { element, escapeText } from './xml.js';

export interface ImageGridOptions {
  /** All pixels one after the other, or one list of c·h·w pixels an image. */
  readonly images: ArrayLike<number> | readonly ArrayLike<number>[];
  /** [n, c, h, w] with c = 1 (grey) or 3 (RGB). */
  readonly shape: readonly [n: number, c: number, h: number, w: number];
  /** Columns at full width; narrow screens wrap earlier. Default: up to 8. */
  readonly columns?: number;
  /** Screen pixels a pixel. Default: the least integer that makes an image 96 px wide. */
  readonly scale?: number;
  /** What is black and what is white: least and greatest of `each` image, of `all` images, or the two given values. Default `all`. */
  readonly normalise?: 'each' | 'all' | readonly [low: number, high: number];
  /** Blue–white–red with white at 0, for filters; c = 1 only. The range is made symmetric. Default false. */
  readonly diverging?: boolean;
  /** A caption an image. Default: none. */
  readonly labels?: readonly string[];
  /** Above the picture. Default: none. */
  readonly title?: string;
}

const OPTIONS = ['images', 'shape', 'columns', 'scale', 'normalise', 'diverging', 'labels', 'title'];
type Range = readonly [low: number, high: number];

/**
 * Small images side by side as an HTML fragment: filters, feature maps, digits. Pixels are drawn as sharp squares. Non-finite
 * values are magenta and counted; values outside a given range are drawn as its ends and counted; the range is written beneath, unless
 * it is a given one of colour images. An image of one value, which has no scale of its own, is grey.
 * @throws TypeError for unknown options; RangeError for shapes, lengths or ranges that do not fit.
 */
export function imageGrid(options: ImageGridOptions): string {
  checkOptions('imageGrid', options, OPTIONS);
  const { shape, normalise = 'all', diverging = false, labels, title } = options;
  if (shape?.length !== 4) throw new RangeError(`imageGrid: shape is [${shape}], expected [n, c, h, w]`);
  const [n, c, h, w] = shape;
  checkInteger('imageGrid', 'shape[0] (images)', n, 0);
  checkInteger('imageGrid', 'shape[2] (height)', h, 1);
  checkInteger('imageGrid', 'shape[3] (width)', w, 1);
  if (c !== 1 && c !== 3) {
    throw new RangeError(
      `imageGrid: shape[1] is ${c} channels, expected 1 or 3; to see each channel as an image of its own, pass shape [${n * c}, 1, ${h}, ${w}]`,
    );
  }
  if (diverging && c === 3)
    throw new RangeError('imageGrid: diverging needs 1 channel, received 3; pass each channel as an image');
  if (labels !== undefined) checkLength('imageGrid', 'labels', labels.length, n);
  const scale = options.scale ?? Math.max(1, Math.ceil(96 / w));
  if (!(scale > 0 && scale <= 1000))
    throw new RangeError(`imageGrid: scale is ${scale}, expected more than 0, at most 1000`);
  const columns = options.columns ?? Math.max(1, Math.min(8, n));
  checkInteger('imageGrid', 'columns', columns, 1);

  const images = split(options.images, n, c * h * w);
  const ranges = rangesOf(images, normalise, diverging);
  const size = w * scale;
  const figures = images.map((pixels, i) => {
    const range = ranges[i];
    const picture = element('img', {
      src: pngDataUri(paint(pixels, c, h * w, range, diverging), h, w),
      width: size,
      height: h * scale,
      alt: labels?.[i] ?? `image ${i + 1} of ${n}`,
      title: `${formatNumber(range[0])} to ${formatNumber(range[1])}`,
      style: `display:block;width:100%;height:auto;image-rendering:pixelated;outline:1px solid var(--lm-line,#ccc);outline-offset:0`,
    });
    const caption =
      labels === undefined
        ? ''
        : element(
            'figcaption',
            {
              style: 'font-size:12px;line-height:1.35;margin-top:5px;color:var(--lm-muted,#666);overflow-wrap:anywhere',
            },
            escapeText(labels[i]),
          );
    return element('figure', { style: `margin:0;width:${size}px;max-width:100%` }, picture, caption);
  });
  const gap = 12;
  // Three images across a phone. A share of the grid's own width would shrink one image that stands alone.
  const grid = element(
    'div',
    {
      style: `display:grid;gap:${gap}px;grid-template-columns:repeat(auto-fill,minmax(min(${size}px,26vw),1fr));max-width:${columns * (size + gap) - gap}px`,
    },
    ...figures,
  );
  const heading =
    title === undefined
      ? ''
      : element('p', { style: 'font-size:15px;font-weight:600;margin:0 0 10px' }, escapeText(title));
  const key =
    n === 0
      ? 'no images'
      : colourKey(
          // The scale of three colours is no bar of grey, and that of decoded pictures goes without saying.
          normalise === 'each' || c === 3 ? null : ranges[0],
          [
            ...(c === 3 && normalise === 'all' ? [`each colour from ${ranges[0].map(formatNumber).join(' to ')}`] : []),
            ...notesOf(images, ranges, normalise === 'each', diverging),
          ],
          diverging,
        );
  const style = 'font-size:12px;margin:10px 0 0;color:var(--lm-muted,#666);font-variant-numeric:tabular-nums';
  const foot = key === '' ? '' : element('p', { style }, key);
  return element('div', {}, heading, grid, foot);
}

function split(images: ImageGridOptions['images'], n: number, size: number): ArrayLike<number>[] {
  if (typeof images[0] === 'object') {
    checkLength('imageGrid', 'images', images.length, n);
    (images as ArrayLike<number>[]).forEach((image, i) => checkLength('imageGrid', `image ${i}`, image.length, size));
    return [...(images as ArrayLike<number>[])];
  }
  checkLength('imageGrid', 'images', images.length, n * size);
  const flat = images as ArrayLike<number>;
  return Array.from({ length: n }, (_, i) => Array.from({ length: size }, (_, j) => flat[i * size + j]));
}

function rangesOf(
  images: ArrayLike<number>[],
  normalise: NonNullable<ImageGridOptions['normalise']>,
  diverging: boolean,
): Range[] {
  const centred = ([low, high]: Range): Range => {
    const reach = Math.max(Math.abs(low), Math.abs(high));
    return diverging ? [-reach, reach] : [low, high];
  };
  if (typeof normalise !== 'string') {
    const [low, high] = normalise;
    if (normalise.length !== 2 || !(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
      throw new RangeError(`imageGrid: normalise is [${normalise}], expected two finite numbers, the lower first`);
    }
    if (diverging && low !== -high) {
      throw new RangeError(
        `imageGrid: normalise is [${low}, ${high}], expected [-r, r] with diverging, so that white is 0`,
      );
    }
    return images.map(() => normalise);
  }
  if (normalise !== 'each' && normalise !== 'all') {
    throw new TypeError(`imageGrid: normalise is '${String(normalise)}', expected 'each', 'all' or [low, high]`);
  }
  const extents = images.map((image) => finiteExtent(image).extent);
  const whole = finiteExtent(extents.filter((extent) => extent !== null).flat()).extent;
  return extents.map((extent) => centred((normalise === 'all' ? whole : extent) ?? [0, 1]));
}

/** Bytes of one image from c planes of values: one a pixel where all are grey, else three. */
function paint(pixels: ArrayLike<number>, c: number, area: number, [low, high]: Range, diverging: boolean): Uint8Array {
  const colourAt = (i: number): Rgb => {
    const planes = Array.from({ length: c }, (_, k) => pixels[k * area + i]);
    if (!planes.every(Number.isFinite)) return NOT_FINITE;
    const shares = planes.map((v) => shareOf(v, low, high));
    if (diverging) return divergingMap(shares[0]);
    if (c === 1) return gray(shares[0]);
    return [gray(shares[0])[0], gray(shares[1])[0], gray(shares[2])[0]];
  };
  const colours = Array.from({ length: area }, (_, i) => colourAt(i));
  const isGray = colours.every(([r, g, b]) => r === g && g === b);
  return Uint8Array.from(isGray ? colours.map(([r]) => r) : colours.flat());
}

function notesOf(images: ArrayLike<number>[], ranges: Range[], each: boolean, diverging: boolean): string[] {
  let outside = 0;
  const nonFinite = { nan: 0, positive: 0, negative: 0 };
  images.forEach((image, i) => {
    const [low, high] = ranges[i];
    outside += Array.from(image).filter((v) => Number.isFinite(v) && (v < low || v > high)).length;
    const counted = finiteExtent(image).nonFinite;
    nonFinite.nan += counted.nan;
    nonFinite.positive += counted.positive;
    nonFinite.negative += counted.negative;
  });
  const notes: string[] = [];
  if (each) notes.push(diverging ? 'each image on its own scale, white is 0' : 'each image on its own scale');
  const flat = ranges.filter(([low, high]) => low === high).length;
  if (each && flat > 0) notes.push(`${flat} grey all over: of one value`);
  if (outside > 0) notes.push(`${outside} ${outside === 1 ? 'value' : 'values'} outside the range, drawn as its ends`);
  const described = describeNonFinite(nonFinite);
  if (described !== '') notes.push(`magenta: ${described}`);
  return notes;
}

/** The shared range as a bar of its colours, if there is one, and the notes. */
function colourKey(range: Range | null, notes: string[], diverging: boolean): string {
  const ground = diverging ? DIVERGING_GRADIENT : 'linear-gradient(90deg,#000,#fff)';
  const look = `display:inline-block;width:72px;height:8px;border-radius:2px;outline:1px solid var(--lm-line,#ccc);background:${ground}`;
  const bar = element('span', { style: look }, '');
  const key =
    range === null
      ? []
      : [
          element(
            'span',
            { style: 'white-space:nowrap' },
            formatNumber(range[0]),
            ' ',
            bar,
            ' ',
            formatNumber(range[1]),
          ),
        ];
  return [...key, ...notes.map(escapeText)].join(' · ');
}
