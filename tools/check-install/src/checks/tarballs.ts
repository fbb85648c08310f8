import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { readFileSync } from 'node:fs';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { Packed } from '../pack.js';
import { mustRun } from '../process.js';
import type { Check } from './check.js';

/** What a package may hold besides `dist`. */
const BESIDES = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];

/**
 * Resolutions that do not see modules: that of Node before 12, and that of `require` by compilers which do not know that Node
 * 20.19 and later can require modules.
 */
const OF_NO_CONCERN: readonly string[] = ['node10', 'node16-cjs'];

export const tarballs: Check = {
  name: 'what is packed',
  async run({ packages }) {
    const found = await Promise.all(
      packages.map(async (one) =>
        [...(await listed(one)), ...(await published(one)), ...(await typed(one))].map(
          (text) => `${one.name}: ${text}`,
        ),
      ),
    );
    return found.flat();
  },
};

async function listed({ folder, tarball }: Packed): Promise<string[]> {
  const files = (await mustRun('tar', ['tzf', tarball], folder))
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''));
  const problems = ['LICENSE', 'README.md'].filter((name) => !files.includes(name)).map((name) => `${name} is missing`);
  for (const file of files) {
    const path = /^dist\/(.+?)\.(?:js|d\.ts)$/.exec(file)?.[1];
    if (path === undefined) {
      if (!BESIDES.includes(file)) problems.push(`${file} does not belong in a package`);
    } else if (path.endsWith('.test')) problems.push(`${file} is a test`);
  }
  return problems;
}

async function published({ tarball }: Packed): Promise<string[]> {
  const data = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) },
    strict: true,
  });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

async function typed({ tarball }: Packed): Promise<string[]> {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
  if (result.types === false) return ['it has no types'];
  return result.problems
    .filter((problem) => !('resolutionKind' in problem && OF_NO_CONCERN.includes(problem.resolutionKind)))
    .map((problem) => `types: ${problem.kind} ${'entrypoint' in problem ? problem.entrypoint : ''}`);
}
