import { join } from 'node:path';
import { cleanEnvironment, type Consumer } from '../consumer.js';
import type { Entry } from '../pack.js';
import { mustRun, run } from '../process.js';
import type { Check, Setting } from './check.js';

/** Programs, and what must be run where there is a page or a worker: importing them does something. */
const isProgram = ({ specifier }: Entry): boolean => /\/(main|worker)$/.test(specifier);

/** Imports each entry, and requires it, and tells of those that fail. */
const PROGRAM = (specifiers: readonly string[]): string => `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
for (const specifier of ${JSON.stringify(specifiers)}) {
  try {
    const module = await import(specifier);
    const required = require(specifier);
    for (const name of Object.keys(module)) {
      if (required[name] !== module[name]) console.log(specifier + ': required and imported ' + name + ' differ');
    }
  } catch (error) {
    console.log(specifier + ': ' + String(error).split('\\n')[0]);
  }
}
console.log('done');
`;

export const modules: Check = {
  name: 'import and require, on this Node and on the newest',
  async run(setting, tell) {
    const entries = setting.packages.flatMap((one) => one.entries).filter((entry) => !isProgram(entry));
    setting.everything.write({ 'all.mjs': PROGRAM(entries.map(({ specifier }) => specifier)) });
    const newest = await newestNode(setting);
    const found: string[] = [];
    for (const node of [process.execPath, newest]) {
      const version = (await mustRun(node, ['--version'], setting.everything.folder)).trim();
      const { output } = await run(node, ['--no-warnings', 'all.mjs'], setting.everything.folder, cleanEnvironment());
      const lines = output.trim().split('\n');
      if (lines.pop() !== 'done') lines.push('the program that imports all did not end');
      found.push(...lines.map((line) => `Node ${version}: ${line}`));
      tell(`${entries.length} entries imported and required by Node ${version}`);
    }
    return found;
  },
};

/** The newest Node that npm has, as a program. Its package needs its install script, which puts the program in place. */
export async function newestNode({ fresh }: Pick<Setting, 'fresh'>): Promise<string> {
  const consumer: Consumer = fresh('newest-node');
  await mustRun(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', 'node@latest'],
    consumer.folder,
    cleanEnvironment(),
  );
  return join(consumer.folder, 'node_modules', 'node', 'bin', 'node');
}
