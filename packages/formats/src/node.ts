import { open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FormatError } from './error.js';
import { readSafetensors, type Safetensors, writeSafetensors } from './safetensors.js';
import type { StoredArrays } from './stored.js';

let written = 0;

/**
 * Writes a file whole or not at all: a reader, or this program after a crash, finds the old contents or the new ones.
 * Writes `path.<process>-<count>.tmp` beside it, flushes that to the disk and renames it over `path`. A symbolic link at `path`
 * is replaced, not followed.
 *
 * @throws FormatError naming the path, with the system's error as its cause; `path` is then as before and the temporary
 * file gone.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  let temporary: string | undefined;
  try {
    const file = await create(path);
    temporary = file.path;
    try {
      await file.handle.writeFile(bytes);
      await file.handle.sync();
    } finally {
      await file.handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    if (temporary !== undefined) await unlink(temporary).catch(() => {});
    throw failed(path, cause as Error, 'a path that can be written');
  }
  await syncDirectory(dirname(path));
}

/** A new file beside `path`. A name left by a crashed process of the same id is passed over. */
async function create(path: string): Promise<{ path: string; handle: Awaited<ReturnType<typeof open>> }> {
  for (;;) {
    const temporary = `${path}.${process.pid}-${written++}.tmp`;
    try {
      return { path: temporary, handle: await open(temporary, 'wx') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Makes the rename itself outlast a power cut. Windows cannot open directories; there the rename stands alone. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => undefined);
  try {
    await directory?.sync();
  } catch {
    // Some file systems refuse to flush a directory; the file itself is whole either way.
  } finally {
    await directory?.close();
  }
}

/**
 * {@link readSafetensors} of a file.
 *
 * @throws FormatError naming the path where it cannot be read or is malformed.
 */
export async function loadSafetensors(path: string): Promise<Safetensors> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw failed(path, cause, 'a readable file');
  });
  return readSafetensors(bytes, { name: path });
}

/** {@link writeSafetensors} to a file, atomically. */
export async function saveSafetensors(
  path: string,
  arrays: StoredArrays,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFileAtomic(path, writeSafetensors(arrays, metadata));
}

function failed(path: string, cause: Error, expected: string): FormatError {
  return new FormatError({ file: path, received: cause.message, expected }, { cause });
}
