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

/** Words that strict JavaScript keeps for itself. */
const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof undefined var void while with yield'
  ).split(' '),
);

/** The spellings of `spatial-pyramid`: in paths, as a function, as a type, and in a heading. */
export function spellings(kebab: string): Readonly<Record<'kebab' | 'camel' | 'Pascal' | 'title', string>> {
  if (!KEBAB.test(kebab)) {
    throw new ScaffoldError(
      `'${kebab}' cannot name a folder and a function; take small letters, digits and hyphens, as in spatial-pyramid`,
    );
  }
  if (RESERVED.has(kebab)) throw new ScaffoldError(`'${kebab}' is a word of JavaScript; choose another name`);
  const Pascal = kebab.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  const words = kebab.replaceAll('-', ' ');
  return {
    kebab,
    camel: Pascal[0]!.toLowerCase() + Pascal.slice(1),
    Pascal,
    title: words[0]!.toUpperCase() + words.slice(1),
  };
}

/** Layers live in packages of such names: so the docs and the audit find them. */
export const LAYERS = 'layers-';

/** The files of a new layer in `packages/PKG/src/NAME`; returns their paths, relative to the root. */
export function newLayer(root: string, name: string, packageName: string): string[] {
  const names = spellings(name);
  const known = readdirSync(join(root, 'packages')).filter((each) => each.startsWith(LAYERS) && isPackage(root, each));
  if (!known.includes(packageName)) {
    const is = isPackage(root, packageName) ? 'holds no layers' : 'is not there';
    throw new ScaffoldError(`a package '${packageName}' ${is}; layers live in ${known.join(', ')}`);
  }
  const folder = join('packages', packageName, 'src', name);
  mustBeFree(root, folder);
  const taken = takenNames(root, packageName);
  for (const spelling of [names.camel, names.Pascal, names.kebab]) {
    if (taken.has(spelling))
      throw new ScaffoldError(`'${spelling}' is the name of ${taken.get(spelling)}; choose another name`);
  }
  return fill('layer', root, folder, names);
}

const isPackage = (root: string, name: string): boolean => existsSync(join(root, 'packages', name, 'package.json'));

/** Names under which a layer of this package could not be: each with what has it. */
function takenNames(root: string, packageName: string): Map<string, string> {
  const taken = new Map([['wasm', 'a file of every layer with kernels']]);
  for (const file of readdirSync(join(templates, 'layer'))) {
    const text = readFileSync(join(templates, 'layer', file), 'utf8').replace(/\{\{\w+\}\}\w*/g, '');
    for (const each of [...importedBy(text), ...declaredBy(text)]) taken.set(each, `something in ${plain(file)}`);
    taken.set(file.split('.')[0]!, 'a file of every layer');
  }
  const sources = join(root, 'packages', packageName, 'src');
  const folders = existsSync(sources) ? readdirSync(sources) : [];
  for (const index of folders.map((folder) => join(sources, folder, 'index.ts')).filter((file) => existsSync(file))) {
    const names = [...readFileSync(index, 'utf8').matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) =>
      words(list!),
    );
    for (const each of names) taken.set(each, `an export of ${relative(root, index)}`);
  }
  return taken;
}

const importedBy = (text: string): string[] =>
  [...text.matchAll(/import (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) => words(list!));
const declaredBy = (text: string): string[] =>
  [...text.matchAll(/\b(?:const|function) (\w+)/g)].map(([, each]) => each!);

/** The names on a list of imports or exports. */
const words = (list: string): string[] =>
  list.split(',').flatMap((each) => /(\w+)\s*$/.exec(each.trim())?.slice(1) ?? []);

/** The name of a template as it is in a layer's folder. */
const plain = (file: string): string => file.replace(/\.txt$/, '');

/** The files of a new package `packages/NAME`; returns their paths, relative to the root. */
export function newPackage(root: string, name: string): string[] {
  const names = spellings(name);
  const folder = join('packages', name);
  mustBeFree(root, folder);
  return fill('package', root, folder, names);
}

function mustBeFree(root: string, folder: string): void {
  if (existsSync(join(root, folder)))
    throw new ScaffoldError(`${folder} is there already; choose another name, or remove it first`);
}

/** Copies the templates of a kind: a name in double braces stands for its spelling, `kebab` in a file's name too. */
function fill(kind: string, root: string, folder: string, names: Readonly<Record<string, string>>): string[] {
  const from = join(templates, kind);
  const files = readdirSync(from, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => {
    const path = relative(from, join(entry.parentPath, entry.name));
    const text = readFileSync(join(from, path), 'utf8').replace(/\{\{(\w+)\}\}/g, (_, key: string) => names[key]!);
    const target = join(root, folder, plain(path).replace('kebab', names.kebab!));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, { flag: 'wx' });
    return relative(root, target);
  });
}
