import type { PeerId } from './ids.js';
import { PEERS } from './ids.js';

/** One line of a result file. */
export interface Measurement {
  /** With its part after a colon, if it has parts. */
  readonly workload: string;
  readonly peer: PeerId;
  readonly threads: number;
  /** Median of the samples; of one call, or of one op where the workload says so. Absent after an error, and where sizes are measured. */
  readonly ms?: number;
  /** The fastest sample. */
  readonly min?: number;
  /** Of workloads that measure a size. */
  readonly bytes?: number;
  /** 10⁹ multiplications and additions a second, at the median. */
  readonly gflops?: number;
  /** What as many threads of this machine reach without touching memory. */
  readonly roofGflops?: number;
  /** Name and version of what ran, and of its runtime. */
  readonly engine: string;
  /** Load average over the last minute, when the measurement began. */
  readonly load: number;
  /** How many samples there are. */
  readonly samples?: number;
  /** Why there is no figure. */
  readonly error?: string;
  /** What must be known to read the figure. */
  readonly note?: string;
  /** The machine was too slow or too busy in this run for its figures to count. */
  readonly void?: true;
}

const numbers = ['threads', 'ms', 'min', 'bytes', 'gflops', 'roofGflops', 'load', 'samples'] as const;
const texts = ['workload', 'engine', 'error', 'note'] as const;
const required: readonly string[] = ['workload', 'peer', 'threads', 'engine', 'load'];

/**
 * The measurements of a result file.
 *
 * @throws Error naming the line and what is wrong with it.
 */
export function parseMeasurements(text: string, file = 'the file'): Measurement[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const fail = (what: string): never => {
      throw new Error(`${file}, line ${i + 1}: ${what}`);
    };
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return fail('not JSON; expected one measurement a line, as npm run bench writes them');
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail('not an object');
    checkMeasurement(value as Record<string, unknown>, fail);
    return [value as Measurement];
  });
}

function checkMeasurement(value: Record<string, unknown>, fail: (what: string) => never): void {
  for (const name of required) if (!(name in value)) fail(`"${name}" is missing`);
  for (const [name, entry] of Object.entries(value)) {
    if ((numbers as readonly string[]).includes(name)) {
      if (typeof entry !== 'number' || !Number.isFinite(entry))
        fail(`"${name}" must be a number, received ${JSON.stringify(entry)}`);
    } else if ((texts as readonly string[]).includes(name)) {
      if (typeof entry !== 'string') fail(`"${name}" must be a text, received ${JSON.stringify(entry)}`);
    } else if (name === 'peer') {
      if (!(PEERS as readonly unknown[]).includes(entry))
        fail(`unknown peer ${JSON.stringify(entry)}; there are ${PEERS.join(', ')}`);
    } else if (name === 'void') {
      if (entry !== true) fail('"void" is true or absent');
    } else fail(`unknown field "${name}"`);
  }
  if (!('ms' in value) && !('bytes' in value) && !('error' in value))
    fail('there is neither "ms" nor "bytes" nor "error"');
}

export function formatMeasurements(measurements: readonly Measurement[]): string {
  return measurements.map((each) => `${JSON.stringify(each)}\n`).join('');
}
