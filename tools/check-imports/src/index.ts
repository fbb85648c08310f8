import { findCycles } from './cycles.js';
import type { Problem } from './model.js';
import { readPackages } from './read.js';
import { check } from './rules.js';

export { arrows, scope, type Row } from './arrows.js';
export { drawGraph, type Edge, packageEdges } from './graph.js';
export { readPackages } from './read.js';
export type { Import, Manifest, Module, Package, Problem, Role } from './model.js';
export { sourceOf } from './entries.js';

/** The outcome of a check of the whole repository. */
export interface Outcome {
  readonly problems: readonly Problem[];
  readonly packages: number;
  readonly modules: number;
}

/**
 * Checks every package below this folder.
 *
 * @throws Error if it read fewer modules than there are packages, or no import at all: then it would pass blindly.
 */
export function checkRepository(root: string): Outcome {
  const packages = readPackages(root);
  const modules = packages.flatMap((each) => each.modules);
  const imports = modules.flatMap((module) => module.imports);
  if (packages.length < 20 || modules.length < packages.length || imports.length < packages.length) {
    throw new Error(
      `read ${packages.length} packages, ${modules.length} modules and ${imports.length} imports below ${root}: ` +
        'expected at least 20 packages and as many modules and imports as packages; is this the root of the repository?',
    );
  }
  return {
    problems: [...check(packages), ...findCycles(packages)],
    packages: packages.length,
    modules: modules.length,
  };
}
