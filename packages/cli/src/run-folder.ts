import { constants } from 'node:fs';
import { access, appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '@lemmata/formats/node';
import { because, UserError } from './failure.js';

/** Files of a run. */
export const FILES = {
  history: 'history.jsonl',
  checkpoint: 'checkpoint.safetensors',
  model: 'model.safetensors',
  report: 'report.html',
  figure: 'figure.svg',
  run: 'run.json',
} as const;

/** A line of the history. */
type Entry = Readonly<Record<string, unknown>>;

/** The folder that a run writes into; files but the history are written whole or not at all. */
export class RunFolder {
  readonly path: string;
  private pending = '';
  /** Bytes of the history, as this run left it. */
  private size = 0;

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

  /**
   * Makes the folder. A new run starts with an empty history and removes what an older one left, whose checkpoint is not
   * to be taken for its own; a resumed one (with the history that led to its checkpoint) removes what came after.
   */
  static async create(path: string, resumed: readonly Entry[] | null = null): Promise<RunFolder> {
    await RunFolder.check(path);
    const folder = new RunFolder(path);
    const kept: readonly string[] = resumed === null ? [] : [FILES.checkpoint, FILES.history];
    try {
      await mkdir(path, { recursive: true });
      const known = Object.values(FILES) as string[];
      for (const name of await readdir(path)) {
        // `.tmp` is what a killed process was writing.
        const ours = known.some((file) => name === file || (name.startsWith(`${file}.`) && name.endsWith('.tmp')));
        if (ours && !kept.includes(name)) await rm(join(path, name));
      }
      for (const entry of resumed ?? []) folder.log(entry);
      await folder.write(FILES.history, folder.pending);
      folder.size = Buffer.byteLength(folder.pending);
      folder.pending = '';
    } catch (cause) {
      throw new UserError(`run folder ${path}: ${because(cause as Error)}; choose another place with --out DIR`, {
        cause,
      });
    }
    return folder;
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
  log(entry: Entry): void {
    const encode = (_: string, value: unknown): unknown =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    this.pending += `${JSON.stringify(entry, encode)}\n`;
  }

  /** @throws UserError where the history cannot be written, or has been by another run: their checkpoints would mix. */
  async flush(): Promise<void> {
    const lines = Buffer.from(this.pending);
    this.pending = '';
    const path = this.file(FILES.history);
    let size: number;
    try {
      ({ size } = await stat(path));
      if (size === this.size) await appendFile(path, lines);
    } catch (cause) {
      throw new UserError(`${path}: ${because(cause as Error)}; expected the history of this run`, { cause });
    }
    if (size !== this.size)
      throw new UserError(
        `${path}: received ${size} bytes; expected ${this.size}, as this run left it. Another run writes into the folder: give each its own --out DIR`,
      );
    this.size += lines.length;
  }
}
