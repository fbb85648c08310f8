import { allLaws, layerLaws, type Laws } from '@lemmata/laws';
import { add, maximum, minimum, sub } from '@lemmata/tensor';
import { mixesBatch, moved, outputMutant, type SilentBody, silentBodyLaw, step, values } from '../../law-kit.laws.js';
import { basicBlock } from './basic.js';

/** What is left of the input behind a block that ends with a ReLU. */
export const rectified: Omit<SilentBody, 'silent'> = {
  words: 'the ReLU of its input',
  left: (x) => Math.max(0, x),
  mutants: [
    outputMutant('the shortcut is left out', (y, x) => sub(y, maximum(x, 0))),
    outputMutant('no ReLU behind the sum', (y, x) => add(y, minimum(x, 0))),
  ],
};

export const laws: Laws = allLaws(
  'basicBlock',
  layerLaws('basicBlock', {
    samples: [
      { layer: moved(basicBlock({ inChannels: 2, channels: 2 })), inputShape: [2, 3, 2], batch: 2, values },
      {
        layer: moved(basicBlock({ inChannels: 1, channels: 2, stride: 2 })),
        inputShape: [1, 3, 4],
        batch: 2,
        values,
      },
      {
        layer: moved(basicBlock({ inChannels: 1, channels: 2, stride: 2, shortcut: 'parameterFree' })),
        inputShape: [1, 4, 3],
        batch: 2,
        values,
      },
    ],
    invalid: [
      { layer: basicBlock({ inChannels: 2, channels: 2 }), inputShape: [2, 3], throws: /^conv1 > conv2d: / },
      { layer: basicBlock({ inChannels: 2, channels: 2 }), inputShape: [3, 4, 4], throws: /inChannels channels/ },
    ],
    mixesBatch,
    step,
  }),
  {
    subject: 'basicBlock',
    laws: [
      silentBodyLaw(basicBlock({ inChannels: 3, channels: 3 }), [3, 4, 3], { silent: /^bn2\.weight$/, ...rectified }),
    ],
  },
);
