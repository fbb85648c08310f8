import type { Block } from './networks.js';

/** The work of one workload as plain data: every side, of whatever language, is told the same. Images are [N, C, H, W]. */
export type Task =
  | { readonly kind: 'matmul'; readonly size: number }
  | ConvTask
  | { readonly kind: 'batch-norm'; readonly shape: readonly number[] }
  | { readonly kind: 'max-pool'; readonly shape: readonly number[]; readonly kernel: number }
  | { readonly kind: 'relu'; readonly length: number }
  | { readonly kind: 'add'; readonly length: number }
  /** Many small additions, one after the other. */
  | { readonly kind: 'small-add'; readonly length: number; readonly times: number }
  | { readonly kind: 'softmax'; readonly shape: readonly number[] }
  | TrainTask
  | { readonly kind: 'infer'; readonly network: readonly Block[]; readonly input: readonly number[] };

/** Stride 1 and no bias. `part` is what is computed: the output, or the gradient for input or weight from one for the output. */
export interface ConvTask {
  readonly kind: 'conv';
  readonly part: 'forward' | 'input' | 'weight';
  readonly batch: number;
  readonly channels: number;
  readonly size: number;
  readonly filters: number;
  readonly kernel: number;
  readonly padding: number;
  readonly groups: number;
}

/** One step: forward, loss, backward, update. */
export interface TrainTask {
  readonly kind: 'train';
  readonly network: readonly Block[];
  readonly input: readonly number[];
  readonly loss: 'cross-entropy' | 'binary-cross-entropy';
  readonly optimizer: 'sgd' | 'adam';
}

/** Work that is ready to be timed. */
export interface Prepared {
  /** Does it once, to its end. */
  readonly call: () => void | Promise<void>;
  /** Numbers that are the same on every side that does the same work. Asked for after the first call. */
  readonly check: () => readonly number[] | Promise<readonly number[]>;
  /** How many of what is reported one call does. Default 1. */
  readonly units?: number;
}

/** A peer, loaded and set to a number of threads. */
export interface Adapter {
  /** Name and version, of the runtime too. */
  readonly engine: string;
  /** Throws where the peer cannot do it as it is shipped. */
  prepare(task: Task): Prepared | Promise<Prepared>;
}

/** What the file of a peer exports as `open`. */
export type Open = (threads: number) => Promise<Adapter>;

export const NODE: string = `Node ${process.versions.node}`;

export function cannot(what: string): never {
  throw new Error(`cannot: ${what}`);
}
