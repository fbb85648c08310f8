import { readFile } from 'node:fs/promises';
import type { Cursor, LoopEvent } from '@lemmata/train';
import { because, UserError } from '../failure.js';

/** One step or epoch, as the history keeps it. */
export interface HistoryEntry {
  readonly kind: 'step' | 'epoch';
  readonly epoch: number;
  readonly step: number;
  readonly size: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export function historyEntry({ kind, epoch, step, size, loss, metrics }: LoopEvent<unknown>): HistoryEntry {
  return { kind, epoch, step, size, loss, metrics };
}

/**
 * An epoch's entry as the mean of its steps by their size: what training reports knows the steps since it was resumed only.
 */
export function wholeEpoch(entry: HistoryEntry, history: readonly HistoryEntry[]): HistoryEntry {
  const steps = history.filter(({ kind, epoch }) => kind === 'step' && epoch === entry.epoch);
  const size = steps.reduce((sum, step) => sum + step.size, 0);
  const mean = (of: (step: HistoryEntry) => number): number =>
    steps.reduce((sum, step) => sum + of(step) * step.size, 0) / size;
  const metrics = Object.fromEntries(Object.keys(entry.metrics).map((name) => [name, mean((s) => s.metrics[name]!)]));
  return { ...entry, size, loss: mean((s) => s.loss), metrics };
}

/** An entry as a flat record, for a line of the file. */
export function historyLine({ metrics, ...rest }: HistoryEntry): Record<string, unknown> {
  return { ...rest, ...metrics };
}

function parseLine(line: string, where: string): Record<string, number> & { kind: string } {
  try {
    return JSON.parse(line) as Record<string, number> & { kind: string };
  } catch (cause) {
    throw new UserError(
      `${where}: received ${line.length > 60 ? `${line.slice(0, 57)}…` : line}; expected a JSON object. Remove the line, or give another --out DIR`,
      { cause },
    );
  }
}

/**
 * The entries of a history file up to a place in the data; a last line that was cut off by a crash is passed over.
 *
 * @throws UserError naming the file, and the line, where it cannot be read or a line is damaged.
 */
export async function readHistory(path: string, cursor: Cursor): Promise<HistoryEntry[]> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw new UserError(`${path}: ${because(cause)}`, { cause });
  });
  return text
    .split('\n')
    .flatMap((line, i) => (line.endsWith('}') ? [parseLine(line, `${path}, line ${i + 1}`)] : []))
    .filter(
      ({ kind, epoch, step, size, loss }) =>
        (kind === 'step' || kind === 'epoch') &&
        typeof size === 'number' &&
        typeof loss === 'number' &&
        (epoch! < cursor.epoch || (epoch === cursor.epoch && step! <= cursor.step)),
    )
    .map(({ kind, epoch, step, size, loss, ...metrics }) => ({
      kind: kind as 'step',
      epoch: epoch!,
      step: step!,
      size: size!,
      loss: loss!,
      metrics,
    }));
}
