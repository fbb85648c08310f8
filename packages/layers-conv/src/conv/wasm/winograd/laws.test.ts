import { check } from '@lemmata/laws';
import { test } from 'vitest';
import { laws } from './wasm.laws.js';

check(laws, test);
