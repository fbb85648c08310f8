import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typeErrors } from './example-types.js';
import { findExamples } from './examples.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const examples = findExamples(root);
if (examples.length < 100) throw new Error(`only ${examples.length} examples were found: expected at least 100`);
const errors = await typeErrors(root, examples);
for (const error of errors) console.log(error);
console.log(errors.length === 0 ? `${examples.length} examples have sound types` : `${errors.length} errors`);
process.exitCode = errors.length === 0 ? 0 : 1;
