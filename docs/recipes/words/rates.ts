import wordList from 'word-list';
import { command, eachOf, fullBackend, sideBySide } from '@lemmata/cli';
import { arrayDataset, loader } from '@lemmata/data';
import { key } from '@lemmata/random';
import { isTensor, type Tensor } from '@lemmata/tensor';
import { compiledStep, loop, type TrainState } from '@lemmata/train';
import { map } from '@lemmata/tree';
import { encoded, readWords } from './letters.js';
import { bitsOn, learner } from './learner.js';
import { KINDS, networks } from './networks.js';

/** Steps of a trial: a quarter of a run. */
const TRIAL = 950;
const RATES = [0.002, 0.004, 0.008, 0.016, 0.032] as const;

/**
 * `node docs/recipes/dist/words/rates.js`: bits per character of each network after a trial at each rate, on words that are set aside
 * of those to train on, one in twenty. Learning rates are chosen by them; the held-out words are not looked at.
 */
await command(async () => {
  const { train } = await readWords(wordList);
  const aside = (i: number): boolean => i % 20 === 0;
  const batches = loader(arrayDataset(encoded(train.filter((_, i) => !aside(i)))), {
    batchSize: 128,
    shuffle: key(0),
  });
  const judges = train.filter((_, i) => aside(i));
  const backend = fullBackend();
  const put = <T>(tree: T): T =>
    map((leaf: unknown) => (isTensor(leaf) ? backend.put(leaf as Tensor) : leaf), tree as never) as T;
  const models = networks(128);
  console.log(['', ...RATES].join('\t'));
  for (const kind of KINDS) {
    const { layer } = models[kind];
    const { start, step } = sideBySide<string, TrainState>(
      eachOf(RATES.map(String), (rate) => learner(layer, Number(rate), TRIAL, 0)),
    );
    for await (const { state, step: done } of loop({
      step: compiledStep(step),
      state: put(start()),
      batches,
      epochs: 1,
    })) {
      if (done < TRIAL) continue;
      const bits = RATES.map((rate) => bitsOn(judges, layer, state[String(rate)]!, put).toFixed(3));
      console.log([kind, ...bits].join('\t'));
      break;
    }
  }
  backend.stop();
  return 0;
});
