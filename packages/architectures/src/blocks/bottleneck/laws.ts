import { allLaws, layerLaws, type Laws } from '@lemmata/laws';
import { rectified } from '../basic/laws.js';
import { mixesBatch, moved, silentBodyLaw, step, values } from '../../law-kit.laws.js';
import { bottleneckBlock } from './bottleneck.js';

export const laws: Laws = allLaws(
  'bottleneckBlock',
  layerLaws('bottleneckBlock', {
    samples: [
      { layer: moved(bottleneckBlock({ inChannels: 4, channels: 1 })), inputShape: [4, 3, 2], batch: 2, values },
      {
        layer: moved(bottleneckBlock({ inChannels: 1, channels: 2, stride: 2, expansion: 1 })),
        inputShape: [1, 3, 4],
        batch: 2,
        values,
      },
      {
        layer: moved(
          bottleneckBlock({ inChannels: 1, channels: 2, stride: 2, expansion: 2, shortcut: 'parameterFree' }),
        ),
        inputShape: [1, 4, 3],
        batch: 2,
        values,
      },
    ],
    invalid: [
      { layer: bottleneckBlock({ inChannels: 4, channels: 1 }), inputShape: [4, 3], throws: /^conv1 > conv2d: / },
      { layer: bottleneckBlock({ inChannels: 4, channels: 1 }), inputShape: [3, 4, 4], throws: /inChannels channels/ },
    ],
    mixesBatch,
    step,
  }),
  {
    subject: 'bottleneckBlock',
    laws: [
      silentBodyLaw(bottleneckBlock({ inChannels: 4, channels: 1 }), [4, 3, 2], {
        silent: /^bn3\.weight$/,
        ...rectified,
      }),
    ],
  },
);
