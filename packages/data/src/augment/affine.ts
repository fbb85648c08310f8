import { zerosLike } from '../columns.js';
import { checkKeys } from '../options.js';
import { fillOf } from './geometry.js';
import { draws, holder, type Image, type ImageChange } from './image.js';
import { checkLength, checkSpread, show, type Spread } from './options.js';

/** How an image is moved about its centre. */
export interface Motion {
  /** Counter-clockwise as seen, in degrees. */
  readonly degrees: number;
  /** To the right and down, as shares of width and height. */
  readonly translate: readonly [x: number, y: number];
  /** 2 makes everything twice as large. */
  readonly scale: number;
  /** Rows slide by the tangent of so many degrees; positive: those above the centre to the right. */
  readonly shear: number;
}

export interface SamplingOptions {
  /** Default bilinear; nearest for masks of class numbers. */
  readonly interpolation?: 'bilinear' | 'nearest';
  /** Outside of the image. Default 0. */
  readonly fill?: number | readonly number[];
}

export interface AffineOptions extends SamplingOptions {
  /** Default 0. */
  readonly degrees?: Spread;
  /** The largest shift to any side, as a share of width and of height. Default [0, 0]. */
  readonly translate?: readonly [x: number, y: number];
  /** From the first to the second. Default [1, 1]. */
  readonly scale?: readonly [low: number, high: number];
  /** Default 0. */
  readonly shear?: Spread;
}

/**
 * Rotates, shifts, scales and shears each image about its centre, by amounts drawn evenly from their ranges. Each pixel of
 * the result is looked up where it came from: (x, y) = centre + M⁻¹ (x′ − centre − shift), M = scale · rotation · shear.
 * Pixels are squares whose centres lie at halves, so that the centre of an image is the middle of its area.
 */
export function randomAffine(options: AffineOptions): ImageChange {
  checkKeys('randomAffine', options, ['degrees', 'translate', 'scale', 'shear', 'interpolation', 'fill']);
  const { degrees = 0, translate = [0, 0], scale = [1, 1], shear = 0, ...sampling } = options;
  const turn = checkSpread('randomAffine', 'degrees', degrees, 0, -Infinity);
  const size = checkSpread('randomAffine', 'scale', scale, 1, Number.MIN_VALUE);
  const slide = checkSpread('randomAffine', 'shear', shear, 0, -Infinity);
  checkLength('randomAffine', 'scale', scale, 2);
  checkLength('randomAffine', 'translate', translate, 2);
  for (const share of translate)
    if (!(Number.isFinite(share) && share >= 0))
      throw new RangeError(`randomAffine: received translate = ${show(share)}; expected two numbers of at least 0`);
  const sample = sampler('randomAffine', sampling);
  return (image, key) => {
    const [a, b, c, d, e] = draws(key, 5) as [number, number, number, number, number];
    const between = ([low, high]: readonly [number, number], draw: number): number => low + (high - low) * draw;
    return sample(image, {
      degrees: between(turn, a),
      translate: [translate[0] * (2 * b - 1), translate[1] * (2 * c - 1)],
      scale: between(size, d),
      shear: between(slide, e),
    });
  };
}

/** {@link randomAffine} that rotates alone: by up to so many degrees either way, or from the first to the second. */
export function randomRotation(degrees: Spread, options: SamplingOptions = {}): ImageChange {
  checkKeys('randomRotation', options, ['interpolation', 'fill']);
  return randomAffine({ ...options, degrees });
}

/**
 * One image moved as told, without any draw.
 *
 * @throws RangeError for a scale that is not positive, and a number that is not finite.
 */
export function affine(image: Image, motion: Partial<Motion>, options: SamplingOptions = {}): Image {
  checkKeys('affine', motion, ['degrees', 'translate', 'scale', 'shear']);
  const { degrees = 0, translate = [0, 0], scale = 1, shear = 0 } = motion;
  checkLength('affine', 'translate', translate, 2);
  for (const [name, value] of Object.entries({
    degrees,
    'translate[0]': translate[0],
    'translate[1]': translate[1],
    scale,
    shear,
  }))
    if (!Number.isFinite(value) || (name === 'scale' && value <= 0))
      throw new RangeError(
        `affine: received ${name} = ${String(value)}; expected a ${name === 'scale' ? 'positive, finite' : 'finite'} number`,
      );
  return sampler('affine', options)(image, { degrees, translate, scale, shear });
}

function sampler(op: string, options: SamplingOptions): (image: Image, motion: Motion) => Image {
  checkKeys(op, options, ['interpolation', 'fill']);
  const { interpolation = 'bilinear', fill = 0 } = options;
  if (interpolation !== 'bilinear' && interpolation !== 'nearest')
    throw new RangeError(`${op}: received interpolation '${String(interpolation)}'; expected bilinear or nearest`);
  const fills = [fill].flat();
  return (image, motion) => {
    const { data, channels, height, width } = image;
    const out = zerosLike(data, data.length);
    const hold = holder(data);
    const [m00, m01, m10, m11] = inverse(motion);
    const [tx, ty] = [motion.translate[0] * width, motion.translate[1] * height];
    for (let c = 0; c < channels; c++) {
      const outside = fillOf(op, fills, c, image);
      const at = (y: number, x: number): number =>
        y < 0 || x < 0 || y >= height || x >= width ? outside : data[(c * height + y) * width + x]!;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const [dx, dy] = [x + 0.5 - width / 2 - tx, y + 0.5 - height / 2 - ty];
          const u = near(m00 * dx + m01 * dy + width / 2 - 0.5);
          const v = near(m10 * dx + m11 * dy + height / 2 - 0.5);
          out[(c * height + y) * width + x] =
            interpolation === 'nearest' ? at(Math.floor(v + 0.5), Math.floor(u + 0.5)) : hold(bilinear(at, v, u));
        }
    }
    return { data: out, channels, height, width };
  };
}

/** Right angles land on pixels exactly: what sines leave of them is no distance. */
function near(place: number): number {
  const whole = Math.round(place);
  return Math.abs(place - whole) < 1e-9 ? whole : place;
}

function bilinear(at: (y: number, x: number) => number, v: number, u: number): number {
  const [y, x] = [Math.floor(v), Math.floor(u)];
  const [fy, fx] = [v - y, u - x];
  const above = fx === 0 ? at(y, x) : at(y, x) * (1 - fx) + at(y, x + 1) * fx;
  if (fy === 0) return above;
  const below = fx === 0 ? at(y + 1, x) : at(y + 1, x) * (1 - fx) + at(y + 1, x + 1) * fx;
  return above * (1 - fy) + below * fy;
}

/** The inverse of scale · rotation · shear, where x runs right and y down. */
function inverse({ degrees, scale, shear }: Motion): [number, number, number, number] {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const k = -Math.tan((shear * Math.PI) / 180);
  // Rotation as seen counter-clockwise with y down: (x, y) → (cos·x + sin·y, −sin·x + cos·y); shear: (x + k·y, y).
  const [a, b, c, d] = [scale * cos, scale * (cos * k + sin), -scale * sin, scale * (cos - sin * k)];
  const det = a * d - b * c;
  return [d / det, -b / det, -c / det, a / det];
}
