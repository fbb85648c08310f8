import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, runRecipe, UserError, type Recipe } from '@lemmata/cli';
import { nearestName } from '@lemmata/shape';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Every folder beside this program that holds a recipe. */
const names = readdirSync(here)
  .filter((name) => existsSync(join(here, name, 'recipe.js')))
  .toSorted();
const longest = Math.max(...names.map((name) => name.length));

/** The heading of its page. */
const titleOf = (name: string): string =>
  /^# (.*)/.exec(readFileSync(join(here, '..', name, 'README.md'), 'utf8'))?.[1] ?? '';

const stems = names.map((name) => name.replace(/-mnist$/, ''));

await command(async () => {
  const [name = '--help', ...rest] = process.argv.slice(2);
  const help = `npm run recipe -- NAME [options], where NAME is one of:
${names.map((each) => `  ${each.padEnd(longest)}  ${titleOf(each)}\n`).join('')}NAME --help lists its options`;
  if (name === '--help') {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  if (name.startsWith('-')) throw new UserError(`${name}: the name of a recipe comes first\n${help}`);
  if (!names.includes(name)) {
    // Most names end in that of their data, which is easily left out.
    const near = names.find((each) => each.startsWith(`${name}-`)) ?? nearestName(name, [...names, ...stems]);
    const meant = near === undefined || names.includes(near) ? near : names.find((each) => each.startsWith(`${near}-`));
    throw new UserError(`unknown recipe '${name}'${meant === undefined ? '' : `; did you mean '${meant}'?`}\n${help}`);
  }
  const { recipe } = (await import(`./${name}/recipe.js`)) as { recipe: Recipe };
  return runRecipe(recipe, rest);
});
