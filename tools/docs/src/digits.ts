import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readIdx, writeIdx } from '@lemmata/data';

/** How many digits of each part of MNIST the site carries: some 2 MB. */
const COUNTS = { train: 12_000, t10k: 2_000 };

/** Writes the first digits of MNIST for the page that trains, gzipped, under the names of the whole files. */
export async function writeDigits(mnist: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [part, count] of Object.entries(COUNTS))
    for (const kind of ['images-idx3', 'labels-idx1']) {
      const name = `${part}-${kind}-ubyte`;
      const { dtype, shape, data } = await readIdx(readFileSync(join(mnist, name)), { name });
      if (dtype !== 'uint8') throw new Error(`${name}: received ${dtype} values; expected uint8`);
      const first = {
        dtype,
        shape: [count, ...shape.slice(1)],
        data: data.slice(0, (data.length / shape[0]!) * count),
      };
      writeFileSync(join(folder, `${name}.gz`), gzipSync(writeIdx(first), { level: 9 }));
    }
}
