import type { ScalarFnName } from '@lemmata/tensor';
import { f32x4, v128, type FunctionBuilder, type V128 } from '../assembler/index.js';

/**
 * Functions of float32 of which an argument is a constant (undefined: it is not), in fewer instructions and with the same
 * bits; undefined where there is no shorter way. Engines spend eight instructions on max alone, for NaN and the sign of 0.
 */
export function withConstants(
  f: FunctionBuilder,
  fn: ScalarFnName,
  args: readonly V128[],
  constants: readonly (number | undefined)[],
): V128 | undefined {
  if (fn === 'select') {
    const [mask, a, b] = args;
    if (Object.is(constants[1], 0)) return v128.andnot(b, mask);
    return Object.is(constants[2], 0) ? v128.and(a, mask) : undefined;
  }
  if (fn !== 'max' && fn !== 'min') return undefined;
  const at = constants.findIndex((value) => value !== undefined);
  const [x, c, value] = [args[1 - at], args[at], constants[at]];
  // Of two zeros max takes +0 and min −0; with the variable first, pmax and pmin keep a variable that is 0 or NaN.
  if (value === undefined || Number.isNaN(value) || (fn === 'min' && Object.is(value, -0))) return undefined;
  if (fn === 'min') return f32x4.pmin(x, c);
  return Object.is(value, 0) ? v128.andnot(x, f32x4.le(x, f.hoist(f32x4.splat(0)))) : f32x4.pmax(x, c);
}
