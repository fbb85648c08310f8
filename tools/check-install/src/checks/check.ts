import type { Consumer } from '../consumer.js';
import type { Packed } from '../pack.js';

/** What checks are given. */
export interface Setting {
  readonly root: string;
  readonly packages: readonly Packed[];
  /** A project into which every package is installed. */
  readonly everything: Consumer;
  /** A new project, with nothing installed. */
  readonly fresh: (name: string) => Consumer;
}

/** Something that must hold for whoever installs the packages. */
export interface Check {
  readonly name: string;
  /** Returns what is wrong, one text each; tells of what it did. */
  run(setting: Setting, tell: (text: string) => void): Promise<string[]>;
}
