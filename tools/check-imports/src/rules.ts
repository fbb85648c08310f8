import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { arrows, belowLaws, type Row, scope } from './arrows.js';
import { sourceOf } from './entries.js';
import type { Import, Module, Package, Problem, Role } from './model.js';

/** Third-party packages that each part may import besides those of its row. */
const kits: Readonly<Record<Role, readonly string[]>> = { source: [], wasm: [], laws: ['fast-check'], test: [] };

/** What an entry of its own may import besides the package's row: its users bring these along as optional peers. */
const entryArrows: Readonly<Record<Role, readonly string[]>> = {
  source: [],
  laws: ['laws', 'backend-wasm', ...belowLaws],
  wasm: ['backend-wasm'],
  test: [],
};

/** Everything in these packages that breaks a rule of the package graph. */
export function check(packages: readonly Package[], table: Readonly<Record<string, Row>> = arrows): Problem[] {
  const known = new Map(packages.map((each) => [each.manifest.name, each]));
  return packages.flatMap((each) => [
    ...checkRow(each, table),
    ...each.modules.flatMap((module) => checkModule(each, module, known, table)),
    ...checkDeclared(each, known, table),
  ]);
}

/** The row of a published package; tools and recipes have none and may import any package. */
const rowOf = ({ folder }: Package, table: Readonly<Record<string, Row>>): Row | undefined =>
  folder.startsWith('packages/')
    ? table[folder.slice('packages/'.length)]
    : { may: 'any', thirdParty: 'any', program: true };

function checkRow(each: Package, table: Readonly<Record<string, Row>>): Problem[] {
  if (rowOf(each, table)) return [];
  const message = 'no row in the table of allowed arrows: add one to tools/check-imports/src/arrows.ts';
  return [{ path: `${each.folder}/package.json`, line: 1, message }];
}

function checkModule(
  each: Package,
  module: Module,
  known: ReadonlyMap<string, Package>,
  table: Readonly<Record<string, Row>>,
): Problem[] {
  const row = rowOf(each, table);
  const problems: Problem[] = [];
  const report = (line: number, message: string): void => {
    problems.push({ path: module.path, line, message });
  };
  const library = row?.program !== true && module.role !== 'test';
  if (library) {
    for (const { what, line } of module.impure) {
      report(line, `${what} in library code: take a key (random) or a clock (time) as an argument`);
    }
  }
  for (const item of module.imports) {
    const wrong = item.specifier.startsWith('.')
      ? leavesPackage(each, module, item)
      : ((library ? needsNode(each, module, item) : undefined) ??
        badEntry(item, known) ??
        (row && badArrow(each, row, module, item)) ??
        undeclared(each, row, module, item));
    if (wrong !== undefined) report(item.line, `imports "${item.specifier}": ${wrong}`);
  }
  return problems;
}

function leavesPackage({ folder }: Package, module: Module, { specifier }: Import): string | undefined {
  const target = posix.join(posix.dirname(module.path), specifier);
  if (target.startsWith(`${folder}/`)) return undefined;
  return `a relative path out of ${folder}: import the other package by its name`;
}

/** The package that a specifier names, without sub-path; undefined for Node's own modules. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return undefined;
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Libraries run in browsers too: what needs Node is an entry of its own. */
function needsNode({ folder }: Package, { path }: Module, { specifier }: Import): string | undefined {
  if (packageOf(specifier) !== undefined || /^node(\.ts$|\/)/.test(path.slice(`${folder}/src/`.length)))
    return undefined;
  return "one of Node's own modules, which browsers lack: move what needs it to src/node.ts, an entry of its own";
}

function badEntry({ specifier }: Import, known: ReadonlyMap<string, Package>): string | undefined {
  const name = packageOf(specifier);
  if (name === undefined || !name.startsWith(scope)) return undefined;
  const target = known.get(name);
  if (target === undefined) return `there is no package ${name}`;
  const subPath = `.${specifier.slice(name.length)}`;
  const source = sourceOf(target.manifest.exports, subPath);
  const path = source && posix.join(target.folder, source);
  if (path !== undefined && target.modules.some((module) => module.path === path)) return undefined;
  // A file that is not a module (package.json, a stylesheet) is judged by `exports` alone.
  if (path !== undefined && !/\.[cm]?tsx?$/.test(path)) return undefined;
  return `${name} has no entry "${subPath}"${path ? ` (no file ${path})` : ''}: import one that its package.json exports`;
}

