import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { type Example, sourceFile } from './examples.js';

/** The settings of someone who copies an example: strict, and otherwise of no demands. */
const SETTINGS = {
  target: 'es2023',
  lib: ['es2023', 'dom'],
  module: 'esnext',
  moduleResolution: 'bundler',
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
};

/** Where the built declarations of an entry are. */
const declarations = (root: string, entry: string): string =>
  sourceFile(root, entry).replace(`${sep}src${sep}`, `${sep}dist${sep}`).replace(/\.ts$/, '.d.ts');

/**
 * What the TypeScript compiler says of examples, with the built packages.
 *
 * @returns A text for each error, with file and line of the Markdown.
 */
export async function typeErrors(root: string, examples: readonly Example[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lemmata-example-types-'));
  try {
    const imported = examples.flatMap(({ code }) =>
      [...code.matchAll(/'(@lemmata\/[^']+)'/g)].map(([, entry]) => entry!),
    );
    const paths = Object.fromEntries(imported.map((entry) => [entry, [declarations(root, entry)]]));
    const compilerOptions = { ...SETTINGS, paths, typeRoots: [join(root, 'node_modules/@types')] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    for (const [i, { line, code }] of examples.entries())
      writeFileSync(join(folder, `${i}.ts`), `${'\n'.repeat(line)}${code}\nexport {};\n`);
    return said(await compiler(root, folder)).map((text) =>
      text.replace(/^\S*?(\d+)\.ts\((\d+),(\d+)\)/, (_, i, line, column) => `${examples[i]!.path}:${line}:${column}`),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the compiler prints. */
function compiler(root: string, project: string): Promise<string> {
  const words = [join(root, 'node_modules/typescript/bin/tsc'), '--pretty', 'false', '-p', project];
  return new Promise((done, fail) => {
    execFile(process.execPath, words, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      // It says on standard output why it ends with 1 or 2, and on standard error why it cannot run.
      if (error !== null && stdout === '') fail(new Error(stderr || error.message));
      else done(stdout);
    });
  });
}

/** Errors, each with the lines below it that explain it. */
const said = (printed: string): string[] =>
  printed
    .trimEnd()
    .split(/\n(?! )/)
    .filter((text) => text !== '');
