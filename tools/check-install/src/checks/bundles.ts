import { BUDGETS, KERNEL_BUDGET } from '../budgets.js';
import { closure } from '../pack.js';
import type { Check } from './check.js';
import { sizeOf } from './sizes.js';

/** One function, and what must be all that comes with it. */
const ALONE = [
  { program: `export { outputSize } from '@lemmata/shape';`, packages: ['@lemmata/shape'], most: 2000 },
  { program: `export { key } from '@lemmata/random';`, packages: ['@lemmata/random'], most: 1500 },
  { program: `export { leaves } from '@lemmata/tree';`, packages: ['@lemmata/tree'], most: 1500 },
];

/** Optional peers that belong into a page, and count. */
const OF_A_PAGE: readonly string[] = ['@lemmata/backend-wasm'];

export const bundles: Check = {
  name: 'bundles: nothing comes that is not asked for, and each entry keeps to its budget',
  async run({ everything, packages }, tell) {
    const found: string[] = [];
    // A package that is imported for nothing must vanish: that is what `sideEffects: false` promises.
    const core = packages.filter(({ name }) => closure(packages, name).every(({ theirs }) => theirs.length === 0));
    for (const { name } of core) {
      const { bytes } = await sizeOf(everything, `import '${name}';`);
      if (bytes > 0) found.push(`${name}: importing it for nothing leaves ${bytes} bytes`);
    }
    for (const { program, packages: expected, most } of ALONE) {
      const size = await sizeOf(everything, program);
      if (size.gzip > most || size.packages.join() !== expected.join())
        found.push(
          `${program} brings ${size.gzip} bytes of ${size.packages.join(', ')}; at most ${most} of ${expected.join(', ')}`,
        );
    }
    let count = 0;
    for (const { name, entries } of core.filter((one) => one.name !== '@lemmata/laws')) {
      const ofPackage = BUDGETS[name];
      if (ofPackage === undefined) {
        found.push(`${name} has no budget (tools/check-install/src/budgets.ts)`);
        continue;
      }
      for (const { specifier, needs } of entries) {
        // Laws and what reads files are for a developer's machine; what needs a library of others is as large as that is.
        if (specifier.endsWith('/node') || needs.some((peer) => !OF_A_PAGE.includes(peer))) continue;
        const { gzip } = await sizeOf(everything, `export * from '${specifier}';`);
        const budget = specifier.endsWith('/wasm') ? Math.max(ofPackage, KERNEL_BUDGET) : ofPackage;
        if (gzip > budget) found.push(`${specifier}: ${gzip} bytes, minified and gzipped; its budget is ${budget}`);
        count++;
      }
    }
    tell(`${count} entries within their budgets`);
    return found;
  },
};
