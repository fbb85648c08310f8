import { exponentialAverage, uniformAverage } from '@lemmata/optim';
import { stack, type Tensor } from '@lemmata/tensor';
import type { Adapters } from '../adapter.js';

export const average: Adapters = {
  /** The averages after each of `weights`. */
  'swa_utils.AveragedModel': ({ args }) => {
    const decay = args.number('decay');
    const averaging = decay === undefined ? uniformAverage() : exponentialAverage({ decay });
    const weights = args.tensors('weights');
    let averaged = averaging.init(weights[0]!);
    const went: Tensor[] = [];
    for (const w of weights) {
      averaged = averaging.update(averaged, w);
      went.push(averaged.average);
    }
    return stack(went, 0);
  },
};
