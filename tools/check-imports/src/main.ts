import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkRepository } from './index.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const { problems, modules, packages } = checkRepository(root);
const sorted = problems.toSorted((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
for (const { path, line, message } of sorted) console.log(`${path}:${line}: ${message}`);
const read = `${modules} modules of ${packages} packages read`;
console.log(
  problems.length === 0 ? `imports keep to the package graph (${read})` : `${problems.length} problems (${read})`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
