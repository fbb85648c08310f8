#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LAYERS, newLayer, newPackage, ScaffoldError } from './scaffold.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

const usage = `usage: npm run new-layer -- NAME --package PKG
       npm run new-package -- NAME

NAME is in small letters with hyphens (spatial-pyramid). A layer gets a folder of its own in packages/PKG/src, whose
tests run and say what to write next; PKG is a package whose name begins with ${LAYERS}. CONTRIBUTING.md walks through one.`;

/** `words`: the kind of thing, and what the user typed. */
function main([kind, ...words]: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: { package: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [name, ...others] = positionals;
  if (name === undefined || others.length > 0) throw new ScaffoldError(`one NAME is needed\n\n${usage}`);
  if (kind === 'package') {
    if (values.package !== undefined) throw new ScaffoldError('--package belongs to a new layer');
    report(newPackage(root, name), [
      `give it a row in tools/check-imports/src/arrows.ts: which packages may it import?`,
      `npx -y ${packageManager()} install, so that the lock file knows it`,
      ...(name.startsWith(LAYERS) ? [`npm run new-layer -- NAME --package ${name}`] : []),
    ]);
  } else {
    if (values.package === undefined) throw new ScaffoldError(`--package is missing\n\n${usage}`);
    report(newLayer(root, name, values.package), [
      `npm test -- packages/${values.package}/src/${name}, which says what to write, again and again`,
      `npx changeset, once it is green`,
    ]);
  }
  return 0;
}

/** `pnpm@12.21.0`: npx fetches it where it is missing, of the version that wrote the lock file. */
function packageManager(): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
}

function report(files: readonly string[], next: readonly string[]): void {
  console.log([...files, '', 'next:', ...next.map((step) => `  ${step}`)].join('\n'));
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  const { code, message, stack } = error as Error & { code?: string };
  const expected = error instanceof ScaffoldError || code?.startsWith('ERR_PARSE_ARGS');
  console.error(expected ? `error: ${message}` : stack);
  process.exitCode = 1;
}
