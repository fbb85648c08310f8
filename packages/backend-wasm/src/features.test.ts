import { afterEach, expect, test, vi } from 'vitest';
import { detectFeatures, nodeModule, relaxedSimdFlag } from './features.js';
import { availableThreads } from './threads/pool.js';

afterEach(() => vi.unstubAllGlobals());

test('outside of Node there are no modules of Node, and threads are those that the page is told of', () => {
  expect(nodeModule('os')).not.toBeNull();
  expect(availableThreads()).toBeGreaterThan(0);
  vi.stubGlobal('process', undefined);
  expect(nodeModule('os')).toBeNull();
  vi.stubGlobal('navigator', { hardwareConcurrency: 7 });
  expect(availableThreads()).toBe(7);
  vi.stubGlobal('navigator', undefined);
  expect(availableThreads()).toBe(1);
});

test('the flag for relaxed SIMD is that of engines which have it behind one', () => {
  for (const [node, flag] of [
    ['20.19.0', '--experimental-wasm-relaxed-simd'],
    ['22.1.0', ''],
    [undefined, ''],
  ]) {
    vi.stubGlobal('process', { ...process, versions: { node } });
    expect(relaxedSimdFlag()).toBe(flag);
    expect(detectFeatures().simd).toBe(true);
    vi.unstubAllGlobals();
  }
});

test('an engine without WebAssembly has none of its features', () => {
  vi.stubGlobal('WebAssembly', undefined);
  expect(Object.values(detectFeatures())).toEqual([false, false, false, false]);
});
