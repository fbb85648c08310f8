import { test } from 'vitest';
import { checkKernels } from '../planted.laws.js';
import { fusedKernels, laws } from './wasm.laws.js';

checkKernels({ fusedKernels }, laws, test);
