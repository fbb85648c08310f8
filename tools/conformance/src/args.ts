import { isTensor, type Tensor } from '@lemmata/tensor';

/** A value with its tensors put in. */
export type Given = null | boolean | number | string | Tensor | readonly Given[] | { readonly [name: string]: Given };

/**
 * Arguments under PyTorch's names. A name that is absent or null reads as undefined: the library's default. What is
 * read is kept in mind, so that no adapter passes by an argument that it forgot.
 */
export class Args {
  private readonly values: Readonly<Record<string, Given>>;
  private readonly seen: Set<string> = new Set();

  constructor(values: Readonly<Record<string, Given>>) {
    this.values = values;
  }

  /** Names that were given and never read. */
  get unread(): string[] {
    return Object.keys(this.values).filter((name) => !this.seen.has(name));
  }

  /** The value, whatever it is: a case that must be refused may pass a string for a number. */
  get<T>(name: string): T | undefined {
    this.seen.add(name);
    return (this.values[name] ?? undefined) as T | undefined;
  }

  tensor(name: string): Tensor {
    const value = this.get(name);
    if (!isTensor(value)) throw new Error(`the case has no tensor '${name}'`);
    return value;
  }

  /** The tensor, or null where PyTorch has None. */
  tensorOrNull(name: string): Tensor | null {
    return this.get<Tensor>(name) ?? null;
  }

  tensors(name: string): Tensor[] {
    return [...(this.get<readonly Tensor[]>(name) ?? [])];
  }

  number(name: string): number | undefined {
    return this.get(name);
  }

  flag(name: string): boolean | undefined {
    return this.get(name);
  }

  list(name: string): number[] | undefined {
    return this.get(name);
  }

  text(name: string): string | undefined {
    return this.get(name);
  }

  /** A number for each spatial axis: PyTorch takes a list of one for all of them. */
  perAxis(name: string): number | number[] | undefined {
    const value = this.get<number | number[]>(name);
    return Array.isArray(value) && value.length === 1 ? value[0] : value;
  }

  /** Marks arguments that do not change what is computed. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.seen.add(name);
  }
}

/** Options without those that are undefined. */
export function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
