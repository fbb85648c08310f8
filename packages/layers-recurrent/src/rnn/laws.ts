import { layerLaws, type Laws } from '@lemmata/laws';
import type { Family } from '../against-oracle.laws.js';
import { recurrentLaws } from '../family.laws.js';
import { opsLaws } from '../ops.laws.js';
import { rnnStep } from '../oracle.laws.js';
import { rnn, rnnCell, rnnLayer } from './rnn.js';
import { recurrentSearch } from '../search.laws.js';

const family = (nonlinearity: 'tanh' | 'relu', bias: boolean): Family => ({
  name: `rnn with ${nonlinearity}`,
  gates: 1,
  states: [2],
  hiddenSize: 2,
  bias,
  oracle: rnnStep(nonlinearity),
  network(x, params, { initial, ...options } = {}) {
    const { output, hN } = rnn(x, params, { ...options, h0: initial?.[0], nonlinearity });
    return { output, states: [hN] };
  },
  cell: (x, [h], params) => [rnnCell(x, h, params, { nonlinearity })],
});

const layers: Laws = layerLaws('rnn layer', {
  samples: [
    { layer: rnnLayer({ hiddenSize: 2, bidirectional: true }), inputShape: [2, 2] },
    { layer: rnnLayer({ hiddenSize: 2, bias: false, numLayers: 2, returnSequences: false }), inputShape: [2, 1] },
  ],
  invalid: [
    { layer: rnnLayer({ hiddenSize: 2 }), inputShape: [3], throws: /must be \[steps, features\]/ },
    { layer: rnnLayer({ hiddenSize: 2 }), inputShape: [0, 3], throws: /at least 1 of each/ },
    { layer: rnnLayer({ hiddenSize: 2, inputSize: 4 }), inputShape: [2, 3], throws: /expected 4 features/ },
  ],
});

const dropping: Laws = layerLaws('rnn layer with dropout', {
  samples: [{ layer: rnnLayer({ hiddenSize: 2, numLayers: 2, dropout: 0.4, bias: false }), inputShape: [2, 1] }],
  stochastic: true,
});

/** Of the ops that all networks share, of the network with both nonlinearities, and of the layer. */
export const laws: readonly Laws[] = [
  ...opsLaws,
  ...recurrentLaws(family('tanh', true)),
  ...recurrentLaws(family('relu', false)),
  layers,
  dropping,
  ...(['tanh', 'relu'] as const).map((kind) => {
    const { gates, network, oracle } = family(kind, true);
    return recurrentSearch(`rnn with ${kind}`, {
      gates,
      network,
      layer: (options) => rnnLayer({ ...options, nonlinearity: kind }),
      oracle,
      ...(kind === 'relu' ? { kinks: 'units of ReLU are sums of what was drawn, and may lie at 0' } : {}),
    });
  }),
];
