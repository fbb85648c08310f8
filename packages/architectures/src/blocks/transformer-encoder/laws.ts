import { allLaws, distinct, expectClose, type Law, layerLaws, type Laws, noise } from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import { cast, indexSelect, key, mul, sub, tensor, type Tensor } from '@lemmata/tensor';
import { map } from '@lemmata/tree';
import * as fc from 'fast-check';
import { outputMutant, silentBodyLaw } from '../../law-kit.laws.js';
import { transformerEncoderBlock } from './transformer-encoder.js';

const [L, E] = [4, 4];
const block = transformerEncoderBlock({ embedDim: E, numHeads: 2, mlpDim: 3 });

/** Tokens know nothing of their places. */
const equivariance: Law<Layer<any, any>, { readonly seed: number }> = {
  name: 'tokens in another order give the same in that order',
  statement: 'Without a mask, the block commutes with every permutation of the tokens.',
  formula: 'block(Px) = P block(x)',
  subject: block,
  cases: fc.record({ seed: fc.nat(1000) }),
  cost: 3,
  mutants: [
    {
      name: 'a token attends to those before it alone',
      plant: () => transformerEncoderBlock({ embedDim: E, numHeads: 2, mlpDim: 3, causal: true }),
    },
    outputMutant('tokens are scaled by their places', (y) =>
      mul(
        y,
        tensor(
          Array.from({ length: L }, (_, i) => [1 + i]),
          { dtype: 'float64' },
        ),
      ),
    ),
  ],
  holds(layer, { seed }) {
    const { params, state } = layer.init(key(seed), [L, E]);
    const wide = map((leaf: any) => cast(leaf as Tensor, 'float64') as any, params);
    const x = tensor(noise(2 * L * E, seed), { shape: [2, L, E], dtype: 'float64' });
    const order = tensor([2, 0, 3, 1], { dtype: 'int32' });
    const run = (input: Tensor): Tensor => layer.apply(wide, state, input, { train: false })[0];
    const received = run(indexSelect(x, 1, order));
    const expected = indexSelect(run(x), 1, order).dataSync();
    const about = { what: 'output', shape: received.shape };
    expectClose(about, received.dataSync(), expected, { relative: 1e-11, absolute: 1e-12 });
  },
};

export const laws: readonly Laws[] = [
  allLaws(
    'transformerEncoderBlock',
    layerLaws('transformerEncoderBlock', {
      samples: [
        {
          layer: transformerEncoderBlock({ embedDim: 2, numHeads: 1, mlpDim: 3 }),
          inputShape: [2, 2],
          batch: 2,
          values: distinct(),
        },
        {
          layer: transformerEncoderBlock({ embedDim: 4, numHeads: 2, mlpDim: 2, normFirst: false, causal: true }),
          inputShape: [2, 4],
          batch: 2,
          values: distinct(),
        },
      ],
      invalid: [
        { layer: block, inputShape: [E], throws: /^self_attention > multiHeadAttention: / },
        { layer: block, inputShape: [L, E + 1], throws: /^ln_1 > layerNorm: / },
      ],
    }),
    {
      subject: 'transformerEncoderBlock',
      laws: [
        silentBodyLaw(block, [L, E], {
          silent: /^(self_attention\.out_proj|mlp\.3)\./,
          words: 'its input itself',
          left: (x) => x,
          mutants: [
            outputMutant('the shortcut is left out', (y, x) => sub(y, x)),
            {
              name: 'layer norm behind the sums',
              plant: () => transformerEncoderBlock({ embedDim: E, numHeads: 2, mlpDim: 3, normFirst: false }),
            },
          ],
        }),
        equivariance,
      ],
    },
  ),
  layerLaws('transformerEncoderBlock with dropout', {
    samples: [
      {
        layer: transformerEncoderBlock({
          embedDim: 4,
          numHeads: 1,
          mlpDim: 3,
          dropout: 0.3,
          attentionDropout: 0.2,
          activation: 'relu',
        }),
        inputShape: [2, 4],
        batch: 2,
        values: distinct(),
      },
    ],
    stochastic: true,
    step: 2 ** -20,
  }),
];
