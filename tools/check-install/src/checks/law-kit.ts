import { closure } from '../pack.js';
import { cleanEnvironment } from '../consumer.js';
import { run } from '../process.js';
import type { Check } from './check.js';
import { CHECKS_ITS_OWN } from './programs.js';

export const lawKit: Check = {
  name: 'the law kit, in a project of its own',
  async run({ fresh, packages }, tell) {
    const consumer = fresh('law-kit');
    await consumer.install(closure(packages, '@lemmata/laws'), ['fast-check@4']);
    const wrong = CHECKS_ITS_OWN.replace('v ** 3', 'v ** 3 + 1');
    consumer.write({ 'right.test.mjs': CHECKS_ITS_OWN, 'wrong.test.mjs': wrong });
    const [right, failing] = await Promise.all(
      ['right', 'wrong'].map((name) =>
        run(
          process.execPath,
          ['--test', '--test-reporter=spec', `${name}.test.mjs`],
          consumer.folder,
          cleanEnvironment(),
        ),
      ),
    );
    const passed = Number(/pass (\d+)/.exec(right!.output)?.[1] ?? 0);
    tell(`${passed} laws of an op of its own hold, with node:test`);
    return [
      ...(right!.code === 0 && passed > 5 ? [] : [`an op that is right fails: ${right!.output}`]),
      ...(failing!.code !== 0 && failing!.output.includes('cube: agrees with its oracle')
        ? []
        : ['an op that is wrong passes']),
    ];
  },
};
