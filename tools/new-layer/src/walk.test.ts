import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { newLayer } from './scaffold.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const copy = mkdtempSync(join(tmpdir(), 'lemmata-walk-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', copy, '-c', 'user.name=walk', '-c', 'user.email=walk@example.org', ...args], {
    encoding: 'utf8',
  });

/** The working tree as it would be committed, with the installed packages of the original. */
function copyRepository(): void {
  const list = execFileSync('git', ['-C', root, 'ls-files', '-co', '--exclude-standard', '-z'], { encoding: 'utf8' });
  const files = list.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
  for (const file of files) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    const modules = join(root, folder, 'node_modules');
    if (existsSync(modules)) symlinkSync(modules, join(copy, folder, 'node_modules'), 'dir');
  }
  git('init', '-q');
  // Links are no folders, for which alone the repository's own list of ignored names holds.
  writeFileSync(join(copy, '.git/info/exclude'), 'node_modules\n');
  git('add', '-A');
  git('commit', '-q', '-m', 'start');
}

/** Blocks of CONTRIBUTING.md that name a file: `ts op.ts`. */
function writtenFiles(): [name: string, text: string][] {
  const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  return [...text.matchAll(/^(`{3,4})\w+ (\S+\.\w+)\n([^]*?)^\1$/gm)].map(([, , name, body]) => [name!, body!]);
}

function run(program: string, ...args: readonly string[]): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: status, output: stdout + stderr };
}
const layer = 'packages/layers-pool/src/spatial-pyramid';
const tests = (): ReturnType<typeof run> => run('vitest/vitest.mjs', 'run', '--project', 'node', layer);

test('the walk of CONTRIBUTING.md, from the scaffold to green', () => {
  copyRepository();
  newLayer(copy, 'spatial-pyramid', 'layers-pool');
  const red = tests();
  expect(red.code).toBe(1);
  expect(red.output).toContain('to write next: infer in op.ts, the shape and dtype of y and what is refused');

  const files = writtenFiles();
  expect(files.map(([name]) => name)).toEqual([
    'op.ts',
    'spatial-pyramid.ts',
    'laws.ts',
    'spatial-pyramid.test.ts',
    'bench.ts',
    'docs.md',
  ]);
  for (const [name, text] of files) writeFileSync(join(copy, layer, name), text);
  const green = tests();
  expect(green.output).toMatch(/Tests +\d+ passed/);
  expect(green.code, green.output).toBe(0);

  const types = run('typescript/bin/tsc', '--noEmit', '-p', 'packages/layers-pool/tsconfig.build.json');
  expect(types.output).toBe('');
  expect(run('oxlint/bin/oxlint', layer).code).toBe(0);
  expect(run('@biomejs/biome/bin/biome', 'format', layer).code).toBe(0);

  writeFileSync(
    join(copy, '.changeset/new-layer.md'),
    "---\n'@lemmata/layers-pool': minor\n---\n\nSpatial pyramids.\n",
  );
  expect(git('status', '--porcelain').trim().split('\n')).toEqual(['?? .changeset/new-layer.md', `?? ${layer}/`]);
}, 120_000);
