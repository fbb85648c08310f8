import { test } from 'vitest';
import { checkKernels } from '../planted.laws.js';
import { elementwiseKernels, laws } from './wasm.laws.js';

checkKernels({ elementwiseKernels }, laws, test);
