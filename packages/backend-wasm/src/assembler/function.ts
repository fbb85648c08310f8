import {
  flatten,
  operand,
  TYPE_CODE,
  unsigned,
  value,
  type Code,
  type I32,
  type Operand,
  type Statement,
  type Value,
  type ValueType,
} from './code.js';
import { i32 } from './scalar.js';

/** A variable of a function; as a value, what it holds. */
export interface Local<T extends ValueType = ValueType> extends Value<T> {
  readonly index: number;
}

/** A function of a module, to be called from others of the same. */
export interface FunctionRef {
  readonly name: string;
  readonly index: number;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const BR_IF = 0x0d;
const RETURN = 0x0f;
const CALL = 0x10;
const CALL_INDIRECT = 0x11;
const DROP = 0x1a;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const NO_RESULT = 0x40;

/** The statements of one function, in order. Loops are structured: kernels have no labels. */
export class FunctionBuilder {
  readonly params: readonly Local[];
  private readonly types: ValueType[];
  private body: Code[] = [];
  private readonly start: Code[] = [];
  private readonly hoisted = new Map<string, Local>();

  constructor(params: readonly ValueType[]) {
    this.types = [...params];
    this.params = params.map((type, index) => local(type, index));
  }

  /** A new variable, 0 until it is set. */
  local<T extends ValueType>(type: T): Local<T> {
    return local(type, this.types.push(type) - 1);
  }

  /** A variable that is set at the start of the function, to what depends on nothing: for constants that loops use. Equal ones are one. */
  hoist<T extends ValueType>(x: Value<T>): Local<T> {
    const key = flatten(x.code).join();
    let variable = this.hoisted.get(key);
    if (variable === undefined) {
      this.hoisted.set(key, (variable = this.local(x.type)));
      this.start.push([x.code, LOCAL_SET, unsigned(variable.index)]);
    }
    return variable as Local<T>;
  }

  /** A new variable that is set here, so that the value is computed once. */
  let<T extends ValueType>(x: Value<T>): Local<T> {
    const variable = this.local(x.type);
    this.set(variable, x);
    return variable;
  }

  set<T extends ValueType>(variable: Local<T>, x: Operand<T>): void {
    this.body.push([operand(variable.type, x), LOCAL_SET, unsigned(variable.index)]);
  }

  do(...statements: readonly Statement[]): void {
    for (const { code } of statements) this.body.push(code);
  }

  /** Computes a value for what computing it does. */
  drop(x: Value): void {
    this.body.push([x.code, DROP]);
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    const yes = this.inside(then);
    this.body.push([
      condition.code,
      IF,
      NO_RESULT,
      yes,
      otherwise === undefined ? [] : [ELSE, this.inside(otherwise)],
      END,
    ]);
  }

  /** As long as the condition holds, which is looked at before every turn. */
  while(condition: I32, body: () => void): void {
    // The test stands at the bottom, and once more in front: engines keep such loops tighter than one that jumps out of its middle.
    this.if(condition, () => {
      const turn = this.inside(body);
      this.body.push([LOOP, NO_RESULT, turn, condition.code, BR_IF, 0, END]);
    });
  }

  /** `count` times; counts the variable down to 0. */
  repeat(count: Local<'i32'>, body: () => void): void {
    this.if(count, () => {
      const turn = this.inside(body);
      this.body.push([LOOP, NO_RESULT, turn, i32.sub(count, 1).code, LOCAL_TEE, unsigned(count.index), BR_IF, 0, END]);
    });
  }

  /** For i = from, from + step, … below `to`; signed. `to` is computed at every turn: give it a local. */
  range(from: Operand<'i32'>, to: Operand<'i32'>, step: Operand<'i32'>, body: (i: Local<'i32'>) => void): void {
    const i = this.local('i32');
    this.set(i, from);
    this.while(i32.lt_s(i, to), () => {
      body(i);
      this.set(i, i32.add(i, step));
    });
  }

  /** Statements that `leave` ends early, where its condition holds. */
  block(body: (leave: (condition: I32) => void) => void): void {
    const outer = this.depth;
    const code = this.inside(() => {
      body((condition) => {
        const levels = this.depth - outer - 1;
        this.body.push([condition.code, BR_IF, unsigned(levels)]);
      });
    });
    this.body.push([BLOCK, NO_RESULT, code, END]);
  }

  return(...results: readonly Value[]): void {
    this.body.push([results.map((x) => x.code), RETURN]);
  }

  /** Calls a function of the same module that gives nothing. */
  call(callee: FunctionRef, ...args: readonly Operand<ValueType>[]): void {
    if (callee.results.length > 0) throw new TypeError(`wasm: ${callee.name} gives a value; use valueOf`);
    this.body.push(callCode(callee, args));
  }

  /** Calls a function of the same module for its value. */
  valueOf<T extends ValueType>(type: T, callee: FunctionRef, ...args: readonly Operand<ValueType>[]): Value<T> {
    if (callee.results[0] !== type)
      throw new TypeError(`wasm: ${callee.name} gives ${callee.results[0] ?? 'nothing'}, not ${type}`);
    return value(type, callCode(callee, args));
  }

  /** Calls the entry `index` of the table, a function of the module's type number `type`. */
  callIndirect(type: number, index: I32, ...args: readonly I32[]): void {
    this.body.push([args.map((x) => x.code), index.code, CALL_INDIRECT, unsigned(type), 0]);
  }

  /** The function's part of the code section, without its length. */
  finish(result?: Value): Code {
    const extra = this.types.slice(this.params.length);
    return [
      unsigned(extra.length),
      extra.map((type) => [1, TYPE_CODE[type]]),
      this.start,
      this.body,
      result?.code ?? [],
      END,
    ];
  }

  private depth = 0;

  private inside(build: () => void): Code {
    const outer = this.body;
    const inner: Code[] = [];
    this.body = inner;
    this.depth++;
    build();
    this.depth--;
    this.body = outer;
    return inner;
  }
}

function local<T extends ValueType>(type: T, index: number): Local<T> {
  return { type, code: [0x20, unsigned(index)], index };
}

function callCode(callee: FunctionRef, args: readonly Operand<ValueType>[]): Code {
  if (args.length !== callee.params.length)
    throw new TypeError(`wasm: ${callee.name} takes ${callee.params.length} arguments, received ${args.length}`);
  return [args.map((x, i) => operand(callee.params[i], x)), CALL, unsigned(callee.index)];
}
