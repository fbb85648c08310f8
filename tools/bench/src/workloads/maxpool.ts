import { vjp } from '@lemmata/autograd';
import { maxPool2d } from '@lemmata/layers-pool';
import type { Tensor } from '@lemmata/tensor';
import { eagerly } from '../peers/lemmata.js';
import type { Workload } from '../workload.js';

const shape = [32, 64, 32, 32];

export const maxpool: Workload = {
  id: 'maxpool',
  title: 'max pool 2×2 (32,64,32,32), forward and backward',
  task: () => ({ kind: 'max-pool', shape, kernel: 2 }),
  lemmata: (library) =>
    eagerly([library.draw(1, ...shape), library.draw(3, 32, 64, 16, 16)], (x, up) => {
      const [dx] = vjp((x: Tensor) => maxPool2d(x, { kernelSize: 2 }), x!).pullback(up!);
      return dx;
    }),
};
