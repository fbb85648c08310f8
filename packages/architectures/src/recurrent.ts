import { gruLayer, lstmLayer, rnnLayer } from '@lemmata/layers-recurrent';

/** The recurrent layers, by the name of their cell. */
export const CELLS = { rnn: rnnLayer, lstm: lstmLayer, gru: gruLayer };

export type CellName = keyof typeof CELLS;

export const CELL_NAMES = Object.keys(CELLS) as CellName[];
