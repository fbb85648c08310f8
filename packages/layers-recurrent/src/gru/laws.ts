import { layerLaws, type Laws } from '@lemmata/laws';
import type { Family } from '../against-oracle.laws.js';
import { recurrentLaws } from '../family.laws.js';
import { gruStep } from '../oracle.laws.js';
import { gru, gruCell, gruLayer } from './gru.js';
import type { RecurrentLayerOptions } from '../layer.js';
import { recurrentSearch } from '../search.laws.js';

const family = (resetAfter: boolean): Family => ({
  name: `gru with the reset gate ${resetAfter ? 'after' : 'before'} the product`,
  gates: 3,
  states: [2],
  hiddenSize: 2,
  oracle: gruStep(resetAfter),
  network(x, params, { initial, ...options } = {}) {
    const { output, hN } = gru(x, params, { ...options, h0: initial?.[0], resetAfter });
    return { output, states: [hN] };
  },
  cell: (x, [h], params) => [gruCell(x, h, params, { resetAfter })],
});

const layers: Laws = layerLaws('gru layer', {
  samples: [
    { layer: gruLayer({ hiddenSize: 1, bidirectional: true, returnSequences: false }), inputShape: [2, 1] },
    { layer: gruLayer({ hiddenSize: 1, bias: false, resetAfter: false }), inputShape: [2, 2] },
  ],
});

/** Of the network with both conventions, and of the layer. */
export const laws: readonly Laws[] = [
  ...recurrentLaws(family(true)),
  ...recurrentLaws(family(false)),
  layers,
  ...[true, false].map((after) => {
    const { name, gates, network, oracle } = family(after);
    const layer = (options: RecurrentLayerOptions) => gruLayer({ ...options, resetAfter: after });
    return recurrentSearch(name, { gates, network, layer, oracle });
  }),
];
