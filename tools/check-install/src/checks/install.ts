import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closure } from '../pack.js';
import type { Check } from './check.js';

/** Packages that come alone or with others of ours, whatever else there is. */
const programs = ['@lemmata/cli', '@lemmata/visualize'];

export const install: Check = {
  name: 'what an installation brings',
  async run({ fresh, packages }, tell) {
    const found: string[] = [];
    const wanted = '@lemmata/layers-conv';
    const consumer = fresh('one');
    const expected = closure(packages, wanted);
    await consumer.install(expected);
    const modules = join(consumer.folder, 'node_modules');
    const installed = readdirSync(modules)
      .filter((name) => !name.startsWith('.'))
      .flatMap((name) =>
        name.startsWith('@') ? readdirSync(join(modules, name)).map((each) => `${name}/${each}`) : [name],
      );
    const others = installed.filter((name) => !expected.some((one) => one.name === name));
    if (others.length > 0) found.push(`${wanted} brings ${others.join(', ')}`);
    for (const name of installed) {
      const manifest = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'));
      const scripts = ['preinstall', 'install', 'postinstall'].filter(
        (script) => manifest.scripts?.[script] !== undefined,
      );
      if (scripts.length > 0) found.push(`${name} runs a script when it is installed: ${scripts.join(', ')}`);
      if (existsSync(join(modules, name, 'binding.gyp'))) found.push(`${name} would be built by node-gyp`);
    }
    const bytes = expected.reduce((sum, one) => sum + one.bytes, 0);
    tell(`${wanted} brings ${expected.length} packages, ${(bytes / 1024).toFixed(0)} KiB to fetch, and nothing else`);
    for (const { name, theirs } of packages) {
      const foreign = closure(packages, name).flatMap((one) => one.theirs);
      if (!programs.includes(name) && foreign.length > 0)
        found.push(`${name} brings packages from elsewhere: ${[...new Set([...theirs, ...foreign])].join(', ')}`);
    }
    return found;
  },
};
