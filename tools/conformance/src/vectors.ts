import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One tensor of a case, as it lies in the file. */
export interface Entry {
  readonly name: string;
  readonly dtype: 'float64' | 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array | Int32Array | Uint8Array;
}

/** A value of `args` or `init`: JSON, with a {@link TensorName} or {@link NodeName} where a tensor belongs. */
export type Value = null | boolean | number | string | TensorName | NodeName | readonly Value[] | Values;

export class TensorName {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** The result of a node of a graph. */
export class NodeName {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export interface Values {
  readonly [name: string]: Value;
}

/** A node of a model. */
export interface Node {
  readonly id: string;
  readonly op: string;
  readonly args: Values;
}

export interface Case {
  readonly name: string;
  readonly op: string;
  readonly kind: string;
  readonly tier: string;
  readonly mustRaise: boolean;
  readonly training: boolean;
  readonly args: Values;
  readonly init: Values;
  readonly tensors: ReadonlyMap<string, Entry>;
  /** Largest error of PyTorch's own float32 result, by output and gradient. */
  readonly float32Error: Readonly<Record<string, number>>;
  /** The case as JSON, for what only one kind of case has. */
  readonly json: Readonly<Record<string, any>>;
}

export interface Family {
  readonly name: string;
  readonly cases: readonly Case[];
}

const ARRAYS = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array };
const NUMBERS: Readonly<Record<string, number>> = { Infinity, '-Infinity': -Infinity, NaN };

/** The families of a folder in the format of `vectors/FORMAT.md`. */
export function familiesIn(folder: string): string[] {
  const index = readJson(join(folder, 'index.json')) as { families: { family: string }[] };
  return index.families.map(({ family }) => family);
}

export function readFamily(folder: string, name: string): Family {
  const path = join(folder, `${name}.json`);
  const index = readJson(path) as {
    readonly bin: string;
    readonly bin_bytes: number;
    readonly count: number;
    readonly cases: readonly Readonly<Record<string, any>>[];
  };
  const file = readFileSync(join(folder, index.bin));
  if (file.byteLength !== index.bin_bytes || index.cases.length !== index.count) {
    throw new Error(
      `${path}: expected ${index.bin_bytes} bytes and ${index.count} cases, found ${file.byteLength} and ${index.cases.length}`,
    );
  }
  // A copy, which begins at a multiple of 8 bytes.
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
  return { name, cases: index.cases.map((json) => readCase(json, bytes, path)) };
}

function readJson(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

interface EntryJson extends Omit<Entry, 'data'> {
  readonly offset: number;
  readonly length: number;
}

function readCase(json: Readonly<Record<string, any>>, bytes: ArrayBuffer, path: string): Case {
  const entries = (json['tensors'] ?? []) as EntryJson[];
  const dataOf = ({ name, dtype, offset, length }: EntryJson): Entry['data'] => {
    try {
      return new ARRAYS[dtype](bytes, offset, length);
    } catch (error) {
      const what = `${length} ${dtype} at byte ${offset} of ${bytes.byteLength}`;
      throw new Error(`${path}: ${json['name']}: ${name} cannot be read: ${what}`, { cause: error });
    }
  };
  return {
    name: json['name'],
    op: json['op'],
    kind: json['kind'],
    tier: json['tier'],
    mustRaise: json['must_raise'] === true,
    // Of a module that is not told, as in PyTorch.
    training: json['training'] ?? true,
    args: readValues(json['args'] ?? {}),
    init: readValues(json['init'] ?? {}),
    tensors: new Map(
      entries.map((entry) => {
        const { name, dtype, shape } = entry;
        return [name, { name, dtype, shape, data: dataOf(entry) }];
      }),
    ),
    float32Error: json['f32_abs_err'] ?? {},
    json,
  };
}

export function readValues(values: object): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, readValue(value)]));
}

function readValue(value: any): Value {
  if (Array.isArray(value)) return value.map(readValue);
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.tensor === 'string') return new TensorName(value.tensor);
  if (typeof value.node === 'string') return new NodeName(value.node);
  if (typeof value.float === 'string') return NUMBERS[value.float] ?? null;
  return readValues(value);
}
