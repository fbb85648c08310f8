import { allLaws, layerLaws, type Laws } from '@lemmata/laws';
import { sub } from '@lemmata/tensor';
import { mixesBatch, moved, outputMutant, silentBodyLaw, step, values } from '../../law-kit.laws.js';
import { invertedResidualBlock } from './inverted-residual.js';

export const laws: Laws = allLaws(
  'invertedResidualBlock',
  layerLaws('invertedResidualBlock', {
    samples: [
      {
        layer: moved(invertedResidualBlock({ inChannels: 1, outChannels: 1, expansion: 2 })),
        inputShape: [1, 2, 3],
        batch: 2,
        values,
      },
      {
        layer: moved(invertedResidualBlock({ inChannels: 2, outChannels: 1, stride: 2, expansion: 1 })),
        inputShape: [2, 3, 4],
        batch: 2,
        values,
      },
    ],
    invalid: [
      {
        layer: invertedResidualBlock({ inChannels: 2, outChannels: 2 }),
        inputShape: [3, 4, 4],
        throws: /^conv > 0 > 0 > conv2d: .*inChannels channels/,
      },
    ],
    mixesBatch,
    step,
  }),
  {
    subject: 'invertedResidualBlock',
    laws: [
      silentBodyLaw(invertedResidualBlock({ inChannels: 3, outChannels: 3, expansion: 1 }), [3, 4, 3], {
        silent: /^conv\.2\.weight$/,
        words: 'its input itself',
        left: (x) => x,
        mutants: [outputMutant('the shortcut is left out', (y, x) => sub(y, x))],
      }),
    ],
  },
);
