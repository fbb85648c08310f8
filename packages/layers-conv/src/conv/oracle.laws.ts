/**
 * The trilinear form by the definition alone, for the laws: one loop for each index, bounds tested at every element, in
 * float64. It shares nothing with the ops. Fewer than three spatial axes are three of which the first have size 1.
 */
export interface Walk {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
  readonly groups: number;
  /** What lies around x. Default zeros, which are not visited. */
  readonly fill?: 'zeros' | 'reflect' | 'replicate' | 'circular';
  /** Zeros around x are visited too, as element −1: they turn an infinite weight into NaN. */
  readonly visitsZeros?: true;
}

/** Calls `visit` with the flat indices of every x, w and y that are multiplied with one another. */
export function walk(shapes: Walk, visit: (x: number, w: number, y: number) => void): void {
  const { groups, fill = 'zeros' } = shapes;
  const three = (list: readonly number[], fill: number): readonly number[] => [fill, fill, ...list].slice(-3);
  const [N, C, ...xs] = shapes.x;
  const [O, , ...ws] = shapes.w;
  const [X0, X1, X2] = three(xs, 1);
  const [K0, K1, K2] = three(ws, 1);
  const [Y0, Y1, Y2] = three(shapes.y.slice(2), 1);
  const [s0, s1, s2] = three(shapes.stride, 1);
  const [d0, d1, d2] = three(shapes.dilation, 1);
  const [p0, p1, p2] = three(
    shapes.padding.map(([before]) => before),
    0,
  );
  const perGroup = C / groups;
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      for (let c = 0; c < perGroup; c++) {
        const channel = Math.floor(o / (O / groups)) * perGroup + c;
        for (let j0 = 0; j0 < Y0; j0++) {
          for (let j1 = 0; j1 < Y1; j1++) {
            for (let j2 = 0; j2 < Y2; j2++) {
              for (let k0 = 0; k0 < K0; k0++) {
                for (let k1 = 0; k1 < K1; k1++) {
                  for (let k2 = 0; k2 < K2; k2++) {
                    const i0 = inside(fill, j0 * s0 + k0 * d0 - p0, X0);
                    const i1 = inside(fill, j1 * s1 + k1 * d1 - p1, X1);
                    const i2 = inside(fill, j2 * s2 + k2 * d2 - p2, X2);
                    const zero = i0 < 0 || i1 < 0 || i2 < 0;
                    if (zero && !shapes.visitsZeros) continue;
                    visit(
                      zero ? -1 : (((n * C + channel) * X0 + i0) * X1 + i1) * X2 + i2,
                      (((o * perGroup + c) * K0 + k0) * K1 + k1) * K2 + k2,
                      (((n * O + o) * Y0 + j0) * Y1 + j1) * Y2 + j2,
                    );
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

/** The element of `size` that lies at i, by going back step by step; −1 for a zero. */
function inside(fill: string, i: number, size: number): number {
  while (i < 0 || i >= size) {
    if (fill === 'zeros') return -1;
    if (fill === 'replicate') i += i < 0 ? 1 : -1;
    else if (fill === 'circular') i += i < 0 ? size : -size;
    else i = i < 0 ? -i : 2 * size - 2 - i;
  }
  return i;
}

/** How many windows there are along one axis, counted: one for each stride from which it ends inside the padded input. */
export function countWindows(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: readonly [number, number],
): number {
  let count = 0;
  while (count * stride + (kernel - 1) * dilation < size + padding[0] + padding[1]) count++;
  return count;
}
