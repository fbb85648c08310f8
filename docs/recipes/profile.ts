import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, profile, type Recipe } from '@lemmata/cli';

const here = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(here).filter((name) => existsSync(join(here, name, 'recipe.js')));

/** `npm run profile -- NAME`: `lemmata profile`, which here knows the recipes too. */
await command(() =>
  profile(process.argv.slice(2), {
    names,
    load: async (name) => ((await import(`./${name}/recipe.js`)) as { recipe: Recipe }).recipe,
  }),
);
