import type { PeerId } from './ids.js';
import type { Library } from './peers/lemmata.js';
import type { Prepared, Task } from './task.js';

/** Something that is measured on every side. */
export interface Workload {
  readonly id: string;
  /** For tables. */
  readonly title: string;
  /** What it consists of; named after a colon. None: it is one measurement. */
  readonly parts?: readonly string[];
  /** Sides on which it means something. Default: all. */
  readonly peers?: readonly PeerId[];
  /** The least number of samples. Default 7. */
  readonly samples?: number;
  /** Which figure is compared. Default: the median. */
  readonly by?: 'min';
  /** Whether our 3×3 convolutions may take Winograd's algorithm. Default: they may. */
  winograd?(part: string): boolean;
  /** What the peers run. `part` is '' where there are no parts. */
  task?(part: string): Task;
  /** Multiplications and additions of one call. */
  flops?(part: string): number;
  /** Our side of it. Throws where it is not built yet. */
  lemmata?(library: Library, part: string): Prepared | Promise<Prepared>;
  /** Measured in a way of its own instead: see there. */
  readonly special?: 'coldstart' | 'bundle' | 'memory' | 'compile-time';
}

export function notBuilt(what: string): never {
  throw new Error(`not built yet: ${what}`);
}
