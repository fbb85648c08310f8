import {
  FormatError,
  loadInto,
  readSafetensors,
  writeSafetensors,
  type StoredArray,
  type StoredArrays,
} from '@lemmata/formats';
import { unknownOptions } from '@lemmata/shape';
import { tensor, type DType, type Tensor } from '@lemmata/tensor';
import { mapWithPath, toRecord } from '@lemmata/tree';
import { checkCursor, type Cursor } from './loop.js';

/**
 * Parameters and state of a model under their PyTorch names, as a safetensors file.
 *
 * @throws Error where a parameter and a state have the same name, of which a file holds one.
 */
export function encodeModel(
  model: { readonly params: unknown; readonly state: unknown },
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return writeSafetensors(modelArrays('encodeModel', model), metadata);
}

/**
 * The parameters and state in a safetensors file, in the structure of `like` (drawn by `init`, say).
 *
 * @param options `name`: what errors call the file; `ignore`: names that may be left over. Default: PyTorch's `num_batches_tracked`.
 * @throws LoadError listing everything missing, unexpected or misshapen; OptionError for an unknown option.
 */
export function decodeModel<P, S>(
  bytes: Uint8Array,
  like: { readonly params: P; readonly state: S },
  options: { readonly name?: string; readonly ignore?: (name: string) => boolean } = {},
): { params: P; state: S } {
  unknownOptions('decodeModel', options, ['name', 'ignore']);
  const { name = 'model', ignore = (entry: string) => entry.endsWith('num_batches_tracked') } = options;
  const { arrays } = readSafetensors(bytes, { name });
  const loaded = loadInto(modelArrays(name, like), arrays, {
    name,
    ignore,
  }) as StoredArrays;
  return { params: fill(like.params, loaded), state: fill(like.state, loaded) };
}

/**
 * A whole training state, any tree of tensors, with its place in the data: what to go on from.
 *
 * @throws RangeError for a cursor that is not of counts.
 */
export function encodeCheckpoint(
  state: unknown,
  cursor: Cursor,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  checkCursor('encodeCheckpoint', cursor);
  return writeSafetensors(arraysOf(state), { ...metadata, epoch: String(cursor.epoch), step: String(cursor.step) });
}

/** @throws LoadError if the file is of another model or optimiser; FormatError if it holds no place in the data. */
export function decodeCheckpoint<T>(
  bytes: Uint8Array,
  like: T,
  name = 'checkpoint',
): { state: T; cursor: Cursor; metadata: Readonly<Record<string, string>> } {
  const { arrays, metadata } = readSafetensors(bytes, { name });
  const loaded = loadInto(arraysOf(like), arrays, { name }) as StoredArrays;
  const cursor = { epoch: countIn(metadata, 'epoch', name), step: countIn(metadata, 'step', name) };
  return { state: fill(like, loaded), cursor, metadata };
}

/** As encodeCheckpoint writes it: Number would take the empty string for 0. */
function countIn(metadata: Readonly<Record<string, string>>, key: string, file: string): number {
  const text = metadata[key];
  if (text === undefined)
    throw new FormatError({
      file,
      received: `no ${key} in its metadata`,
      expected: 'a file written by encodeCheckpoint',
    });
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(count))
    throw new FormatError({
      file,
      received: `${key} '${text}' in its metadata`,
      expected: 'a count, as encodeCheckpoint writes it',
    });
  return count;
}

function modelArrays(
  op: string,
  model: { readonly params: unknown; readonly state: unknown },
): Record<string, StoredArray> {
  const [params, state] = [arraysOf(model.params), arraysOf(model.state)];
  const twice = Object.keys(params).filter((name) => Object.hasOwn(state, name));
  if (twice.length > 0)
    throw new Error(
      `${op}: received both a parameter and a state called ${twice.join(', ')}; expected names of their own`,
    );
  return { ...params, ...state };
}

function arraysOf(tree: unknown): Record<string, StoredArray> {
  const record = toRecord(tree as never) as Record<string, Tensor>;
  return Object.fromEntries(
    Object.entries(record).map(([name, t]) => [
      name,
      { dtype: t.dtype, shape: t.shape, data: t.dataSync() } as StoredArray,
    ]),
  );
}

function fill<T>(like: T, arrays: StoredArrays): T {
  return mapWithPath((path: string, leaf: unknown) => {
    const { data, shape } = arrays[path]!;
    return tensor(data as Float32Array, { shape, dtype: (leaf as Tensor).dtype as DType });
  }, like as never) as T;
}
