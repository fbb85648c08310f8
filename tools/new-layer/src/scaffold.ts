import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const templates = join(dirname(dirname(fileURLToPath(import.meta.url))), 'templates');

/** What the author asked for cannot be made; nothing was written. */
export class ScaffoldError extends Error {
  override readonly name: string = 'ScaffoldError';
}

/** The name of a folder: words of small letters and digits, joined by hyphens. */
const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Words of JavaScript that would name a function of the layer, or a variable of its tests. */
const TAKEN = [
  'await',
  'break',
  'case',
  'catch',
  'class',
  'const',
  'continue',
  'default',
  'delete',
  'do',
  'else',
  'enum',
];

/** The spellings of `spatial-pyramid`: in paths, as a function, as a type, and in a heading. */
export function spellings(kebab: string): Readonly<Record<'kebab' | 'camel' | 'Pascal' | 'title', string>> {
  if (!KEBAB.test(kebab) || TAKEN.includes(kebab)) {
    throw new ScaffoldError(
      `'${kebab}' cannot name a folder and a function; take small letters, digits and hyphens, as in spatial-pyramid`,
    );
  }
  const Pascal = kebab.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  const words = kebab.replaceAll('-', ' ');
  return {
    kebab,
    camel: Pascal[0]!.toLowerCase() + Pascal.slice(1),
    Pascal,
    title: words[0]!.toUpperCase() + words.slice(1),
  };
}

/** The files of a new layer in `packages/PKG/src/NAME`; returns their paths, relative to the root. */
export function newLayer(root: string, name: string, packageName: string): string[] {
  const names = spellings(name);
  const home = join(root, 'packages', packageName);
  if (!existsSync(join(home, 'package.json'))) {
    const known = readdirSync(join(root, 'packages')).filter((folder) => folder.startsWith('layers-'));
    throw new ScaffoldError(`there is no package '${packageName}'; layers live in ${known.join(', ')}`);
  }
  return fill('layer', root, join('packages', packageName, 'src', name), names);
}

/** The files of a new package `packages/NAME`; returns their paths, relative to the root. */
export function newPackage(root: string, name: string): string[] {
  return fill('package', root, join('packages', name), spellings(name));
}

/** Copies the templates of a kind: a name in double braces stands for its spelling, `kebab` in a file's name too. */
function fill(kind: string, root: string, folder: string, names: Readonly<Record<string, string>>): string[] {
  const to = join(root, folder);
  if (existsSync(to)) throw new ScaffoldError(`${folder} is there already; choose another name, or remove it first`);
  const from = join(templates, kind);
  const files = readdirSync(from, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => {
    const path = relative(from, join(entry.parentPath, entry.name));
    const text = readFileSync(join(from, path), 'utf8').replace(/\{\{(\w+)\}\}/g, (_, key: string) => names[key]!);
    const target = join(to, path.replace(/\.txt$/, '').replace('kebab', names.kebab!));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, { flag: 'wx' });
    return relative(root, target);
  });
}
