import {
  operand,
  statement,
  unsigned,
  value,
  type Code,
  type I32,
  type Operand,
  type Statement,
  type Value,
  type ValueType,
} from './code.js';

/** Names of instructions and their opcodes. */
export type Opcodes = Readonly<Record<string, number>>;

export type Unary<T extends ValueType, R extends ValueType, O extends Opcodes> = {
  readonly [K in keyof O]: (a: Operand<T>) => Value<R>;
};
export type Binary<T extends ValueType, R extends ValueType, O extends Opcodes> = {
  readonly [K in keyof O]: (a: Operand<T>, b: Operand<T>) => Value<R>;
};

function each<O extends Opcodes, F>(opcodes: O, make: (opcode: number) => F): { readonly [K in keyof O]: F } {
  return Object.fromEntries(Object.entries(opcodes).map(([name, opcode]) => [name, make(opcode)])) as {
    readonly [K in keyof O]: F;
  };
}

/** A vector instruction, by its number. */
export function simd(opcode: number): Code {
  return [0xfd, unsigned(opcode)];
}

/** Instructions on vectors are numbered apart. */
function encode(type: ValueType, opcode: number): Code {
  return type === 'v128' ? simd(opcode) : opcode;
}

export function unary<T extends ValueType, R extends ValueType, O extends Opcodes>(
  type: T,
  result: R,
  opcodes: O,
): Unary<T, R, O> {
  return each(opcodes, (opcode) => (a: Operand<T>) => value(result, operand(type, a), encode(type, opcode)));
}

export function binary<T extends ValueType, R extends ValueType, O extends Opcodes>(
  type: T,
  result: R,
  opcodes: O,
): Binary<T, R, O> {
  return each(
    opcodes,
    (opcode) => (a: Operand<T>, b: Operand<T>) =>
      value(result, operand(type, a), operand(type, b), encode(type, opcode)),
  );
}

/** An address in bytes and a constant added to it. */
export type Address = Operand<'i32'>;

export function load<R extends ValueType>(result: R, opcode: number): (address: Address, offset?: number) => Value<R> {
  return (address, offset = 0) => value(result, operand('i32', address), encode(result, opcode), 0, unsigned(offset));
}

export function store<T extends ValueType>(
  type: T,
  opcode: number,
): (address: Address, x: Operand<T>, offset?: number) => Statement {
  return (address, x, offset = 0) =>
    statement(operand('i32', address), operand(type, x), encode(type, opcode), 0, unsigned(offset));
}

/** One of two values; both are computed. */
export function select<T extends ValueType>(condition: I32, a: Value<T>, b: Value<T>): Value<T> {
  return value(a.type, a.code, b.code, condition.code, 0x1b);
}
