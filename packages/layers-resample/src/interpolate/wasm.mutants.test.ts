import { checkKernels } from '@lemmata/backend-wasm/planted.laws';
import { test } from 'vitest';
import * as entry from './wasm.js';
import { laws } from './wasm.laws.js';

checkKernels(entry, laws, test);
