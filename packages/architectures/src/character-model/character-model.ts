import { dropoutLayer } from '@lemmata/layers-dropout';
import { embeddingLayer } from '@lemmata/layers-embedding';
import { linearLayer } from '@lemmata/layers-linear';
import { type Layer, sequential } from '@lemmata/nn';
import type { Named } from '../named.js';
import { CELL_NAMES, CELLS, type CellName } from '../recurrent.js';
import { count, oneOf, settle, share } from '../settle.js';

export interface CharacterModelOptions {
  /** How many characters there are. */
  readonly vocabulary: number;
  /** `rnn` (Elman), `lstm` or `gru`. Default lstm. */
  readonly cell?: CellName;
  /** Features of a character. Default 32. */
  readonly embedDim?: number;
  /** Units of each recurrent layer. Default 128. */
  readonly hiddenSize?: number;
  /** Recurrent layers. Default 1. */
  readonly numLayers?: number;
  /** Share of what each layer but the output gives that is dropped in training. Default 0. */
  readonly dropout?: number;
}

/**
 * A model of text: after each character, logits of the next; int32 [T] → [T, vocabulary]. What stands at step t depends on
 * characters 0 … t alone. Names: `embedding.weight`, `rnn.weight_ih_l0` …, `fc.weight`, `fc.bias`.
 *
 * @throws OptionError for unknown options and values that are none of theirs.
 *
 * Source: Elman 1990, https://doi.org/10.1207/s15516709cog1402_1; Graves 2013, https://arxiv.org/abs/1308.0850
 */
export function characterModel(options: CharacterModelOptions): Layer {
  const { vocabulary, cell, embedDim, hiddenSize, numLayers, dropout } = settle('characterModel', options, {
    vocabulary: count(),
    cell: oneOf(CELL_NAMES, 'lstm'),
    embedDim: count(32),
    hiddenSize: count(128),
    numLayers: count(1),
    dropout: share(0),
  });
  return sequential({
    embedding: embeddingLayer({ numEmbeddings: vocabulary, embeddingDim: embedDim }),
    drop: dropoutLayer({ p: dropout }),
    rnn: CELLS[cell]({ hiddenSize, numLayers, dropout: numLayers > 1 ? dropout : 0 }),
    drop2: dropoutLayer({ p: dropout }),
    fc: linearLayer({ outFeatures: vocabulary }),
  });
}

const named = (cell: CellName, parameters: number, flops: number): Named => ({
  make: () => characterModel({ vocabulary: 27, cell }),
  inputShape: [16],
  outputShape: [16, 27],
  parameters,
  flops,
});

export const CHARACTER_MODEL: Readonly<Record<`char_${CellName}`, Named>> = {
  char_rnn: named('rnn', 25_083, 366_592),
  char_lstm: named('lstm', 87_291, 1_300_480),
  char_gru: named('gru', 66_555, 989_184),
};
