import { threefryInto } from './threefry.js';

/**
 * The state of a stream, as two int32 words. A key is used once: draw from it, or derive further
 * keys from it, and pass those on.
 */
export type Key = readonly [k0: number, k1: number];

/**
 * The second counter word says what a block is for, so that what is drawn from a key and the keys
 * derived from it never share a block. Draws count in its low bits, below bit 30.
 */
const purpose = { fold: 1 << 30, split: 2 << 30 };

/** A key from a seed: any safe integer; different seeds give different keys. */
export function key(seed: number): Key {
  checkInteger('key', 'seed', seed);
  return [low(seed), high(seed)];
}

/** `count` independent keys; the first of them do not depend on how many are asked for. */
export function split(key: Key, count: number): Key[] {
  checkKey('split', key);
  checkInteger('split', 'count', count, 0);
  return Array.from({ length: count }, (_, i) => derive(key, i, purpose.split));
}

/** The key for a number, such as an epoch, a step or a layer's index; independent of `key` and of its splits. */
export function foldIn(key: Key, data: number): Key {
  checkKey('foldIn', key);
  checkInteger('foldIn', 'data', data);
  return derive(key, data, purpose.fold);
}

function derive([k0, k1]: Key, data: number, use: number): Key {
  threefryInto(words, 0, k0, k1, low(data), (high(data) & 0x3fffffff) | use);
  return [words[0]!, words[1]!];
}

const words = new Int32Array(2);

/** The low 32 bits of a safe integer, as int32. */
export function low(value: number): number {
  return value | 0;
}

/** The bits of a safe integer above the low 32. */
export function high(value: number): number {
  return Math.floor(value / 2 ** 32) | 0;
}

export function checkKey(op: string, key: Key): void {
  if (key?.length === 2 && isInt32(key[0]) && isInt32(key[1])) return;
  throw new TypeError(`${op}: a key is two int32 words, as key(seed), split and foldIn make it; received ${show(key)}`);
}

/** Throws unless the value is a safe integer of at least `min`. */
export function checkInteger(op: string, name: string, value: number, min: number = Number.MIN_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  const kind = min === Number.MIN_SAFE_INTEGER ? 'an integer' : `an integer of at least ${min}`;
  throw new RangeError(`${op}: ${name} must be ${kind}; received ${show(value)}`);
}

/** A value as short text. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && (value | 0) === value;
}