function badArrow({ folder, manifest }: Package, row: Row, module: Module, item: Import): string | undefined {
  const name = packageOf(item.specifier);
  const own = folder.slice('packages/'.length);
  if (name === undefined || module.role === 'test') {
    const forbidden = name === `${scope}laws` && belowLaws.includes(own) && folder.startsWith('packages/');
    return forbidden
      ? `laws stands on ${own}, whose laws live in packages/laws/src/core/: move this file there`
      : undefined;
  }
  if (name === manifest.name) return 'its own package: import the file by a relative path';
  if (!name.startsWith(scope)) return badThirdParty(folder, row, module, name);
  if (row.may === 'any') return undefined;
  const target = name.slice(scope.length);
  if (row.may.includes(target) || entryArrows[module.role].includes(target)) return undefined;
  if (row.types?.includes(target)) {
    return item.typeOnly ? undefined : `${own} may import types of ${target} only: write "import type"`;
  }
  const allowed = [...row.may, ...(row.types ?? []).map((type) => `${type} (types)`)].join(', ') || 'no other package';
  return `${own} may import ${allowed}, not ${target}: move the code, or argue for the arrow in tools/check-imports/src/arrows.ts`;
}

function badThirdParty(folder: string, row: Row, module: Module, name: string): string | undefined {
  const { thirdParty } = row;
  if (thirdParty === 'any' || kits[module.role].includes(name)) return undefined;
  // That it is declared as a peer is checked with the declarations.
  if (thirdParty === 'peer') return undefined;
  if (thirdParty !== undefined) {
    const within = module.path.slice(`${folder}/src/`.length);
    if (within === `${thirdParty.entry}.ts` || within.startsWith(`${thirdParty.entry}/`)) return undefined;
    return `only src/${thirdParty.entry} of this package may import packages from elsewhere: do without ${name} here`;
  }
  return `the core imports no package from elsewhere: do without ${name}`;
}

/** The fields of package.json in which an import of this part may be declared. */
function undeclared(
  { manifest }: Package,
  row: Row | undefined,
  { role }: Module,
  { specifier }: Import,
): string | undefined {
  const name = packageOf(specifier);
  if (name === undefined || name === manifest.name) return undefined;
  const { dependencies = {}, devDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  if (name in dependencies) return undefined;
  if (role === 'test')
    return name in devDependencies || isRootTool(name) ? undefined : 'not in devDependencies: add it';
  const optional = peerDependenciesMeta[name]?.optional === true;
  if (name in peerDependencies && !optional) return undefined;
  const entry = role !== 'source' || typeof row?.thirdParty === 'object';
  // Whoever uses an entry of its own brings along what only that entry needs.
  if (entry && name in peerDependencies && name in devDependencies) return undefined;
  return role === 'source'
    ? 'not in dependencies: add it there'
    : `not declared for the ${role} entry: add it to devDependencies and as an optional peer`;
}

/** What the root installs for the tests of every package. */
const isRootTool = (name: string): boolean => ['vitest', 'vite', 'fast-check'].includes(name);

/** Every dependency that a published package declares is imported by the part that it is declared for. */
function checkDeclared(
  each: Package,
  known: ReadonlyMap<string, Package>,
  table: Readonly<Record<string, Row>>,
): Problem[] {
  const { folder, manifest, modules, text } = each;
  // Tools and recipes may also declare what they read without importing it: data, a compiler for a library that asks for one.
  if (!folder.startsWith('packages/')) return [];
  const path = `${folder}/package.json`;
  const importedBy = (...roles: Role[]): Set<string | undefined> =>
    new Set(
      modules
        .filter((module) => roles.includes(module.role))
        .flatMap((module) => module.imports.map(({ specifier }) => packageOf(specifier))),
    );
  const problems: Problem[] = [];
  const report = (field: string, name: string, message: string): void => {
    const at = Math.max(text.indexOf(`"${name}"`, text.indexOf(`"${field}"`)), 0);
    problems.push({ path, line: text.slice(0, at).split('\n').length, message: `${field} "${name}": ${message}` });
  };
  const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = manifest;
  const bySources = importedBy('source');
  // Whoever uses an entry that needs a package from elsewhere brings it along.
  const broughtAlong = Object.keys(dependencies).flatMap((name) =>
    Object.keys(known.get(name)?.manifest.peerDependenciesMeta ?? {}),
  );
  for (const name of Object.keys(dependencies)) {
    if (!bySources.has(name) && !broughtAlong.includes(name))
      report('dependencies', name, 'no source imports it: remove it, or make it a devDependency');
    if (rowOf(each, table)?.thirdParty === 'peer' && !name.startsWith(scope)) {
      report(
        'dependencies',
        name,
        'this package takes packages from elsewhere as peers only: make it a peerDependency',
      );
    }
  }
  const byAny = importedBy('source', 'laws', 'wasm', 'test');
  for (const [field, names] of Object.entries({ devDependencies, peerDependencies })) {
    for (const name of Object.keys(names)) {
      if (!byAny.has(name) && !name.startsWith('@types/')) report(field, name, 'nothing here imports it: remove it');
      if (name === `${scope}laws` && belowLaws.some((low) => folder === `packages/${low}`)) {
        report(field, name, 'laws stands on this package: remove it');
      }
    }
  }
  return problems;
}
