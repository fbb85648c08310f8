import type { Package, Problem } from './model.js';

/** A cycle among packages, dependencies of every kind counted (turbo builds development dependencies first as well). */
export function findCycles(packages: readonly Package[]): Problem[] {
  const byName = new Map(packages.map((each) => [each.manifest.name, each]));
  const done = new Set<string>();
  const problems: Problem[] = [];
  const walk = (name: string, above: readonly string[]): void => {
    if (above.includes(name)) {
      const cycle = [...above.slice(above.indexOf(name)), name];
      const path = `${byName.get(name)!.folder}/package.json`;
      problems.push({ path, line: 1, message: `a cycle of packages: ${cycle.join(' → ')}. Break one of its arrows` });
      return;
    }
    if (done.has(name)) return;
    for (const next of declaredBy(byName.get(name)!)) if (byName.has(next)) walk(next, [...above, name]);
    done.add(name);
  };
  for (const name of byName.keys()) walk(name, []);
  return problems;
}

function declaredBy({ manifest: { dependencies, devDependencies, peerDependencies } }: Package): string[] {
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
}
