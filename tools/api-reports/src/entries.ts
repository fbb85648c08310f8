import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Something that can be imported. */
export interface Entry {
  /** As it is written in an import. */
  readonly specifier: string;
  /** Its source, without `.ts`, from the package's `src`: `conv/index`. */
  readonly module: string;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly default?: string } | string>>;
}

/** Names of folders below `packages/` that hold a package. */
export function packageFolders(root: string): string[] {
  return readdirSync(join(root, 'packages')).filter((name) => existsSync(join(root, 'packages', name, 'package.json')));
}

/**
 * Every entry that a package's `exports` open, by its shortest address. A star stands for what lies in the sources; tests and
 * what laws share are entries of nobody.
 */
export function entriesOf(folder: string): Entry[] {
  const { name, exports }: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const modules = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !/\.(test|laws)\.ts$/.test(file))
    .map((file) => file.slice(0, -'.ts'.length));
  const found = new Map<string, string>();
  for (const [path, target] of Object.entries(exports)) {
    const file = typeof target === 'string' ? target : target.default;
    const [before, after] = (file ?? '').replace('./dist/', '').split('*') as [string, string?];
    for (const module of modules) {
      const built = `${module}.js`;
      const matches = after === undefined ? built === before : built.startsWith(before) && built.endsWith(after);
      if (!matches) continue;
      const star = after === undefined ? '' : built.slice(before.length, built.length - after.length);
      if (path.includes('*') && star === '') continue;
      const specifier = `${name}${path.slice(1).replace('*', star)}`;
      const known = found.get(module);
      if (known === undefined || specifier.length < known.length) found.set(module, specifier);
    }
  }
  return [...found]
    .map(([module, specifier]) => ({ specifier, module }))
    .toSorted((a, b) => (a.specifier < b.specifier ? -1 : 1));
}
