import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrows } from '@lemmata/check-imports/arrows';

/** A layer: a folder with a page of its own. */
export interface LayerFacts {
  readonly name: string;
  /** Its folder from the root of the repository. */
  readonly folder: string;
  /** Its source files, the one that users import first, tests left out. */
  readonly sources: readonly string[];
}

/** What the site tells of a published package, read from its folder. */
export interface PackageFacts {
  /** Its name without the scope, which is its folder's. */
  readonly name: string;
  readonly description: string;
  readonly folder: string;
  readonly dependencies: readonly string[];
  /** Packages from elsewhere, as dependencies or peers. */
  readonly thirdParty: readonly string[];
  readonly usedBy: readonly string[];
  readonly layers: readonly LayerFacts[];
}

/** A recipe: a program that uses the packages, with a page of its own. */
export interface RecipeFacts {
  readonly name: string;
  readonly folder: string;
}

const folders = (path: string): string[] =>
  existsSync(path)
    ? readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
    : [];

/** Every published package, those that stand on nothing first. */
export function readPackages(root: string): PackageFacts[] {
  const order = Object.keys(arrows);
  const names = folders(join(root, 'packages'))
    .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
    .toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
  const manifests = names.map((name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')));
  const ours = (fields: object | undefined): string[] =>
    Object.keys(fields ?? {})
      .filter((name) => name.startsWith('@lemmata/'))
      .map((name) => name.slice('@lemmata/'.length));
  return names.map((name, index): PackageFacts => {
    const { description, dependencies, peerDependencies } = manifests[index];
    return {
      name,
      description,
      folder: `packages/${name}`,
      dependencies: ours(dependencies),
      thirdParty: Object.keys({ ...dependencies, ...peerDependencies }).filter((each) => !each.startsWith('@lemmata/')),
      usedBy: names.filter((_, other) => ours(manifests[other].dependencies).includes(name)),
      layers: readLayers(root, `packages/${name}`),
    };
  });
}

/** Folders below `path`, those inside others too, by their paths from it. */
export const foldersWithin = (path: string): string[] =>
  folders(path).flatMap((name) => [name, ...foldersWithin(join(path, name)).map((inner) => `${name}/${inner}`)]);

function readLayers(root: string, folder: string): LayerFacts[] {
  return foldersWithin(join(root, folder, 'src'))
    .filter((name) => existsSync(join(root, folder, 'src', name, 'docs.md')))
    .map((name) => {
      const within = `${folder}/src/${name}`;
      const sources = readdirSync(join(root, within)).filter((file) => /(?<!\.test)\.ts$/.test(file));
      // What a reader looks for first: the layer, then its laws; the list of exports is of least interest.
      const rank = (file: string): number => ['index.ts', 'bench.ts', 'mutants.ts', 'laws.ts'].indexOf(file);
      return {
        name,
        folder: within,
        sources: sources.toSorted((a, b) => {
          const [x, y] = [rank(a), rank(b)];
          return x === y ? a.localeCompare(b) : y === -1 ? 1 : x === -1 ? -1 : y - x;
        }),
      };
    });
}

/** Every recipe that has a README. */
export function readRecipes(root: string): RecipeFacts[] {
  return folders(join(root, 'docs/recipes'))
    .map((name) => ({ name, folder: `docs/recipes/${name}` }))
    .filter(({ folder }) => existsSync(join(root, folder, 'README.md')));
}
