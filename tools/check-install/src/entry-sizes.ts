import { BUDGETS, KERNEL_BUDGET } from './budgets.js';
import { sizeOf } from './checks/sizes.js';
import type { Built } from './pack.js';

/** What everything of an entry takes, with all that it brings along. */
export interface EntrySize {
  readonly specifier: string;
  /** Minified. */
  readonly bytes: number;
  /** Minified and gzipped. */
  readonly gzip: number;
  readonly budget: number;
}

/** Optional peers that belong into a page, and count. */
const OF_A_PAGE: readonly string[] = ['@lemmata/backend-wasm'];

/**
 * The sizes of all entries that a page may import, of packages that have a budget: laws and what reads files are for a
 * developer's machine, and what needs a library of others is as large as that is.
 *
 * @param where A folder from which the packages can be imported.
 */
export async function entrySizes(
  where: { readonly folder: string },
  packages: readonly Pick<Built, 'name' | 'entries'>[],
): Promise<EntrySize[]> {
  const sizes: EntrySize[] = [];
  for (const { name, entries } of packages) {
    const ofPackage = BUDGETS[name];
    if (ofPackage === undefined) continue;
    for (const { specifier, needs } of entries) {
      if (specifier.endsWith('/node') || needs.some((peer) => !OF_A_PAGE.includes(peer))) continue;
      const { bytes, gzip } = await sizeOf(where, `export * from '${specifier}';`);
      const budget = specifier.endsWith('/wasm') ? Math.max(ofPackage, KERNEL_BUDGET) : ofPackage;
      sizes.push({ specifier, bytes, gzip, budget });
    }
  }
  return sizes;
}
