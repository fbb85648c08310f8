import { flatten, TYPE_CODE, unsigned, value, type Code, type I32, type Value, type ValueType } from './code.js';
import { FunctionBuilder, type FunctionRef, type Local } from './function.js';

/** Memory as modules import it, in pages of 64 KiB. */
export interface MemoryType {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}

/** The parameters of a function, as variables. */
export type Locals<P extends readonly ValueType[]> = { readonly [I in keyof P]: Local<P[I]> };

interface Definition {
  readonly ref: FunctionRef;
  readonly exported: boolean;
  readonly code: Code;
}

/**
 * A WebAssembly module whose functions share one imported memory (`env.memory`), and, if asked, a table of functions
 * (`env.table`), functions from outside and constants that differ from thread to thread (`env.<name>`, i32).
 */
export class ModuleBuilder {
  private readonly memory: MemoryType;
  private readonly table: boolean;
  private readonly globals: readonly string[];
  private readonly types: { params: readonly ValueType[]; results: readonly ValueType[] }[] = [];
  private readonly imports: FunctionRef[] = [];
  private readonly definitions: Definition[] = [];

  constructor(memory: MemoryType, options: { readonly table?: boolean; readonly globals?: readonly string[] } = {}) {
    this.memory = memory;
    this.table = options.table ?? false;
    this.globals = options.globals ?? [];
  }

  /** The number of a function type, for indirect calls. */
  type(params: readonly ValueType[], results: readonly ValueType[] = []): number {
    const key = [params, results].join('|');
    const known = this.types.findIndex((type) => [type.params, type.results].join('|') === key);
    return known >= 0 ? known : this.types.push({ params, results }) - 1;
  }

  /** A function of the outside world (`env.<name>`). All are named before the first function of the module is written. */
  import(name: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionRef {
    if (this.definitions.length > 0)
      throw new Error(`wasm: ${name} is imported after functions were written, whose numbers it would shift`);
    this.type(params, results);
    const ref: FunctionRef = { name, index: this.imports.length, params, results };
    this.imports.push(ref);
    return ref;
  }

  /** What an imported constant holds. */
  global(name: string): I32 {
    const index = this.globals.indexOf(name);
    if (index < 0)
      throw new RangeError(
        `wasm: the module imports no constant '${name}'; it has ${this.globals.join(', ') || 'none'}`,
      );
    return value('i32', 0x23, unsigned(index));
  }

  /** Adds a function; `build` writes its statements and returns its value, if it has one. */
  function<const P extends readonly ValueType[]>(
    name: string,
    params: P,
    results: readonly ValueType[],
    build: (f: FunctionBuilder, ...params: Locals<P>) => Value | void,
    exported = true,
  ): FunctionRef {
    this.type(params, results);
    const f = new FunctionBuilder(params);
    const result = build(f, ...(f.params as unknown as Locals<P>));
    if ((result?.type ?? undefined) !== results[0])
      throw new TypeError(
        `wasm: ${name} should give ${results[0] ?? 'nothing'}, its body gives ${result?.type ?? 'nothing'}`,
      );
    // Numbered when it is done: functions that `build` added stand before it.
    const ref: FunctionRef = { name, index: this.imports.length + this.definitions.length, params, results };
    this.definitions.push({ ref, exported, code: f.finish(result ?? undefined) });
    return ref;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const typeCode = this.types.map(({ params, results }) => [
      0x60,
      ...[params, results].map((list) => vector(list.map((type) => TYPE_CODE[type]))),
    ]);
    const { initial, maximum, shared } = this.memory;
    const imports: Code[] = [[text('env'), text('memory'), 2, shared ? 3 : 1, unsigned(initial), unsigned(maximum)]];
    if (this.table) imports.push([text('env'), text('table'), 1, 0x70, 0, 0]);
    for (const name of this.globals) imports.push([text('env'), text(name), 3, TYPE_CODE.i32, 0]);
    for (const ref of this.imports)
      imports.push([text('env'), text(ref.name), 0, unsigned(this.type(ref.params, ref.results))]);
    const exports = this.definitions.filter(({ exported }) => exported);
    return new Uint8Array(
      flatten([
        [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        section(1, vector(typeCode)),
        section(2, vector(imports)),
        section(3, vector(this.definitions.map(({ ref }) => unsigned(this.type(ref.params, ref.results))))),
        section(7, vector(exports.map(({ ref }) => [text(ref.name), 0, unsigned(ref.index)]))),
        section(10, vector(this.definitions.map(({ code }) => sized(code)))),
      ]),
    );
  }
}

function vector(items: readonly Code[]): Code {
  return [unsigned(items.length), items];
}

function sized(code: Code): Code {
  const bytes = flatten(code);
  return [unsigned(bytes.length), bytes];
}

function section(id: number, content: Code): Code {
  return [id, sized(content)];
}

/** Names of functions are plain ASCII. */
function text(name: string): Code {
  return vector([...name].map((letter) => letter.charCodeAt(0)));
}
