import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeCheckpoint, type Cursor } from '@lemmata/train';
import { readSafetensors } from '@lemmata/formats';
import { because, UserError } from '../failure.js';
import { FILES } from '../run-folder.js';
import { readHistory, type HistoryEntry } from './history.js';
import type { Command } from './options.js';
import type { Job, Recipe } from './recipe.js';

/** What a run goes on from. */
export interface Earlier<T> {
  readonly state: T;
  readonly cursor: Cursor;
  readonly history: readonly HistoryEntry[];
  /** That training took so far. */
  readonly seconds: number;
}

/** What must be the same for a checkpoint to lead to the weights of an unbroken run. */
export function checkpointFacts(
  recipe: Recipe,
  job: Pick<Job, 'about'>,
  { asked: { data: _, upToLimit: __, ...asked }, backend }: Command,
): Record<string, string> {
  // The number of threads changes no bit, the backend and its kind of SIMD do.
  return {
    recipe: recipe.name,
    // Its folder may have been moved, its samples must not have become others.
    data: job.about,
    backend: backend.kind,
    ...mapValues({ ...asked, limit: asked.limit ?? 'none' }, String),
  };
}

function mapValues(record: object, f: (value: unknown) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
}

/**
 * The checkpoint in a run folder with the history that led to it, or null if there is none.
 *
 * @throws UserError if it is of a run with other settings, listing all of them, or holds a place or a time that none of its can.
 */
export async function resumed<T>(
  folder: string,
  like: T,
  facts: Readonly<Record<string, string>>,
  { epochs, steps }: { readonly epochs: number; readonly steps: number },
): Promise<Earlier<T> | null> {
  const path = join(folder, FILES.checkpoint);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw new UserError(`${path}: ${because(cause)}`, { cause });
  });
  if (bytes === null) return null;
  const file = new Uint8Array(bytes);
  const { metadata } = readSafetensors(file, { name: path });
  const different = Object.entries(facts).filter(([name, value]) => metadata[name] !== value);
  if (different.length > 0) {
    const list = different.map(([name, value]) => `${name} was ${metadata[name] ?? 'not told'}, is ${value}`);
    throw new UserError(
      `${path}: it is of another run: ${list.join('; ')}. Give the same options, or another --out DIR`,
    );
  }
  const { state, cursor } = decodeCheckpoint(file, like, path);
  const seconds = Number(metadata['seconds']);
  const { epoch, step } = cursor;
  if (!(seconds >= 0 && Number.isFinite(seconds) && step < steps && epoch * steps + step <= epochs * steps))
    throw new UserError(
      `${path}: it is damaged: received epoch ${epoch}, step ${step} and ${metadata['seconds']} seconds; expected a place in ${epochs} epochs of ${steps} steps, and a count of seconds. Give another --out DIR`,
    );
  const history = await readHistory(join(folder, FILES.history), cursor);
  return { state, cursor, history, seconds };
}
