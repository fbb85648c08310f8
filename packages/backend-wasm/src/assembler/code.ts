/** The types of WebAssembly values that kernels compute with. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/** Bytes in the order of execution, nested so that expressions are put together without copying. */
export type Code = number | readonly Code[];

/** An expression that leaves one value on the stack. Writing it twice computes it twice: give it a local to compute it once. */
export interface Value<T extends ValueType = ValueType> {
  readonly type: T;
  readonly code: Code;
}

/** Code that leaves nothing on the stack. */
export interface Statement {
  readonly type: 'nothing';
  readonly code: Code;
}

export type I32 = Value<'i32'>;
export type I64 = Value<'i64'>;
export type F32 = Value<'f32'>;
export type F64 = Value<'f64'>;
export type V128 = Value<'v128'>;

/** Where a value is expected, a number stands for a constant. */
export type Operand<T extends ValueType> = Value<T> | (T extends 'v128' ? never : number);

export const TYPE_CODE: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

export function value<T extends ValueType>(type: T, ...code: Code[]): Value<T> {
  return { type, code };
}

export function statement(...code: Code[]): Statement {
  return { type: 'nothing', code };
}

/** LEB128, unsigned, of an integer below 2^53. */
export function unsigned(n: number): number[] {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`wasm: ${n} is not an unsigned integer`);
  const bytes: number[] = [];
  do {
    const low = n % 128;
    n = Math.floor(n / 128);
    bytes.push(n > 0 ? low | 0x80 : low);
  } while (n > 0);
  return bytes;
}

/** LEB128, signed, of an integer of 53 bits. */
export function signed(n: number): number[] {
  if (!Number.isSafeInteger(n)) throw new RangeError(`wasm: ${n} is not an integer`);
  const bytes: number[] = [];
  for (;;) {
    const low = ((n % 128) + 128) % 128;
    n = Math.floor(n / 128);
    const done = (n === 0 && low < 64) || (n === -1 && low >= 64);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

/** A constant, or the value as it is. An i32 constant may be given as signed or as unsigned. */
export function operand<T extends ValueType>(type: T, x: Operand<T>): Code {
  if (typeof x !== 'number') {
    if (x.type !== type) throw new TypeError(`wasm: expected a value of type ${type}, received one of type ${x.type}`);
    return x.code;
  }
  switch (type) {
    case 'i32':
      if (!Number.isInteger(x) || x < -(2 ** 31) || x >= 2 ** 32) throw new RangeError(`wasm: ${x} is no i32 constant`);
      return [0x41, signed(x | 0)];
    case 'i64':
      return [0x42, signed(x)];
    case 'f32':
      return [0x43, ...new Uint8Array(Float32Array.of(x).buffer)];
    case 'f64':
      return [0x44, ...new Uint8Array(Float64Array.of(x).buffer)];
    default:
      throw new TypeError('wasm: a v128 constant is written with f32x4.splat and its like');
  }
}

/** The bytes of nested code. */
export function flatten(code: Code): number[] {
  const bytes: number[] = [];
  const visit = (part: Code): void => {
    if (typeof part === 'number') bytes.push(part);
    else for (const inner of part) visit(inner);
  };
  visit(code);
  return bytes;
}
