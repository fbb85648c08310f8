import wordList from 'word-list';
import { curves, duration, eachOf, layersSection, limited, sideBySide, type Job, type Recipe } from '@lemmata/cli';
import { loader } from '@lemmata/data';
import { foldIn, key } from '@lemmata/random';
import type { Tensor } from '@lemmata/tensor';
import type { TrainState } from '@lemmata/train';
import { table } from '@lemmata/visualize';
import { encoded, readWords, STEPS } from './letters.js';
import { invent } from './invent.js';
import { bitsOn, learner } from './learner.js';
import { KINDS, networks, type Kind } from './networks.js';
import { Trigram } from './trigram.js';

const NAMES: Record<Kind, string> = { rnn: 'RNN', lstm: 'LSTM', gru: 'GRU' };
/** Learning rates as multiples of the one asked for: see the page on how they were chosen. */
const RATES: Record<Kind, number> = { rnn: 1, lstm: 4, gru: 2 };

/** The three networks' states, which learn side by side. */
type State = Readonly<Record<Kind, TrainState>>;

/** English words letter by letter: a plain recurrent network, an LSTM and a GRU of equal size, beside counted trigrams. */
export const recipe: Recipe = {
  name: 'words',
  title: 'English words, letter by letter',
  settings: { epochs: 2, batchSize: 128, learningRate: 4e-3 },
  quick: { epochs: 1, batchSize: 32, limit: 256 },
  async prepare(asked): Promise<Job<State>> {
    const words = await readWords(wordList);
    const held = asked.quick ? words.held.slice(0, 500) : words.held;
    const data = limited(encoded(words.train), asked, 'words');
    const batches = loader(data, { batchSize: asked.batchSize, shuffle: key(asked.seed) });
    const steps = batches.steps * asked.epochs;
    const models = networks(asked.quick ? 16 : 128);
    const jobs = eachOf(KINDS, (kind) =>
      learner(models[kind].layer, RATES[kind] * asked.learningRate, steps, asked.seed),
    );
    const about = `word-list: ${data.length} words to train on, ${held.length} held out`;
    return {
      about,
      unit: 'words',
      samples: data.length,
      batches,
      ...sideBySide(jobs),
      finish(state, { history, seconds, seed, put }) {
        const bits = eachOf(KINDS, (kind) => bitsOn(held, models[kind].layer, state[kind], put));
        const seen = words.train.slice(0, asked.limit);
        const trigram = new Trigram(seen).bits(held);
        const known = new Set([...words.train, ...words.held]);
        const invented = eachOf(KINDS, (kind, index) =>
          invent({ layer: models[kind].layer, ...state[kind] }, 60, foldIn(key(seed), index), (t: Tensor) => put(t)),
        );
        return Promise.resolve({
          result: { name: 'held-out bits per character, LSTM', value: bits.lstm, digits: 4 },
          goals: [
            // Under 0.02 bits is a tie.
            { name: 'bits saved by the LSTM over the RNN', value: bits.rnn - bits.lstm, atLeast: 0.02 },
            { name: 'bits saved by the GRU over the RNN', value: bits.rnn - bits.gru, atLeast: 0.02 },
            {
              name: 'bits saved by the worst of them over trigrams',
              value: trigram - Math.max(...KINDS.map((kind) => bits[kind])),
              atLeast: 0,
            },
          ],
          figures: {
            bits: { ...bits, trigram },
            units: eachOf(KINDS, (kind) => models[kind].units),
            parameters: eachOf(KINDS, (kind) => models[kind].parameters),
          },
          subtitle: `${about}, seed ${seed}`,
          facts: [
            ...KINDS.map((kind) => [NAMES[kind], `${bits[kind].toFixed(3)} bits`] as const),
            ['Trigrams', `${trigram.toFixed(3)} bits`],
            ['Training time, all three', duration(seconds)],
          ],
          sections: [
            {
              title: 'Learning',
              intro: 'Of every batch before its step.',
              html: curves(history, {
                title: 'Bits per character',
                smooth: 0.97,
                metrics: Object.fromEntries(KINDS.map((kind) => [NAMES[kind], `bits ${kind}`])),
              }),
            },
            {
              title: 'Bits per character',
              intro: 'On held-out words, the end of a word counted as a letter.',
              html: table({
                columns: ['Model', 'Units', 'Parameters', 'Bits per character'],
                rows: [
                  ...KINDS.map((kind) => [
                    NAMES[kind],
                    models[kind].units,
                    models[kind].parameters,
                    bits[kind].toFixed(4),
                  ]),
                  ['Trigrams, Kneser-Ney', '–', '–', trigram.toFixed(4)],
                ],
              }),
            },
            {
              title: 'Invented words',
              intro: 'Drawn letter by letter. In brackets those that are in the list.',
              html: table({
                columns: ['Model', 'Words'],
                rows: KINDS.map((kind) => [
                  NAMES[kind],
                  invented[kind].map((word) => (known.has(word) ? `(${word})` : word)).join(' '),
                ]),
              }),
            },
            layersSection(models.lstm.layer, [STEPS], 'Layers of the LSTM'),
          ],
          footer: 'Words: the npm package word-list, MIT',
        });
      },
    };
  },
};
