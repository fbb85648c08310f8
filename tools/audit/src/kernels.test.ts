import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { auditedPackages } from './inventory.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

test('every entry with kernels has laws of them with planted bugs, and a test that looks at each kernel', () => {
  const entries = auditedPackages(root).flatMap((name) => {
    const sources = join(root, 'packages', name, 'src');
    return readdirSync(sources, { recursive: true, encoding: 'utf8' })
      .filter((file) => /(^|[\\/])wasm\.ts$/.test(file) && name !== 'backend-wasm')
      .map((file) => dirname(join(sources, file)));
  });
  entries.push(join(root, 'packages/backend-wasm/src/kernels'));
  expect(entries.length).toBeGreaterThan(5);
  const missing = entries.flatMap((folder) =>
    ['wasm.laws.ts', 'wasm.mutants.test.ts'].map((file) => join(folder, file)).filter((file) => !existsSync(file)),
  );
  expect(missing).toEqual([]);
});
