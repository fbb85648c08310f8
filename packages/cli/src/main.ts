#!/usr/bin/env node
import { command, UserError } from './failure.js';
import { predict } from './predict.js';
import { profile } from './profile.js';
import { summary } from './summary.js';

const VERBS: Readonly<Record<string, (argv: readonly string[]) => Promise<number>>> = {
  predict,
  profile: (argv) => profile(argv),
  summary,
};

await command(async () => {
  const [verb = '--help', ...rest] = process.argv.slice(2);
  const run = VERBS[verb];
  if (run !== undefined) return run(rest);
  const help = `lemmata VERB …, where VERB is one of: ${Object.keys(VERBS).join(', ')}; VERB --help says more`;
  if (verb !== '--help') throw new UserError(`unknown verb '${verb}'\n${help}`);
  process.stdout.write(`${help}\n`);
  return 0;
});
