import { f64x2, type FunctionBuilder, type I32, type Local, type V128 } from '../../assembler/index.js';
import { castLanes } from '../../elementwise/cast.js';
import { loadFour, loadOne, named, storeFour, storeOne, type Lanes } from '../../elementwise/lanes.js';

export type Field = 'in' | 'out' | 'count' | 'step';

/** Elements, four neighbours or one in all lanes: how they are read and written. */
export interface Access {
  readonly single: boolean;
  load(at: I32, offset?: number): V128;
  store(at: I32, x: V128, offset?: number): void;
}

export function accesses(f: FunctionBuilder): { readonly four: Access; readonly one: Access } {
  return {
    four: {
      single: false,
      load: (at, offset) => loadFour('float32', at, offset)[0],
      store: (at, x, offset) => f.do(...storeFour('float32', at, [x], offset)),
    },
    one: {
      single: true,
      load: (at) => loadOne('float32', at)[0],
      store: (at, x) => f.do(storeOne('float32', at, [x])),
    },
  };
}

export const widened = (f: FunctionBuilder, x: V128): readonly Local<'v128'>[] =>
  named(f, castLanes(f, 'float32', 'float64', [f.let(x)]));
export const narrowed = (f: FunctionBuilder, x: Lanes): V128 => castLanes(f, 'float64', 'float32', x)[0];

/**
 * x − max − shift, in float64 and rounded once: near 0, where a class is almost certain, digits matter. The maximum goes first: in
 * a sum with a large one the shift would be lost.
 */
export function shifted(f: FunctionBuilder, x: V128, max: readonly V128[], shift: readonly V128[]): V128 {
  return narrowed(
    f,
    widened(f, x).map((half, i) => f64x2.sub(f64x2.sub(half, max[i]), shift[i])),
  );
}
