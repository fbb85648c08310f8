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

/** Loops over all indices along `sizes`; `body` gets the address of each start, `strides` in bytes from each other. */
export function eachStart(
  f: FunctionBuilder,
  from: I32,
  sizes: readonly I32[],
  strides: readonly I32[],
  body: (start: Local<'i32'>) => void,
): void {
  const start = f.let(from);
  if (sizes.length === 0) {
    body(start);
    return;
  }
  f.repeat(f.let(sizes[0]), () => {
    eachStart(f, start, sizes.slice(1), strides.slice(1), body);
    f.set(start, i32.add(start, strides[0]));
  });
}
