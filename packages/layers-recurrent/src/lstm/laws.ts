import { layerLaws, type Laws } from '@lemmata/laws';
import type { Family } from '../against-oracle.laws.js';
import { recurrentLaws } from '../family.laws.js';
import { lstmStep } from '../oracle.laws.js';
import { lstm, lstmCell, lstmLayer } from './lstm.js';
import { recurrentSearch } from '../search.laws.js';

const family = (name: string, outputSize: number): Family => ({
  name,
  gates: 4,
  states: [outputSize, 2],
  hiddenSize: 2,
  oracle: lstmStep,
  network(x, params, { initial, ...options } = {}) {
    const { output, hN, cN } = lstm(x, params, { ...options, h0: initial?.[0], c0: initial?.[1] });
    return { output, states: [hN, cN] };
  },
  cell(x, [h, c], params) {
    const next = lstmCell(x, { h, c }, params);
    return [next.h, next.c];
  },
});

const layers: Laws = layerLaws('lstm layer', {
  samples: [
    { layer: lstmLayer({ hiddenSize: 1, forgetBias: 1 }), inputShape: [2, 2] },
    { layer: lstmLayer({ hiddenSize: 2, projSize: 1, bias: false }), inputShape: [2, 1] },
  ],
});

/** Of the network without and with a projection, and of the layer. */
export const laws: readonly Laws[] = [
  ...recurrentLaws(family('lstm', 2)),
  ...recurrentLaws(family('lstm with a projection', 1)),
  layers,
  recurrentSearch('lstm', {
    gates: 4,
    network: family('lstm', 2).network,
    layer: lstmLayer,
    oracle: lstmStep,
    carries: true,
    projects: true,
  }),
];
