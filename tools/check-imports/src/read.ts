import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, Module, Package } from './model.js';
import { parse, roleOf } from './parse.js';

/** Where workspace packages live: each of these folders holds one package per folder. */
const parents = ['packages', 'tools', 'docs/recipes'];

/** Reads every package that has a `src/`, with all its modules. */
export function readPackages(root: string): Package[] {
  return parents
    .filter((parent) => existsSync(join(root, parent)))
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')) && existsSync(join(root, folder, 'src')))
    .toSorted()
    .map((folder) => readPackage(root, folder));
}

function readPackage(root: string, folder: string): Package {
  const text = readFileSync(join(root, folder, 'package.json'), 'utf8');
  return { folder, text, manifest: JSON.parse(text) as Manifest, modules: [...readModules(root, folder)] };
}

function* readModules(root: string, folder: string): Generator<Module> {
  for (const name of readdirSync(join(root, folder, 'src'), { recursive: true }) as string[]) {
    const within = name.replaceAll('\\', '/');
    if (!/\.[cm]?tsx?$/.test(within)) continue;
    const path = `${folder}/src/${within}`;
    yield parse(path, readFileSync(join(root, path), 'utf8'), roleOf(within));
  }
}
