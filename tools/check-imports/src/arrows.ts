/**
 * The package graph: which package may import which. This table is the one place where an arrow is allowed; a new
 * package needs a row here.
 */

/** What one package may import from its sources. */
export interface Row {
  /** The packages of this repository that it may import; `'any'` for the command, where everything meets. */
  readonly may: readonly string[] | 'any';
  /** Packages of which it may import types alone. */
  readonly types?: readonly string[];
  /**
   * Whether its sources may import packages from elsewhere: never in the core; `'peer'` if they must be peer
   * dependencies; a folder or file of `src/` (without extension) if only that entry may.
   */
  readonly thirdParty?: 'any' | 'peer' | { readonly entry: string };
  /** Whether it is a program rather than a library: it may read a clock, and use Node's modules anywhere. */
  readonly program?: true;
}

const layer: Row = { may: ['nn', 'tensor', 'shape', 'random', 'tree'] };

const layers = {
  'layers-linear': layer,
  'layers-activation': layer,
  'layers-conv': layer,
  'layers-pool': layer,
  'layers-norm': layer,
  'layers-recurrent': layer,
  'layers-attention': layer,
  'layers-resample': layer,
  'layers-dropout': layer,
  'layers-embedding': layer,
} satisfies Record<string, Row>;

/** The rows, from the packages that stand on nothing to those that stand on the most. */
export const arrows: Readonly<Record<string, Row>> = {
  shape: { may: [] },
  random: { may: [] },
  tree: { may: [] },
  tensor: { may: ['shape', 'tree', 'random'] },
  autograd: { may: ['tensor', 'tree', 'random', 'shape'] },
  compile: { may: ['tensor', 'tree', 'shape'] },
  'backend-wasm': { may: ['tensor', 'shape'] },
  nn: { may: ['tensor', 'random', 'tree', 'shape'] },
  ...layers,
  losses: layer,
  optim: { may: ['tensor', 'tree', 'shape'] },
  data: { may: ['random'], thirdParty: { entry: 'image' } },
  formats: { may: ['tree'], types: ['tensor'] },
  architectures: { may: ['nn', ...Object.keys(layers), 'losses', 'tensor', 'shape', 'random', 'tree'] },
  train: {
    may: ['tensor', 'shape', 'tree', 'random', 'nn', 'compile', 'autograd', 'losses', 'optim', 'data', 'formats'],
  },
  visualize: { may: [], thirdParty: 'any' },
  laws: { may: ['shape', 'random', 'tree', 'tensor', 'autograd', 'compile', 'nn'], thirdParty: 'peer' },
  cli: { may: 'any', thirdParty: 'any', program: true },
};

/** Packages on which `laws` stands: they never name it, for turbo builds development dependencies first as well. */
export const belowLaws: readonly string[] = ['shape', 'random', 'tree', 'tensor', 'autograd', 'compile', 'nn'];

/** The scope under which the packages of this repository are published. */
export const scope = '@lemmata/';
