import { SIDE } from './scenes.js';

/** A colour for each digit. */
const COLOURS = [
  [230, 25, 75],
  [60, 180, 75],
  [255, 200, 0],
  [0, 110, 230],
  [245, 130, 48],
  [145, 30, 180],
  [70, 200, 220],
  [240, 50, 230],
  [128, 128, 0],
  [0, 128, 128],
] as const;

/** Grey images of `size` pixels, with those of digits in their colours, as [n, 3, size] bytes. */
export function overlaid(
  images: ArrayLike<number>,
  classes: ArrayLike<number>,
  size: number = SIDE * SIDE,
): Uint8Array {
  const out = new Uint8Array(images.length * 3);
  for (let i = 0; i < images.length; i++) {
    const [scene, at] = [Math.floor(i / size), i % size];
    const colour = COLOURS[classes[i]! - 1];
    for (let c = 0; c < 3; c++) {
      const grey = images[i]! * 255;
      out[(scene * 3 + c) * size + at] = Math.round(colour === undefined ? grey : 0.35 * grey + 0.65 * colour[c]!);
    }
  }
  return out;
}

/** Which digit has which colour, as HTML. */
export function digitColours(): string {
  const items = COLOURS.map(
    (colour, digit) =>
      `<span style="white-space:nowrap;margin-right:14px"><span style="display:inline-block;width:12px;height:12px;border-radius:3px;vertical-align:-1px;background:rgb(${colour.join(',')})"></span> ${digit}</span>`,
  );
  return `<p style="font-size:14px;line-height:1.8;margin:0">${items.join(' ')}</p>`;
}
