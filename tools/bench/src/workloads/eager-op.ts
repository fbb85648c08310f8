import { add } from '@lemmata/tensor';
import { eagerly } from '../peers/lemmata.js';
import type { Workload } from '../workload.js';

const length = 16;
const times = 1000;

/** What an operation costs before it computes anything. Reported for one. */
export const eagerOp: Workload = {
  id: 'eager-op',
  title: 'one eager addition of 16 floats',
  peers: ['lemmata', 'torch', 'tfjs-wasm', 'jax'],
  task: () => ({ kind: 'small-add', length, times }),
  lemmata: (library) => ({
    ...eagerly([library.draw(1, length), library.draw(2, length)], (x, y) => {
      for (let i = 1; i < times; i++) add(x!, y!);
      return add(x!, y!);
    }),
    units: times,
  }),
};
