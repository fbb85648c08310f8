import { Worker } from 'node:worker_threads';
import { f32x4, ModuleBuilder, type V128 } from '@lemmata/backend-wasm/assembler';
import { enableRelaxedSimd } from '@lemmata/backend-wasm/features';

/** Below so many 10⁹ operations a second of one thread, the machine is too slow or too busy for figures that count. */
export const VOID_BELOW_GFLOPS = 24;

/** Enough to keep two units busy that answer after 4 to 6 cycles; with the two operands they fit in 16 registers. */
const ACCUMULATORS = 12;
const LANES = 4;
/** Of one repetition: about 50 ms. */
const TURNS = 1 << 24;
const REPETITIONS = 5;

/** A loop of independent multiply-adds that touches no memory, as a module exporting `loop(turns)`. */
export function roofModule(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ initial: 1, maximum: 1, shared: false });
  module.function('loop', ['i32'], ['f32'], (f, turns) => {
    const x = f.let(f32x4.splat(0.5));
    const y = f.let(f32x4.splat(0.25));
    // Each starts somewhere else: no compiler can take two of them for one.
    const sums = Array.from({ length: ACCUMULATORS }, (_, i) => f.let(f32x4.splat(i)));
    f.repeat(turns, () => {
      // a ← a x + y, which tends to 0.5 and so stays an ordinary number.
      for (const sum of sums) f.set(sum, f32x4.relaxed_madd(sum, x, y));
    });
    return f32x4.extract_lane(
      sums.reduce<V128>((a, b) => f32x4.add(a, b), y),
      0,
    );
  });
  return module.bytes();
}

/** Runs the loop in this thread; 10⁹ operations a second, best of five. */
export async function loop(): Promise<number> {
  enableRelaxedSimd();
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { instance } = await WebAssembly.instantiate(roofModule(), { env: { memory } });
  const run = instance.exports['loop'] as (turns: number) => number;
  // The engine's optimising compiler is at work during the first calls.
  for (let i = 0; i < 3; i++) run(TURNS / 4);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPETITIONS; i++) {
    const start = performance.now();
    run(TURNS);
    best = Math.min(best, performance.now() - start);
  }
  return (TURNS * ACCUMULATORS * LANES * 2) / best / 1e6;
}

/** What `threads` threads reach at the same time. */
export async function roof(threads: number): Promise<number> {
  const rates = await Promise.all(
    Array.from({ length: threads }, () => {
      const worker = new Worker(new URL('./thread.js', import.meta.url));
      return new Promise<number>((done, fail) => {
        worker.once('message', done);
        worker.once('error', fail);
      }).finally(() => worker.terminate());
    }),
  );
  return rates.reduce((a, b) => a + b, 0);
}
