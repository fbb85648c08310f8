import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entrySizes, type EntrySize } from './entry-sizes.js';
import { closure, pack, readBuilt, type Built, type Packed } from './pack.js';

/** What is installed by the one who wants a convolution. */
const WANTED = '@lemmata/layers-conv';

/** Sizes as they are now, of what was built: tables in Markdown. */
export async function sizeTables(root: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lemmata-sizes-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(root, 'packages'), join(folder, 'node_modules', '@lemmata'), 'dir');
    const built = readBuilt(root);
    const brought: Packed[] = [];
    for (const one of closure(built, WANTED)) brought.push(await pack(one, folder));
    return `${installTable(brought)}\n\n${entryTables(built, await entrySizes({ folder }, built))}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function installTable(brought: readonly Pick<Packed, 'name' | 'bytes'>[]): string {
  const bytes = brought.reduce((sum, one) => sum + one.bytes, 0);
  return [
    `\`npm i ${brought[0]!.name}\` brings ${brought.length} packages, ${kib(bytes)} to fetch: no install script, and nothing from elsewhere.`,
    '',
    '| package | to fetch |',
    '|---|---:|',
    ...brought.map((one) => `| \`${one.name}\` | ${kib(one.bytes)} |`),
  ].join('\n');
}

/** Each package with its index, and below it what else can be imported from it. */
export function entryTables(packages: readonly Pick<Built, 'name'>[], sizes: readonly EntrySize[]): string {
  const columns = '| entry | minified | and gzipped | budget |\n|---|---:|---:|---:|';
  const row = ({ specifier, bytes, gzip, budget }: EntrySize): string =>
    `| \`${specifier}\` | ${kib(bytes)} | ${kib(gzip)} | ${kib(budget)} |`;
  const indices = sizes.filter(({ specifier }) => packages.some(({ name }) => name === specifier));
  const rest = packages.flatMap(({ name }) => {
    const mine = sizes.filter(({ specifier }) => specifier.startsWith(`${name}/`));
    if (mine.length === 0) return [];
    return [`::: details ${name}: ${mine.length} more entries\n\n${columns}\n${mine.map(row).join('\n')}\n\n:::`];
  });
  return [`${columns}\n${indices.map(row).join('\n')}`, ...rest].join('\n\n');
}

const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
