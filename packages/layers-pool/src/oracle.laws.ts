/** How a window slides, one entry for each axis. */
export interface Slide {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
  readonly ceil: boolean;
}

/**
 * How many windows there are along one axis, counted: one for each stride from which it ends inside the padded input; in
 * ceil mode one more that overhangs, if it starts before the padding after the input.
 */
export function countWindows({ kernel, stride, dilation, padding, ceil }: Slide, axis: number, size: number): number {
  const [before, after] = padding[axis];
  const last = (kernel[axis] - 1) * dilation[axis];
  let count = 0;
  while (count * stride[axis] + last < size + before + after) count++;
  const overhangs = (count - 1) * stride[axis] + last < size + before + after - 1;
  return ceil && overhangs && count * stride[axis] < size + before ? count + 1 : count;
}

/**
 * Every window of every plane of `[N, C, ...sizes]`, by the definition alone, one index after the other: its number, and
 * the flat indices in the plane that it reads. Windows shared by all planes.
 */
export function everyWindow(
  slide: Slide,
  sizes: readonly number[],
  visit: (window: number, reads: number[], at: number[]) => void,
): void {
  const counts = sizes.map((size, axis) => countWindows(slide, axis, size));
  let window = 0;
  for (const at of indices(counts)) {
    const reads: number[] = [];
    for (const k of indices(slide.kernel)) {
      const place = k.map((kk, a) => at[a] * slide.stride[a] + kk * slide.dilation[a] - slide.padding[a][0]);
      if (place.every((i, a) => i >= 0 && i < sizes[a]))
        reads.push(place.reduce((flat, i, a) => flat * sizes[a] + i, 0));
    }
    visit(window++, reads, at);
  }
}

/** All indices of a shape, the last axis fastest. */
function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  );
}
