import type { Column } from '@lemmata/data';

/** Images `[n, channels, height, width]` with so many black pixels added on all sides. */
export function bordered({ data, shape }: Column<Uint8Array>, border: number): Column<Uint8Array> {
  if (border === 0) return { data, shape };
  const [n, c, h, w] = shape as readonly [number, number, number, number];
  const [height, width] = [h + 2 * border, w + 2 * border];
  const out = new Uint8Array(n * c * height * width);
  for (let row = 0; row < n * c * h; row++) {
    const [plane, y] = [Math.floor(row / h), row % h];
    out.set(data.subarray(row * w, (row + 1) * w), (plane * height + y + border) * width + border);
  }
  return { data: out, shape: [n, c, height, width] };
}
