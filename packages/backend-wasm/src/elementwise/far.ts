import { i32, v128, type FunctionBuilder, type I32, type Local } from '../assembler/index.js';

/** Bytes that are written at once. */
const BLOCK = 2048;

/**
 * A loop whose turns write from `out` on, for arrays that no cache holds: some turns write to `place`, which stays in the
 * cache, and then what they wrote goes where it belongs, again and again. A store is queued until its line has come, and
 * behind a full queue nothing goes on, so that reads from memory wait for writes to it. On a cache of 32 MB (AMD Zen 5),
 * adding two arrays took a fifth less time than at once where the three have 30 to 50 MB, a tenth less at 100 MB, and a
 * tenth more where the cache holds them.
 *
 * @param bytes that a turn writes
 * @param place of `BLOCK` bytes
 */
export function inTurns(
  f: FunctionBuilder,
  turns: Local<'i32'>,
  out: Local<'i32'>,
  bytes: number,
  place: I32,
  turn: () => void,
): void {
  const from = f.local('i32');
  const to = f.let(out);
  f.while(turns, () => {
    const count = f.let(i32.min_u(turns, i32.const(BLOCK / bytes)));
    f.set(turns, i32.sub(turns, count));
    f.set(out, place);
    f.repeat(f.let(count), turn);
    f.set(from, place);
    f.repeat(count, () => {
      for (let at = 0; at < bytes; at += 16) f.do(v128.store(to, v128.load(from, at), at));
      f.set(from, i32.add(from, bytes));
      f.set(to, i32.add(to, bytes));
    });
  });
  f.set(out, to);
}
