import { constants } from 'node:fs';
import { access, appendFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '@lemmata/formats/node';
import { UserError } from './failure.js';

/** Files of a run. */
export const FILES = {
  history: 'history.jsonl',
  checkpoint: 'checkpoint.safetensors',
  model: 'model.safetensors',
  report: 'report.html',
  run: 'run.json',
} as const;

/** The folder that a run writes into; files but the history are written whole or not at all. */
export class RunFolder {
  readonly path: string;
  private pending = '';

  private constructor(path: string) {
    this.path = path;
  }

  /** Throws unless the folder can be made and written into; makes nothing. */
  static async check(path: string): Promise<void> {
    let at = path;
    for (;;) {
      const found = await stat(at).catch(() => null);
      if (found === null) {
        at = dirname(at);
        continue;
      }
      if (!found.isDirectory())
        throw new UserError(`run folder ${path}: ${at} is a file; choose another place with --out DIR`);
      await access(at, constants.W_OK | constants.X_OK).catch(() => {
        throw new UserError(`run folder ${path}: ${at} cannot be written into; choose another place with --out DIR`);
      });
      return;
    }
  }

  /** Makes the folder and starts its history. */
  static async create(path: string): Promise<RunFolder> {
    await RunFolder.check(path);
    try {
      await mkdir(path, { recursive: true });
      await writeFile(join(path, FILES.history), '');
    } catch (cause) {
      throw new UserError(`run folder ${path}: ${(cause as Error).message}; choose another place with --out DIR`, {
        cause,
      });
    }
    return new RunFolder(path);
  }

  file(name: string): string {
    return join(this.path, name);
  }

  async write(name: string, contents: Uint8Array | string): Promise<void> {
    await writeFileAtomic(
      this.file(name),
      typeof contents === 'string' ? new TextEncoder().encode(contents) : contents,
    );
  }

  /** Adds a line to the history; it reaches the disk with {@link flush}. NaN and ±∞ are written as strings. */
  log(entry: Readonly<Record<string, unknown>>): void {
    const encode = (_: string, value: unknown): unknown =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    this.pending += `${JSON.stringify(entry, encode)}\n`;
  }

  async flush(): Promise<void> {
    const text = this.pending;
    this.pending = '';
    if (text !== '') await appendFile(this.file(FILES.history), text);
  }
}
