// Random cases of tests are the same in every run, and others on demand: LEMMATA_LAW_SEED, which the laws follow too.
import * as fc from 'fast-check';
import { expect } from 'vitest';

fc.configureGlobal({ seed: Number(process.env.LEMMATA_LAW_SEED || 1) });

/** Arrays of the same bits are equal: to find that out element by element takes seconds for large ones. */
function sameBits(a, b) {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.constructor !== b.constructor) return undefined;
  const [x, y] = [a, b].map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength));
  return x.equals(y) ? true : undefined;
}

// This file is run before each file of tests, and testers stay.
const ONCE = Symbol.for('@lemmata/tests of equality');
globalThis[ONCE] ??= (expect.addEqualityTesters([sameBits]), true);
