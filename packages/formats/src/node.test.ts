import files, { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FormatError } from './error.js';
import { loadSafetensors, saveSafetensors, writeFileAtomic } from './node.js';

/** Runs `body` with another `open`. A mocked module would not do: modules are shared with other files of tests, and may have been loaded. */
async function withOpen(open: typeof files.open, body: () => Promise<void>): Promise<void> {
  const real = files.open;
  const exchange = (next: typeof open): void => {
    files.open = next;
    syncBuiltinESMExports();
  };
  exchange(open);
  try {
    await body();
  } finally {
    exchange(real);
  }
}

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'formats-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('a file is written, and replaced, whole', async () => {
  const path = join(folder, 'a.bin');
  await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
  await writeFileAtomic(path, Uint8Array.of(4));
  expect([...(await readFile(path))]).toEqual([4]);
  expect(await readdir(folder)).toEqual(['a.bin']);
});

test('the file, and then the folder that names it, are flushed to the disk and closed', async () => {
  const real = files.open;
  const seen: string[] = [];
  const watched: typeof real = async (...args) => {
    const handle = await real(...args);
    const what = (await handle.stat()).isDirectory() ? 'folder' : 'file';
    for (const act of ['sync', 'close'] as const) {
      const done = handle[act].bind(handle);
      handle[act] = () => {
        seen.push(`${what}: ${act}`);
        return done();
      };
    }
    return handle;
  };
  await withOpen(watched, () => writeFileAtomic(join(folder, 'a.bin'), Uint8Array.of(1)));
  expect(seen).toEqual(['file: sync', 'file: close', 'folder: sync', 'folder: close']);
});

test('where a folder cannot be opened, as on Windows, its file is written all the same', async () => {
  const real = files.open;
  const refused: unknown[] = [];
  const path = join(folder, 'a.bin');
  await withOpen(
    (name, ...rest) => {
      if (name !== folder) return real(name, ...rest);
      refused.push(name);
      return Promise.reject(new Error('EISDIR'));
    },
    () => writeFileAtomic(path, Uint8Array.of(1)),
  );
  expect(refused).toEqual([folder]);
  expect([...(await readFile(path))]).toEqual([1]);
});

test('writes at the same time leave one of them whole', async () => {
  const path = join(folder, 'a.bin');
  await Promise.all(Array.from({ length: 8 }, (_, i) => writeFileAtomic(path, new Uint8Array(50_000).fill(i))));
  const bytes = await readFile(path);
  expect(bytes).toEqual(Buffer.alloc(50_000, bytes[0]));
  expect(await readdir(folder)).toEqual(['a.bin']);
});

test('a failure names the path, keeps what was there and leaves no temporary file', async () => {
  const target = join(folder, 'taken');
  await mkdir(target);
  await writeFile(join(target, 'inside'), 'x');
  const error: unknown = await writeFileAtomic(target, Uint8Array.of(1)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as FormatError).message.startsWith(`${target}: received E`)).toBe(true);
  expect((error as FormatError).message.endsWith('; expected a path that can be written')).toBe(true);
  expect((error as FormatError).cause).toMatchObject({ syscall: 'rename' });
  expect(await readdir(folder)).toEqual(['taken']);
  expect(await readdir(target)).toEqual(['inside']);

  const nowhere = join(folder, 'no', 'such', 'a.bin');
  await expect(writeFileAtomic(nowhere, Uint8Array.of(1))).rejects.toThrow(`${nowhere}: received ENOENT`);
});

test('a stale temporary file is passed over', async () => {
  const path = join(folder, 'a.bin');
  await writeFileAtomic(path, Uint8Array.of(1));
  // The next names that this process will try.
  const stale = Array.from({ length: 200 }, (_, i) => `${path}.${process.pid}-${i}.tmp`);
  await Promise.all(stale.map((name) => writeFile(name, 'stale')));
  await writeFileAtomic(path, Uint8Array.of(2));
  expect([...(await readFile(path))]).toEqual([2]);
  expect(await readFile(stale[0], 'utf8')).toBe('stale');
  expect(await readdir(folder)).toHaveLength(201);
});

test('safetensors files are saved and loaded', async () => {
  const path = join(folder, 'm.safetensors');
  const arrays = { w: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } } as const;
  await saveSafetensors(path, arrays, { step: '1' });
  expect(await loadSafetensors(path)).toEqual({ arrays, metadata: { step: '1' } });
  await writeFile(path, 'nonsense');
  await expect(loadSafetensors(path)).rejects.toThrow(`${path}: received a header of `);
  const missing = join(folder, 'missing');
  const error: unknown = await loadSafetensors(missing).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    message: expect.stringMatching(/missing: received ENOENT.*; expected a readable file$/),
    cause: { code: 'ENOENT' },
  });
});
