/**
 * What part a module plays, told by its name.
 *
 * * `source`: what a user of the package runs
 * * `laws`: an entry of its own, for which the law kit is an optional peer
 * * `wasm`: an entry of its own, for which the WebAssembly backend is an optional peer
 * * `test`: tests and benchmarks, which are not published
 */
export type Role = 'source' | 'laws' | 'wasm' | 'test';

/** One import, export-from, dynamic import or resolve call. */
export interface Import {
  /** The module as it is written in the source. */
  readonly specifier: string;
  readonly line: number;
  /** Whether nothing is left of it once types are stripped. */
  readonly typeOnly: boolean;
}

/** Something that reads a clock or an unseeded generator. */
export interface Impurity {
  readonly what: string;
  readonly line: number;
}

/** One source file. */
export interface Module {
  /** Its path from the root of the repository, with `/`. */
  readonly path: string;
  readonly role: Role;
  readonly imports: readonly Import[];
  readonly impure: readonly Impurity[];
}

/** The fields of a package.json that matter here. */
export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

/** One workspace package. */
export interface Package {
  /** Its folder from the root of the repository, with `/`. */
  readonly folder: string;
  /** The text of its package.json, in which problems are located. */
  readonly text: string;
  readonly manifest: Manifest;
  readonly modules: readonly Module[];
}

/** Something that breaks a rule, and what to do about it. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}
