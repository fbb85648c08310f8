import wordList from 'word-list';
import { countParameters } from '@lemmata/nn';
import { key, zeros } from '@lemmata/tensor';
import { columnTensor } from '@lemmata/train';
import { expect, test } from 'vitest';
import { encoded, END, nats, readWords, STEPS, SYMBOLS, symbolsOf } from './letters.js';
import { KINDS, networks } from './networks.js';
import { Trigram } from './trigram.js';

test('every word is on one side, one in ten held out, in an order that is not the alphabet', async () => {
  const { train, held } = await readWords(wordList);
  expect(new Set([...train, ...held]).size).toBe(train.length + held.length);
  expect(held.length / (train.length + held.length)).toBeCloseTo(0.1, 2);
  expect(new Set(train.slice(0, 200).map((word) => word[0])).size).toBeGreaterThan(10);
});

test('a word is read behind its beginning and said up to its end', () => {
  const { before, next } = encoded(['cab', 'a']);
  expect(Array.from(before.data.slice(0, 4))).toEqual([END, 2, 0, 1]);
  expect(Array.from(next.data.slice(0, 5))).toEqual([2, 0, 1, END, -100]);
  expect(Array.from(next.data.slice(STEPS, STEPS + 3))).toEqual([0, END, -100]);
  // Logits that favour nothing cost ln 27 a letter, whatever the length of the words.
  const mean = nats(zeros([2, STEPS, SYMBOLS]), columnTensor(next), 'mean').item();
  expect(mean).toBeCloseTo(Math.log(SYMBOLS), 5);
  expect(nats(zeros([2, STEPS, SYMBOLS]), columnTensor(next), 'sum').item()).toBeCloseTo(6 * Math.log(SYMBOLS), 4);
});

test('trigrams are probabilities; what was seen more often is likelier, what never was is not impossible', () => {
  const model = new Trigram(['ab', 'ab', 'ac', 'b']);
  for (const [a, b] of [
    [END, END],
    [END, 0],
    [0, 1],
    [25, 25],
  ]) {
    let total = 0;
    for (let c = 0; c < SYMBOLS; c++) total += model.probability(a!, b!, c);
    expect(total).toBeCloseTo(1, 12);
  }
  // Behind the start and a: b twice, c once, z never.
  const [b, c, z] = [1, 2, 25].map((symbol) => model.probability(END, 0, symbol)) as [number, number, number];
  expect(b).toBeGreaterThan(c);
  expect(c).toBeGreaterThan(z);
  expect(z).toBeGreaterThan(0);
});

test('trigrams predict words like those they have counted better than chance, and than those of another kind', () => {
  const model = new Trigram(Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 'banana' : 'ananas')));
  expect(model.bits(['banana'])).toBeLessThan(1);
  expect(model.bits(['banana'])).toBeLessThan(model.bits(['xylem']));
  expect(symbolsOf('az')).toEqual([0, 25, END]);
});

test('the three networks are of one size', () => {
  const models = networks(128);
  const counts = KINDS.map((kind) => countParameters(models[kind].layer.init(key(0), [STEPS]).params));
  expect(counts).toEqual(KINDS.map((kind) => models[kind].parameters));
  expect(Math.min(...counts) / Math.max(...counts)).toBeGreaterThan(0.99);
});
