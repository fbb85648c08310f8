import type { Tensor } from '@lemmata/tensor';
import type { Args } from './args.js';

/** One call of a function or a module, under PyTorch's names. */
export interface Call {
  readonly args: Args;
  /** Arguments of the constructor. */
  readonly init: Args;
  readonly params: Readonly<Record<string, Tensor>>;
  readonly buffers: Readonly<Record<string, Tensor>>;
  readonly training: boolean;
}

/** Outputs by name; a list's are `name.0`, `name.1`, … */
export type Outputs = Readonly<Record<string, Tensor | readonly Tensor[]>>;

export interface Result {
  readonly out: Outputs;
  /** Buffers after the call, by name. */
  readonly after?: Readonly<Record<string, Tensor>>;
}

/** PyTorch's function or module, said in this library's: names are translated, and nothing is computed. */
export type Adapter = (call: Call) => Tensor | Result;

export type Adapters = Readonly<Record<string, Adapter>>;

/** A case that needs what the library has not: it is skipped. */
export class Unsupported extends Error {
  override readonly name: string = 'Unsupported';
}

export function unsupported(what: string): never {
  throw new Unsupported(what);
}
