import { expect, test } from 'vitest';
import { enableRelaxedSimd } from '@lemmata/backend-wasm/features';
import { roofModule } from './roof.js';

test('the loop computes: every accumulator tends to y / (1 − x)', async () => {
  enableRelaxedSimd();
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { instance } = await WebAssembly.instantiate(roofModule(), { env: { memory } });
  const loop = instance.exports['loop'] as (turns: number) => number;
  // 0 + 1 + … + 11, plus the 0.25 that the sum starts from; then each halves its distance to 0.5 a turn.
  expect(loop(0)).toBe(66.25);
  expect(loop(1)).toBe(66 / 2 + 12 * 0.25 + 0.25);
  expect(loop(200)).toBe(12 * 0.5 + 0.25);
});

test('it holds twelve multiply-adds a turn and no memory access', () => {
  const bytes = [...roofModule()];
  const count = (...code: number[]): number =>
    bytes.filter((_, i) => code.every((byte, k) => bytes[i + k] === byte)).length;
  // relaxed_madd is 0xfd 261, in LEB128.
  expect(count(0xfd, 0x85, 0x02)).toBe(12);
  expect(count(0xfd, 0x00)).toBe(0);
});
