import { characterModel } from '@lemmata/architectures/character-model';
import { eachOf } from '@lemmata/cli';
import { summary, type Layer } from '@lemmata/nn';
import { STEPS, SYMBOLS } from './letters.js';

export type Kind = 'rnn' | 'lstm' | 'gru';
export const KINDS: readonly Kind[] = ['rnn', 'lstm', 'gru'];

/** Symbols [n, steps] to the logits of the next one at every step. */
const network = (kind: Kind, hiddenSize: number): Layer =>
  characterModel({ vocabulary: SYMBOLS, cell: kind, hiddenSize });

const parametersOf = (layer: Layer): number => summary(layer, [STEPS]).parameters;

interface Sized {
  readonly layer: Layer;
  readonly units: number;
  readonly parameters: number;
}

/** The three kinds with as many parameters as an LSTM of `hiddenSize` units, or the most that are fewer. */
export function networks(hiddenSize: number): Record<Kind, Sized> {
  const budget = parametersOf(network('lstm', hiddenSize));
  return eachOf(KINDS, (kind) => {
    let units = hiddenSize;
    while (parametersOf(network(kind, units + 1)) <= budget) units++;
    const layer = network(kind, units);
    return { layer, units, parameters: parametersOf(layer) };
  });
}
