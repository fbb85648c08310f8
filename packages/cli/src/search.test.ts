import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { check, type Laws, searchesOn } from '@lemmata/laws';
import { afterAll, test } from 'vitest';
import { fullBackend } from './backend.js';

/** The laws of every layer: what a folder exports from its `laws.ts`. */
const packages = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const files = readdirSync(packages)
  .filter((name) => name.startsWith('layers-') || name === 'losses')
  .flatMap((name) =>
    readdirSync(join(packages, name, 'src')).map((folder) => join(packages, name, 'src', folder, 'laws.ts')),
  )
  .filter((file) => existsSync(file));
const laws: Laws[] = [];
for (const file of files) laws.push(...((await import(pathToFileURL(file).href)) as { laws: readonly Laws[] }).laws);

const backend = fullBackend({ threads: 1 });
afterAll(() => backend.stop());

// The backend that commands use, with the kernels of all layers; what has none runs its reference loops there.
check(searchesOn({ name: 'wasm', put: (t) => backend.put(t) }, laws), test);
