import { relu } from '@lemmata/layers-activation';
import { add, softmax } from '@lemmata/tensor';
import { eagerly } from '../peers/lemmata.js';
import type { Workload } from '../workload.js';

const length = 4 * 2 ** 20;
/** Work that memory bounds is disturbed by whatever else uses memory: the fastest of more samples counts. */
const fastest = { samples: 15, by: 'min' } as const;

export const relu4m: Workload = {
  id: 'relu4m',
  title: 'ReLU of 4 Mi floats',
  ...fastest,
  task: () => ({ kind: 'relu', length }),
  lemmata: (library) => eagerly([library.draw(1, length)], relu),
};

export const add4m: Workload = {
  id: 'add4m',
  title: 'addition of 4 Mi floats',
  ...fastest,
  task: () => ({ kind: 'add', length }),
  lemmata: (library) => eagerly([library.draw(1, length), library.draw(2, length)], add),
};

const rows = [1024, 1000];

export const softmaxRows: Workload = {
  id: 'softmax',
  title: 'softmax of 1024 rows of 1000',
  ...fastest,
  task: () => ({ kind: 'softmax', shape: rows }),
  lemmata: (library) => eagerly([library.draw(3, ...rows)], (x) => softmax(x)),
};
