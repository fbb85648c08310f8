import { BUDGETS } from '../budgets.js';
import { entrySizes } from '../entry-sizes.js';
import { closure } from '../pack.js';
import type { Check } from './check.js';
import { sizeOf } from './sizes.js';

/** One function, and what must be all that comes with it. */
const ALONE = [
  { program: `export { outputSize } from '@lemmata/shape';`, packages: ['@lemmata/shape'], most: 2000 },
  { program: `export { key } from '@lemmata/random';`, packages: ['@lemmata/random'], most: 1500 },
  { program: `export { leaves } from '@lemmata/tree';`, packages: ['@lemmata/tree'], most: 1500 },
];

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
    const measured = core.filter((one) => one.name !== '@lemmata/laws');
    for (const { name } of measured.filter((one) => BUDGETS[one.name] === undefined))
      found.push(`${name} has no budget (tools/check-install/src/budgets.ts)`);
    const sizes = await entrySizes(everything, measured);
    for (const { specifier, gzip, budget } of sizes)
      if (gzip > budget) found.push(`${specifier}: ${gzip} bytes, minified and gzipped; its budget is ${budget}`);
    tell(`${sizes.length} entries within their budgets`);
    return found;
  },
};
