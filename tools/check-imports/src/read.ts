import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, Module, Package } from './model.js';
import { parse, roleOf } from './parse.js';

/** Where workspace packages live: each of these folders holds one package per folder. */
const parents = ['packages', 'tools'];

/** One package whose modules lie in folders of their own beside its package.json. */
const recipes = 'docs/recipes';

/** Reads every package that has a `src/`, with all its modules. */
export function readPackages(root: string): Package[] {
  const packages = parents
    .filter((parent) => existsSync(join(root, parent)))
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')) && existsSync(join(root, folder, 'src')))
    .map((folder) => readPackage(root, folder, 'src/'));
  if (existsSync(join(root, recipes, 'package.json'))) packages.push(readPackage(root, recipes, ''));
  return packages.toSorted((a, b) => (a.folder < b.folder ? -1 : 1));
}

function readPackage(root: string, folder: string, sources: string): Package {
  const text = readFileSync(join(root, folder, 'package.json'), 'utf8');
  return { folder, text, manifest: JSON.parse(text) as Manifest, modules: [...readModules(root, folder, sources)] };
}

function* readModules(root: string, folder: string, sources: string): Generator<Module> {
  for (const within of sourceFiles(join(root, folder, sources))) {
    const path = `${folder}/${sources}${within}`;
    yield parse(path, readFileSync(join(root, path), 'utf8'), roleOf(within));
  }
}

/** The TypeScript files under a folder, but for what was installed or built there. */
function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) {
      if (entry.name === 'node_modules' || entry.name === 'dist') return [];
      return sourceFiles(join(folder, entry.name)).map((within) => `${entry.name}/${within}`);
    }
    return /\.[cm]?tsx?$/.test(entry.name) ? [entry.name] : [];
  });
}
