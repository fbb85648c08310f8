import { i32, type FunctionBuilder, type I32, type Local } from './assembler/index.js';

/** Takes the number of a row apart into indices along `sizes`, the last axis fastest. */
export function eachIndex(
  f: FunctionBuilder,
  row: I32,
  sizes: readonly I32[],
  visit: (axis: number, index: I32) => void,
): void {
  const rest = f.let(row);
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const above = f.let(i32.div_u(rest, sizes[axis]));
    visit(axis, f.let(i32.sub(rest, i32.mul(above, sizes[axis]))));
    f.set(rest, above);
  }
}

/**
 * Loops over all indices along `sizes`; `body` gets where each start lies in some arrays, whose `strides` are in bytes.
 */
export function eachStart(
  f: FunctionBuilder,
  from: readonly I32[],
  sizes: readonly I32[],
  strides: readonly (readonly I32[])[],
  body: (starts: readonly Local<'i32'>[]) => void,
): void {
  const starts = from.map((at) => f.let(at));
  if (sizes.length === 0) {
    body(starts);
    return;
  }
  f.repeat(f.let(sizes[0]), () => {
    eachStart(
      f,
      starts,
      sizes.slice(1),
      strides.map((of) => of.slice(1)),
      body,
    );
    starts.forEach((start, i) => f.set(start, i32.add(start, strides[i][0])));
  });
}
