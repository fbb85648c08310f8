import { expect, test } from 'vitest';
import { readIdx } from './idx.js';

test('D1: a gzipped file is read by a browser’s own decompression', async () => {
  const raw = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4);
  const stream = new Blob([raw]).stream().pipeThrough(new CompressionStream('gzip'));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  expect(await readIdx(packed)).toEqual({ dtype: 'uint8', shape: [3], data: Uint8Array.of(5, 0, 4) });
  await expect(readIdx(packed.subarray(0, -4), { name: 'x.gz' })).rejects.toThrow(/^x\.gz: received \d+ bytes of gzip/);
});
