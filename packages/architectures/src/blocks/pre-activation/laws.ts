import { relu } from '@lemmata/layers-activation';
import { allLaws, layerLaws, type Laws } from '@lemmata/laws';
import { sub } from '@lemmata/tensor';
import { mixesBatch, moved, outputMutant, silentBodyLaw, step, values } from '../../law-kit.laws.js';
import { preActivationBlock } from './pre-activation.js';

export const laws: Laws = allLaws(
  'preActivationBlock',
  layerLaws('preActivationBlock', {
    samples: [
      {
        layer: moved(preActivationBlock({ inChannels: 2, channels: 2 })),
        inputShape: [2, 3, 2],
        batch: 2,
        values,
      },
      {
        layer: moved(preActivationBlock({ inChannels: 1, channels: 2, stride: 2 })),
        inputShape: [1, 3, 4],
        batch: 2,
        values,
      },
      {
        layer: moved(preActivationBlock({ inChannels: 1, channels: 2, stride: 2, shortcut: 'parameterFree' })),
        inputShape: [1, 4, 3],
        batch: 2,
        values,
      },
      {
        layer: moved(preActivationBlock({ inChannels: 2, channels: 1, bottleneck: true })),
        inputShape: [2, 2, 3],
        batch: 2,
        values,
      },
    ],
    invalid: [
      { layer: preActivationBlock({ inChannels: 2, channels: 2 }), inputShape: [2, 3], throws: /^conv1 > conv2d: / },
      {
        layer: preActivationBlock({ inChannels: 2, channels: 2 }),
        inputShape: [3, 4, 4],
        throws: /inChannels channels/,
      },
    ],
    mixesBatch,
    step,
  }),
  {
    subject: 'preActivationBlock',
    laws: [
      silentBodyLaw(preActivationBlock({ inChannels: 3, channels: 3 }), [3, 4, 3], {
        silent: /^conv2\.weight$/,
        words: 'its input itself',
        left: (x) => x,
        mutants: [
          outputMutant('the shortcut is left out', (y, x) => sub(y, x)),
          outputMutant('a ReLU behind the sum', (y) => relu(y)),
        ],
      }),
    ],
  },
);
