import { expect, test } from 'vitest';
import { formatMeasurements, type Measurement, parseMeasurements } from './measurement.js';

const line: Measurement = {
  workload: 'gemm512',
  peer: 'lemmata',
  threads: 1,
  ms: 10,
  min: 9,
  gflops: 26.8,
  roofGflops: 30,
  engine: 'lemmata',
  load: 0.5,
  samples: 7,
};

test('what is written is read again, line by line', () => {
  const lines: Measurement[] = [
    line,
    { workload: 'lenet', peer: 'tfjs-wasm', threads: 1, engine: 'tfjs', load: 1, error: 'no kernel', void: true },
    { ...line, note: 'a "quoted"\nnote' },
  ];
  const text = formatMeasurements(lines);
  expect(text.split('\n')).toHaveLength(4);
  expect(parseMeasurements(text)).toEqual(lines);
});

test.each([
  ['{', 'not JSON'],
  ['[]', 'not an object'],
  [{ ...line, engine: undefined }, '"engine" is missing'],
  [{ ...line, ms: 'fast' }, '"ms" must be a number, received "fast"'],
  [{ ...line, ms: null }, '"ms" must be a number, received null'],
  [{ ...line, peer: 'numpy' }, 'unknown peer "numpy"'],
  [{ ...line, error: 1 }, '"error" must be a text'],
  [{ ...line, void: false }, '"void" is true or absent'],
  [{ ...line, seconds: 1 }, 'unknown field "seconds"'],
  [{ ...line, ms: undefined }, 'there is neither "ms" nor "bytes" nor "error"'],
])('%j is refused by its line', (broken, message) => {
  const text = `${JSON.stringify(line)}\n\n${typeof broken === 'string' ? broken : JSON.stringify(broken)}\n`;
  expect(() => parseMeasurements(text, 'results.json')).toThrow(`results.json, line 3: ${message}`);
});
