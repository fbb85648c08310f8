import { DataError } from './error.js';

/** The arrays that a column may hold. */
export type Values =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Numbers in row-major order with their shape: a whole dataset's, a batch's or one sample's. */
export interface Column<A extends Values = Values> {
  readonly data: A;
  readonly shape: readonly number[];
}

/**
 * Named columns. In a dataset and in a batch the first axis of every column counts samples; in one sample of a
 * stream there is no such axis, and a label is a column of shape `[]`.
 */
export type Columns = Readonly<Record<string, Column>>;

/** The number of values in a shape; 1 for `[]`, and 0 where an axis is empty, behind however many large ones. */
export function sizeOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((size, axis) => size * axis, 1);
}

/** A zeroed array of the type of `like`. */
export function zerosLike<A extends Values>(like: A, length: number): A {
  // A Buffer, which readers of files give, has no constructor that should be called.
  if (like instanceof Uint8Array) return new Uint8Array(length) as A;
  return new (like.constructor as new (length: number) => A)(length);
}

const KINDS = ['Uint8', 'Int8', 'Uint16', 'Int16', 'Uint32', 'Int32', 'Float32', 'Float64'].map(
  (kind) => `${kind}Array`,
);

/** The kind of an array, of any realm: a Buffer is a Uint8Array. */
const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice('[object '.length, -1);

/** Throws a {@link DataError} unless the data is an array of numbers and the shape one that holds as many. */
export function checkColumn(name: string, column: Column): void {
  // A list has no type that a batch could have, and integers of 64 bits fit into no tensor.
  const kinds = { data: kindOf(column?.data), shape: kindOf(column?.shape) };
  if (!KINDS.includes(kinds.data) || kinds.shape !== 'Array') {
    throw new DataError({
      source: name,
      received: `data of type ${kinds.data} and a shape of type ${kinds.shape}`,
      expected: `{ data, shape }, an array of ${KINDS.join(', ')} and a list of its axes`,
      ...(kinds.data.endsWith('Function') ? { fix: 'Of a tensor t make { data: t.dataSync(), shape: t.shape }' } : {}),
    });
  }
  const shape = `[${column.shape.join(', ')}]`;
  if (!column.shape.every((axis) => Number.isSafeInteger(axis) && axis >= 0)) {
    throw new DataError({ source: name, received: `shape ${shape}`, expected: 'integers of at least 0' });
  }
  const size = sizeOf(column.shape);
  if (size !== column.data.length) {
    throw new DataError({
      source: name,
      received: `${column.data.length} values`,
      expected: `${size}, the size of shape ${shape}`,
    });
  }
}

/**
 * The number of samples of a dataset or batch: the length of every column's first axis.
 *
 * @throws DataError where there is no column, a column has no first axis or holds another number of values than its
 * shape says, or the columns disagree (all counts are listed).
 */
export function sampleCount(source: string, columns: Columns): number {
  const entries = Object.entries(columns);
  const first = entries[0];
  if (first === undefined) throw new DataError({ source, received: 'no column', expected: 'at least one' });
  for (const [name, column] of entries) {
    checkColumn(`${source}, column '${name}'`, column);
    if (column.shape.length === 0) {
      throw new DataError({
        source: `${source}, column '${name}'`,
        received: 'shape []',
        expected: 'a first axis that counts samples',
      });
    }
  }
  const count = first[1].shape[0]!;
  if (entries.some(([, column]) => column.shape[0] !== count)) {
    throw new DataError({
      source,
      received: entries.map(([name, column]) => `${column.shape[0]} of '${name}'`).join(', '),
      expected: 'as many samples in every column',
    });
  }
  return count;
}

/** Rows `indices` of every column, in that order, in fresh arrays. Indices must lie within the columns. */
export function gather<C extends Columns>(columns: C, indices: Int32Array): C {
  const rows = Object.entries(columns).map(([name, { data, shape }]): [string, Column] => {
    const width = sizeOf(shape.slice(1));
    const out = zerosLike(data, indices.length * width);
    if (width === 1) {
      for (let row = 0; row < indices.length; row++) out[row] = data[indices[row]!]!;
    } else {
      for (let row = 0; row < indices.length; row++) {
        const start = indices[row]! * width;
        out.set(data.subarray(start, start + width), row * width);
      }
    }
    return [name, { data: out, shape: [indices.length, ...shape.slice(1)] }];
  });
  // Built from entries, which makes even `__proto__` an ordinary name.
  return Object.fromEntries(rows) as C;
}

/**
 * Joins datasets along their first axis, such as the five training files of CIFAR-10, into fresh arrays.
 *
 * @throws DataError where the parts differ in column names, types or sample shapes.
 */
export function concat<C extends Columns>(parts: readonly C[]): C {
  return join('concat', parts);
}

/** Puts samples into one batch along a new first axis, in fresh arrays. Errors as {@link concat}. */
export function stack<C extends Columns>(samples: readonly C[]): C {
  const withAxis = ({ data, shape }: Column): Column => ({ data, shape: [1, ...shape] });
  const rows = samples.map((sample) =>
    Object.fromEntries(Object.entries(sample).map(([name, column]) => [name, withAxis(column)])),
  );
  return join('stack', rows) as C;
}

function join<C extends Columns>(op: string, parts: readonly C[]): C {
  const first = parts[0];
  if (first === undefined) throw new DataError({ source: op, received: 'nothing', expected: 'at least one part' });
  const expected = describe(first);
  const counts = parts.map((part, index) => {
    const source = `${op}, part ${index}`;
    const count = sampleCount(source, part);
    const received = describe(part);
    if (received !== expected) throw new DataError({ source, received, expected });
    return count;
  });
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const joined = Object.entries(first).map(([name, { data, shape }]): [string, Column] => {
    const sampleShape = shape.slice(1);
    const out = zerosLike(data, rows * sizeOf(sampleShape));
    let at = 0;
    for (const part of parts) {
      out.set(part[name]!.data, at);
      at += part[name]!.data.length;
    }
    return [name, { data: out, shape: [rows, ...sampleShape] }];
  });
  return Object.fromEntries(joined) as C;
}

/** What parts of one whole must share, as text. */
function describe(part: Columns): string {
  return Object.keys(part)
    .sort()
    .map((name) => `${name}: ${kindOf(part[name]!.data)} [${part[name]!.shape.slice(1).join(', ')}]`)
    .join('; ');
}
