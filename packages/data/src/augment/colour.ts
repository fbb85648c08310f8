import { zerosLike } from '../columns.js';
import { checkKeys } from '../options.js';
import { draws, holder, type Image, type ImageChange, whiteOf } from './image.js';
import { checkSpread, show, type Spread } from './options.js';

export interface ColorJitterOptions {
  /** Factor of all values: from 1 − x to 1 + x (never below 0), or from the first to the second. Default 0: none. */
  readonly brightness?: Spread;
  /** Factor of the distance from the image's mean luma. Default 0. */
  readonly contrast?: Spread;
  /** Factor of the distance from each pixel's own luma; 0 is grey. Three channels. Default 0. */
  readonly saturation?: Spread;
  /** Turn of the colour circle, in turns: from −x to x, at most ½. Three channels. Default 0. */
  readonly hue?: Spread;
}

/** ITU-R BT.601 luma of red, green and blue. */
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * Changes brightness, contrast, saturation and hue of each image, in this order, by amounts drawn evenly from their ranges.
 * Values stay between black, 0, and white: 255 for bytes, 1 otherwise.
 *
 * Hue turns the plane of equal luma: colours are seen as (Y, I, Q) of the NTSC, and (I, Q) is rotated.
 */
export function colorJitter(options: ColorJitterOptions): ImageChange {
  checkKeys('colorJitter', options, ['brightness', 'contrast', 'saturation', 'hue']);
  const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = options;
  const factors = Object.entries({ brightness, contrast, saturation }).map(([name, spread]) =>
    checkSpread('colorJitter', name, spread, 1, 0),
  );
  const turns = checkSpread('colorJitter', 'hue', hue, 0, -0.5);
  if (turns[1] > 0.5) throw new RangeError(`colorJitter: received hue = ${show(hue)}; expected at most 0.5`);
  const needsColour = [saturation, hue].some((spread) => spread !== 0);
  return (image, key) => {
    if (needsColour && image.channels !== 3)
      throw new RangeError(`colorJitter: saturation and hue need 3 channels, received ${image.channels}`);
    const drawn = draws(key, 4);
    const [light, spread, colour, turn] = [...factors, turns].map(
      ([low, high], i) => low + (high - low) * drawn[i]!,
    ) as [number, number, number, number];
    return jittered(image, light, spread, colour, turn);
  };
}

function jittered(image: Image, light: number, spread: number, colour: number, turn: number): Image {
  const { data, channels, height, width } = image;
  const white = whiteOf(data);
  const hold = holder(data);
  const size = height * width;
  const clamp = (value: number): number => Math.min(white, Math.max(0, value));
  const bright = Float64Array.from(data, (value) => clamp(value * light));
  const luma = (values: Float64Array, i: number): number =>
    channels === 3
      ? LUMA[0] * values[i]! + LUMA[1] * values[size + i]! + LUMA[2] * values[2 * size + i]!
      : mean(values, i);
  const mean = (values: Float64Array, i: number): number => {
    let total = 0;
    for (let c = 0; c < channels; c++) total += values[c * size + i]!;
    return total / channels;
  };
  let grey = 0;
  for (let i = 0; i < size; i++) grey += luma(bright, i) / size;
  const contrasted = bright.map((value) => clamp(grey + (value - grey) * spread));
  const out = zerosLike(data, data.length);
  // Also of other than three channels, of which neither is asked.
  if (colour === 1 && turn === 0) {
    contrasted.forEach((value, i) => (out[i] = hold(value)));
    return { data: out, channels, height, width };
  }
  const [sin, cos] = [Math.sin(2 * Math.PI * turn), Math.cos(2 * Math.PI * turn)];
  for (let i = 0; i < size; i++) {
    const y = luma(contrasted, i);
    // What a pixel is beside its luma: saturation stretches it, hue turns it.
    const [r, g, b] = [0, 1, 2].map((c) => (contrasted[c * size + i]! - y) * colour) as [number, number, number];
    const p = 0.596 * r - 0.274 * g - 0.322 * b;
    const q = 0.211 * r - 0.523 * g + 0.312 * b;
    const [u, v] = [p * cos - q * sin, p * sin + q * cos];
    const turned = turn === 0 ? [r, g, b] : [0.956 * u + 0.621 * v, -0.272 * u - 0.647 * v, -1.106 * u + 1.703 * v];
    turned.forEach((value, c) => (out[c * size + i] = hold(clamp(y + value))));
  }
  return { data: out, channels, height, width };
}
