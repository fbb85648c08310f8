import { check, searchesOn } from '@lemmata/laws';
import { afterAll, test } from 'vitest';
import { fullBackend } from './backend.js';
import { lawsOfLayers } from '../test/factories.js';

const backend = fullBackend({ threads: 1 });
afterAll(() => backend.stop());

// The backend that commands use, with the kernels of all layers; what has none runs its reference loops there.
check(searchesOn({ name: 'wasm', put: (t) => backend.put(t) }, await lawsOfLayers()), test);
