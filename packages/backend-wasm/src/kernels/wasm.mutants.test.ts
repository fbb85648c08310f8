import { test } from 'vitest';
import { checkKernels } from '../planted.laws.js';
import * as entry from './index.js';
import { laws } from './wasm.laws.js';

checkKernels(entry, laws, test);
