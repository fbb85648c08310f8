import { add, REFERENCE, sum, type Backend } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { costOf } from './costs.js';
import { fuseEpilogues } from './passes/epilogues.js';
import { Trace } from './trace.js';

test('an op with an epilogue reads its own inputs; what the epilogue reads besides costs no more than its functions', () => {
  const trace = new Trace(REFERENCE);
  const [x, c] = [
    [8, 8],
    [8, 1],
  ].map((shape) => trace.input({ shape, dtype: 'float32' }));
  const plain = trace.finish([add(sum(x, { axis: 1, keepdims: true }), c)]);
  const taking = Object.assign(Object.create(REFERENCE) as Backend, { takesEpilogue: () => true });
  const fused = fuseEpilogues(plain, taking);
  expect(fused.lines.map(({ op }) => op.name)).toEqual(['sum+add']);
  for (const program of [plain, fused])
    expect(program.lines.reduce((flops, line) => flops + costOf(line, program).flops, 0)).toBe(8 * 8 + 8);
});
