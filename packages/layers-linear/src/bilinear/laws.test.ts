import { check } from '@lemmata/laws';
import { test } from 'vitest';
import { laws } from './laws.js';

check(laws, test);
