import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './process.js';

/** A package as it would be published. */
export interface Packed extends Built {
  readonly tarball: string;
  /** Bytes of the tarball. */
  readonly bytes: number;
}

/** A package in its folder, built. */
export interface Built {
  readonly name: string;
  readonly version: string;
  /** Its folder in the repository. */
  readonly folder: string;
  /** Packages of this repository that it brings along, directly. */
  readonly ours: readonly string[];
  /** Packages from elsewhere that it brings along, directly. */
  readonly theirs: readonly string[];
  /** What can be imported: `@lemmata/tensor`, and entries such as `@lemmata/layers-conv/conv`. */
  readonly entries: readonly Entry[];
}

export interface Entry {
  /** As it is written in an import. */
  readonly specifier: string;
  /** What its file needs besides what the package brings: peers that are optional. */
  readonly needs: readonly string[];
}

/** Packs every package below `packages/` into a folder. */
export async function packAll(root: string, to: string): Promise<Packed[]> {
  const packed: Packed[] = [];
  for (const one of readBuilt(root)) packed.push(await pack(one, to));
  return packed;
}

/** Packs a package into a folder. */
export async function pack(one: Built, to: string): Promise<Packed> {
  const { name, folder, version } = one;
  await mustRun('pnpm', ['pack', '--pack-destination', to], folder);
  const tarball = join(to, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  return { ...one, tarball, bytes: statSync(tarball).size };
}

/** Every package below `packages/`, as it was built. */
export function readBuilt(root: string): Built[] {
  const names = readdirSync(join(root, 'packages')).filter((name) =>
    existsSync(join(root, 'packages', name, 'package.json')),
  );
  return names.map((name) => {
    const folder = join(root, 'packages', name);
    removeLeftovers(folder);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const all = Object.keys(manifest.dependencies ?? {});
    return {
      name: manifest.name,
      version: manifest.version,
      folder,
      ours: all.filter((each) => each.startsWith('@lemmata/')),
      theirs: all.filter((each) => !each.startsWith('@lemmata/')),
      entries: entriesOf(folder, manifest),
    };
  });
}

/** Removes what earlier builds made of sources that are gone: the compiler leaves it, and it would be published. */
function removeLeftovers(folder: string): void {
  for (const file of readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const stem = /^(.+?)(?:\.d\.ts|\.js)$/.exec(file)?.[1];
    if (stem !== undefined && !existsSync(join(folder, 'src', `${stem}.ts`))) rmSync(join(folder, 'dist', file));
  }
}

/** A package and all of this repository that it brings along. */
export function closure<P extends Built>(packages: readonly P[], name: string): P[] {
  const found = new Map<string, P>();
  const visit = (each: string): void => {
    const one = packages.find((candidate) => candidate.name === each);
    if (one === undefined || found.has(each)) return;
    found.set(each, one);
    one.ours.forEach(visit);
  };
  visit(name);
  return [...found.values()];
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly default: string }>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Every entry that `exports` opens: a star stands for what lies in the built folder. */
export function entriesOf(folder: string, { name, exports, peerDependencies = {} }: Manifest): Entry[] {
  const peers = Object.keys(peerDependencies);
  const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' }).map(
    (file) => `./dist/${file.replaceAll('\\', '/')}`,
  );
  const entries = new Map<string, Entry>();
  for (const [path, target] of Object.entries(exports)) {
    const [before, after] = target.default.split('*') as [string, string?];
    for (const file of files) {
      const matches = after === undefined ? file === before : file.startsWith(before) && file.endsWith(after);
      if (!matches) continue;
      const star = after === undefined ? '' : file.slice(before.length, -after.length);
      if (path.includes('*') && star === '') continue;
      // Samples and oracles that laws share are files of their own, and entries of nobody.
      if (/(^|\/)(index|[\w-]+\.laws)$/.test(star)) continue;
      const specifier = `${name}${path.slice(1).replace('*', star)}`;
      if (!entries.has(specifier)) entries.set(specifier, { specifier, needs: peersOf(folder, file, peers) });
    }
  }
  return [...entries.values()].toSorted((a, b) => (a.specifier < b.specifier ? -1 : 1));
}

/** The optional peers that a built file imports, itself or by way of files beside it. */
function peersOf(folder: string, file: string, peers: readonly string[]): string[] {
  const seen = new Set<string>();
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path) || !existsSync(path)) return;
    seen.add(path);
    for (const [, from] of readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?['"]([^'"]+)['"]/g)) {
      if (from!.startsWith('.')) visit(join(path, '..', from!));
      else for (const peer of peers) if (from === peer || from!.startsWith(`${peer}/`)) found.add(peer);
    }
  };
  visit(join(folder, file));
  return [...found];
}
