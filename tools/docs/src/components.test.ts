import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { examplesIn } from './examples.js';

const packages = join(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))), 'packages');

/** The folders of all layers and losses: those that can be imported. */
const components = readdirSync(packages)
  .filter((name) => name.startsWith('layers-') || name === 'losses')
  .flatMap((name) => readdirSync(join(packages, name, 'src')).map((folder) => join(name, 'src', folder)))
  .filter((folder) => existsSync(join(packages, folder, 'index.ts')));

test('components are found', () => {
  expect(components.length).toBeGreaterThan(60);
});

describe.each(components)('%s', (folder) => {
  const path = join(packages, folder, 'docs.md');
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '';

  test('its page has a formula, an example that runs, and says what becomes of NaN', () => {
    expect({
      formula: /\$\$\n[^]+?\n\$\$/.test(page),
      examples: examplesIn(path, page).length > 0,
      shows: examplesIn(path, page).some(({ code }) => code.includes('// → ')),
      notFinite: page.includes('NaN'),
    }).toEqual({ formula: true, examples: true, shows: true, notFinite: true });
  });

  test('it has laws, which its tests run', () => {
    expect(readFileSync(join(packages, folder, 'laws.ts'), 'utf8')).toContain('export const laws');
    expect(readFileSync(join(packages, folder, 'laws.test.ts'), 'utf8')).toContain('check(laws, test)');
  });
});
