/**
 * Sizes along each axis, outermost first. `[]` is a scalar. In this library the axes of images are
 * `[N, C, ...spatial]`: batch, channels, then any number of spatial axes.
 */
export type Shape = readonly number[];

/** `[2, 3, 8, 8]`; the one way in which every error message prints a shape. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** True when both have the same rank and the same size along every axis. Nothing is broadcast. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
