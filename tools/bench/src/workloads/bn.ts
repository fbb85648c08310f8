import { vjp } from '@lemmata/autograd';
import { batchNorm } from '@lemmata/layers-norm';
import { ones, type Tensor, zeros } from '@lemmata/tensor';
import { eagerly } from '../peers/lemmata.js';
import type { Workload } from '../workload.js';

const shape = [32, 64, 32, 32];

/** Forward in training mode, and the gradients of input, scale and shift. */
export const bn: Workload = {
  id: 'bn',
  title: 'batch norm (32,64,32,32), forward and backward',
  task: () => ({ kind: 'batch-norm', shape }),
  lemmata(library) {
    const [weight, bias] = [ones([64]), zeros([64])];
    return eagerly([library.draw(1, ...shape), library.draw(2, ...shape)], (x, up) => {
      const [dx] = vjp((x: Tensor, w: Tensor, b: Tensor) => batchNorm(x, w, b), x!, weight, bias).pullback(up!);
      return dx;
    });
  },
};
