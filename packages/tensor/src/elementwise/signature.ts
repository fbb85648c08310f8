import { attrsKey, type OpDef } from '../op.js';
import type { DType } from '../spec.js';

const DTYPE_CODE: Readonly<Record<DType, number>> = { float32: 1, float64: 2, int32: 3, bool: 4 };

/** Entries kept for one op: attributes that change at every step must not fill the memory. */
const LIMIT = 256;

/**
 * What depends on an op, its attributes and the dtypes of its inputs alone, computed once: eager ops on small tensors
 * would otherwise spend their time on it.
 */
export class SignatureCache<T> {
  private readonly ops: WeakMap<OpDef, Map<number | string, T>> = new WeakMap();
  private readonly make: (op: OpDef, attrs: unknown, inputs: readonly DType[]) => T;

  constructor(make: (op: OpDef, attrs: unknown, inputs: readonly DType[]) => T) {
    this.make = make;
  }

  get(op: OpDef, attrs: unknown, inputs: readonly { readonly dtype: DType }[]): T {
    let entries = this.ops.get(op);
    if (entries === undefined) this.ops.set(op, (entries = new Map()));
    let dtypes = 0;
    for (let i = 0; i < inputs.length; i++) dtypes = dtypes * 5 + DTYPE_CODE[inputs[i].dtype];
    const text = attrsKey(attrs);
    const key = text === '' ? dtypes : `${dtypes}${text}`;
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = this.make(
        op,
        attrs,
        inputs.map((x) => x.dtype),
      );
      if (entries.size >= LIMIT) entries.clear();
      entries.set(key, entry);
    }
    return entry;
  }
}
