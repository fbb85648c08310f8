import { allLaws, dropoutLaws, type Laws, layerLaws } from '@lemmata/laws';
import { togetherLaw } from '../together.laws.js';
import { dropout1d, dropout1dLayer, dropout2d, dropout2dLayer, dropout3d, dropout3dLayer } from './spatial-dropout.js';
import { droppingSearch } from '../search.laws.js';

const train = true;

const functions: readonly Laws[] = [dropout1d, dropout2d, dropout3d].map((f, i) => {
  const space = [[4], [2, 2], [2, 1, 2]][i];
  const subject = `dropout${i + 1}d`;
  const dropped = (x: Parameters<typeof f>[0], p: number, key: Parameters<typeof f>[1]) => f(x, key, { p, train });
  return allLaws(subject, dropoutLaws(subject, { dropout: dropped, shape: [25, 20, ...space], together: 4 }), {
    subject,
    laws: [togetherLaw(dropped, [16, 8, ...space], [0, 1])],
  });
});

const layers: Laws = layerLaws('spatial dropout layers', {
  samples: [
    { layer: dropout1dLayer(), inputShape: [8, 3] },
    { layer: dropout2dLayer({ p: 0.3 }), inputShape: [8, 2, 2] },
    { layer: dropout3dLayer(), inputShape: [8, 1, 2, 2] },
  ],
  invalid: [
    { layer: dropout1dLayer(), inputShape: [8], throws: /the input is \[C, L\]/ },
    { layer: dropout2dLayer(), inputShape: [8, 2], throws: /the input is \[C, H, W\]/ },
    { layer: dropout3dLayer(), inputShape: [8, 2, 2, 2, 2], throws: /the input is \[C, D, H, W\]/ },
  ],
  stochastic: true,
});

/** Of the three functions, and of the layers. */
export const laws: readonly Laws[] = [
  ...functions,
  layers,
  ...([1, 2, 3] as const).map((rank) =>
    droppingSearch(`dropout${rank}d`, {
      call: [dropout1d, dropout2d, dropout3d][rank - 1],
      layer: [dropout1dLayer, dropout2dLayer, dropout3dLayer][rank - 1],
      ranks: [rank + 2, rank + 2],
      mask: ([n, c]) => [n, c, ...Array(rank).fill(1)],
    }),
  ),
];
