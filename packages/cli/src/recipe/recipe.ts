import type { Column } from '@lemmata/data';
import type { Batches, Step } from '@lemmata/train';
import type { ReportSection } from '@lemmata/visualize';
import type { HistoryEntry } from './history.js';

/** What a recipe is run with; each has an option of the command line. */
export interface Settings {
  readonly epochs: number;
  readonly batchSize: number;
  /** Its peak, where a schedule changes it. */
  readonly learningRate: number;
  /** Train on the first so many samples only. */
  readonly limit?: number | undefined;
}

/** A training that one command runs: the data, the step, and what its report shows. The loop around it is shared. */
export interface Recipe {
  /** Also of its folder and of its run folder. */
  readonly name: string;
  /** Where a user's own data may be learnt from, it ends with 'on' and the recipe's: 'LeNet-5 on MNIST'. */
  readonly title: string;
  readonly settings: Settings;
  /** What `--quick` changes: a slice that takes seconds and shows that everything works. */
  readonly quick: Partial<Settings>;
  /** Folder of the data where `--data` names none. Absent: the recipe takes no `--data`. */
  readonly dataFolder?: () => string | Promise<string>;
  /** What is in that folder, for `--help`: 'the four files of MNIST'. Default: 'the data'. */
  readonly dataHolds?: string;
  /** Refuses what can be refused, and writes nothing. */
  readonly prepare: (asked: Asked) => Promise<Job>;
}

export interface Asked extends Settings {
  readonly seed: number;
  readonly quick: boolean;
  /** Whether `limit` is that of a quick run, which takes what there is where that is less. */
  readonly upToLimit: boolean;
  /** The data's folder; '' if the recipe takes none. */
  readonly data: string;
}

/** A recipe about to run. `T` is its state: a tree of tensors that holds everything a step changes. */
export interface Job<T = any> {
  /** The data in a few words, for people: 'MNIST: 60000 training images, 10000 test images'. */
  readonly about: string;
  /** The user's own data in a word, which takes the place of the recipe's in its title. Default: none. */
  readonly own?: string | undefined;
  /** What is counted: 'images'. */
  readonly unit: string;
  /** Of them in an epoch. */
  readonly samples: number;
  readonly batches: Batches;
  /** The columns of a batch that a step reads. Default: all, in their order. */
  readonly columns?: (batch: any) => readonly Column[];
  readonly start: () => T;
  readonly step: Step<T>;
  /** The trees whose leaves are the trained model: what is hashed and saved. */
  readonly model: (state: T) => Weights;
  /** Kept in the model's file. */
  readonly facts?: object;
  /** Judges the trained model. */
  readonly finish: (state: T, training: Training) => Promise<Outcome>;
}

export interface Weights {
  readonly params: unknown;
  readonly state: unknown;
}

/** How a training went. */
export interface Training {
  readonly history: readonly HistoryEntry[];
  readonly seconds: number;
  readonly seed: number;
  /** A tree with its tensors on the backend that the training ran on. */
  readonly put: <T>(tree: T) => T;
  /** Adds a line to the run's history. */
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** What a figure should be; `aim` is what it would be at best. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly atLeast: number;
  readonly aim?: number;
}

export interface Outcome {
  /** The last line on standard output, and what the recipe is judged by. */
  readonly result: { readonly name: string; readonly value: number; readonly digits: number; readonly unit?: string };
  /** Default: none. */
  readonly goals?: readonly Goal[];
  /** Everything measured, by name. */
  readonly figures: Readonly<Record<string, unknown>>;
  readonly subtitle: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly sections: readonly ReportSection[];
  readonly footer: string;
  /** The picture that tells what was found, an SVG document: a file beside the report, for the recipe's page. Default: none. */
  readonly figure?: string;
}
