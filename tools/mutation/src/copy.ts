import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * A copy of the working tree, installed: changed sources must be those that other packages import, too, and whoever stops the
 * run in its middle must find their own files as they were.
 */
export function copyRepository(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'lemmata-mutation-'));
  const list = execFileSync('git', ['-C', root, 'ls-files', '-co', '--exclude-standard', '-z'], { encoding: 'utf8' });
  for (const file of list.split('\0').filter((each) => each !== '' && existsSync(join(root, each)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  execFileSync('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--ignore-scripts'], {
    cwd: copy,
    stdio: 'pipe',
    env: { ...process.env, CI: 'true' },
  });
  return copy;
}

/** Tests of one package, in Node alone; those of its kernels, which take long and judge something else, if it is asked for. */
export function writeConfig(copy: string, tests: readonly string[], kernels: boolean): string {
  const file = 'vitest.mutation.config.ts';
  writeFileSync(
    join(copy, file),
    `import { defineConfig } from 'vitest/config';
const conditions = ['@lemmata/source'];
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ${JSON.stringify(tests)},
    exclude: [
      '**/node_modules/**',
      '**/.stryker-tmp/**',
      '**/*.browser.test.ts',
      '**/*.nightly.test.ts',
      ${kernels ? '' : "'**/wasm/**', '**/wasm*.test.ts',"}
    ],
    setupFiles: ['tools/seed.mjs'],
    testTimeout: 60_000,
  },
});
`,
  );
  return file;
}
