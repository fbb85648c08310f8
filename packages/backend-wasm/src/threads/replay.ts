import {
  atomics,
  i32,
  i64,
  ModuleBuilder,
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  type Local,
  type MemoryType,
  type Operand,
} from '../assembler/index.js';
import { KERNEL_PARAMS } from '../code.js';

/** A line of a command list: entry in the table, address of the arguments, extent, flags. */
export const COMMAND_WORDS = 4;

/** All threads share the range. */
export const PARALLEL = 1;
/** Wait for all threads before it: a command before it, or it itself, is shared or runs on another thread. */
export const BARRIER = 2;
/** From this bit on: which thread runs a command that is not shared, in 2⁻¹⁶ of their number. */
export const PLACE_SHIFT = 16;

/**
 * Words by which threads speak, at these offsets in bytes; those that are waited on have a cache line each. They start as 0.
 * - `go`: how many lists have been given out. `list`, `count`, `threads`: the last one.
 * - `arrived`, `passed`: who waits at the barrier, and how many barriers there were.
 * - `sleeping`: how many threads may have to be woken.
 * - `dead`: not 0 once a thread has failed.
 * - `modules`: how many modules there are to load. `ready`: how many workers serve.
 * - `patience`: rounds of waiting until a thread counts as dead. `spins`: looks that the next wait takes beyond the fewest. `seen`: for each thread, the last list it has worked on.
 */
export const CONTROL = {
  go: 0,
  list: 4,
  count: 8,
  threads: 12,
  arrived: 64,
  passed: 128,
  sleeping: 192,
  dead: 256,
  modules: 320,
  ready: 384,
  patience: 388,
  spins: 448,
  seen: 512,
} as const;
export const MAX_THREADS = 64;
export const CONTROL_BYTES: number = CONTROL.seen + 4 * MAX_THREADS;

/**
 * Looks that a waiting thread takes before it sleeps, some hundreds of microseconds, in which most waits end. Each wait that
 * does not end in them halves those of the next, each one that does doubles them: where two threads are on one core, looking
 * is what keeps the other from arriving. The fewest are longer than equal shares of work usually differ.
 */
const SPINS = { fewest: 100_000, most: 1_000_000 };
/**
 * How long it sleeps then before it looks again, at first and at most; each sleep is twice as long as the one before. Short sleeps
 * leave two threads of one core both ready now and then, by which a system sees that it should move one to an idle core. It
 * does not see it of a thread that sleeps until it is woken.
 */
const NAP_NANOSECONDS = { first: 20_000, longest: 10_000_000 };

const REPLAY_PARAMS = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;

/**
 * - `replay(control, list, count, thread, threads, maySleep)` runs the commands of a list, its share of those that threads share.
 * - `dispatch(control, list, count, threads)` hands a list to all workers.
 * - `serve(control, thread, loaded)` works on lists as they come; returns when there are more than `loaded` modules, or a
 *   thread is dead.
 */
export function replayModule(memory: MemoryType): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(memory, { table: true });
  const kernel = module.type(KERNEL_PARAMS);
  /** All of a list on one thread, which waits for nobody. */
  const alone = (f: FunctionBuilder, list: Local<'i32'>, count: Local<'i32'>): void =>
    f.repeat(count, () => {
      f.callIndirect(kernel, i32.load(list), i32.load(list, 4), i32.const(0), i32.load(list, 8));
      f.set(list, i32.add(list, 4 * COMMAND_WORDS));
    });
  if (!memory.shared) {
    module.function('replay', REPLAY_PARAMS, [], (f, _control, list, count) => alone(f, list, count));
    return module.bytes();
  }
  const waitRound = waiting(module);
  const barrier = barrierOf(module, waitRound);
  const replay = module.function('replay', REPLAY_PARAMS, [], (f, control, list, count, thread, threads, maySleep) => {
    f.if(i32.eq(threads, 1), () => {
      alone(f, list, count);
      f.return();
    });
    f.repeat(count, () => {
      const extent = f.let(i32.load(list, 8));
      const flags = f.let(i32.load(list, 12));
      f.if(i32.and(flags, BARRIER), () => f.call(barrier, control, threads, maySleep));
      f.if(
        i32.and(flags, PARALLEL),
        () => {
          const begin = f.let(share(extent, thread, threads));
          const end = f.let(share(extent, i32.add(thread, 1), threads));
          f.if(i32.lt_u(begin, end), () => f.callIndirect(kernel, i32.load(list), i32.load(list, 4), begin, end));
        },
        () =>
          f.if(i32.eq(thread, i32.shr_u(i32.mul(i32.shr_u(flags, PLACE_SHIFT), threads), 16)), () =>
            f.callIndirect(kernel, i32.load(list), i32.load(list, 4), i32.const(0), extent),
          ),
      );
      f.set(list, i32.add(list, 4 * COMMAND_WORDS));
    });
    // Nobody reads the list any more once this is passed, nor writes results.
    f.call(barrier, control, threads, maySleep);
  });
  module.function('dispatch', ['i32', 'i32', 'i32', 'i32'], [], (f, control, list, count, threads) => {
    f.do(
      i32.store(control, list, CONTROL.list),
      i32.store(control, count, CONTROL.count),
      i32.store(control, threads, CONTROL.threads),
    );
    bump(f, control, CONTROL.go);
  });
  module.function('serve', ['i32', 'i32', 'i32'], [], (f, control, thread, loaded) => {
    const seenAt = f.let(i32.add(control, i32.shl(thread, 2)));
    f.block((leave) => {
      f.while(i32.const(1), () => {
        const seen = f.let(i32.load(seenAt, CONTROL.seen));
        const nap = f.let(i32.const(NAP_NANOSECONDS.first));
        f.while(i32.eq(atomics.load(control, CONTROL.go), seen), () => {
          leave(atomics.load(control, CONTROL.dead));
          waitRound(f, i32.add(control, CONTROL.go), seen, control, 1, nap);
        });
        leave(i32.or(atomics.load(control, CONTROL.dead), i32.ne(atomics.load(control, CONTROL.modules), loaded)));
        f.do(i32.store(seenAt, i32.add(seen, 1), CONTROL.seen));
        f.call(
          replay,
          control,
          i32.load(control, CONTROL.list),
          i32.load(control, CONTROL.count),
          thread,
          i32.load(control, CONTROL.threads),
          1,
        );
      });
    });
  });
  return module.bytes();
}

/** Where the share of a thread begins. */
function share(extent: I32, thread: I32, threads: I32): I32 {
  return i32.wrap_i64(
    i64.div_u(i64.mul(i64.extend_i32_u(extent), i64.extend_i32_u(thread)), i64.extend_i32_u(threads)),
  );
}

/** Adds 1 to a word that threads wait on, and wakes those that sleep. */
function bump(f: FunctionBuilder, control: I32, word: number): void {
  f.drop(atomics.add(control, 1, word));
  f.if(atomics.load(control, CONTROL.sleeping), () => f.drop(atomics.notify(control, MAX_THREADS, word)));
}

type WaitRound = (
  f: FunctionBuilder,
  word: I32,
  value: I32,
  control: I32,
  maySleep: Operand<'i32'>,
  nap: Local<'i32'>,
) => void;

/** One round of waiting for the word to leave the value; the nap of the next is longer. */
function waiting(module: ModuleBuilder): WaitRound {
  const round = module.function(
    'wait',
    ['i32', 'i32', 'i32', 'i32', 'i32'],
    [],
    (f, word, value, control, maySleep, nap) => {
      // Threads may overwrite each other's number: any is a good one.
      const spins = f.let(i32.add(i32.load(control, CONTROL.spins), SPINS.fewest));
      const left = f.let(spins);
      f.block((leave) => {
        f.repeat(left, () => leave(i32.ne(atomics.load(word), value)));
        f.do(i32.store(control, i32.shr_u(i32.load(control, CONTROL.spins), 1), CONTROL.spins));
        f.if(maySleep, () => {
          // Whoever changes the word afterwards sees a sleeper; if it has changed already, there is no sleep.
          f.drop(atomics.add(control, 1, CONTROL.sleeping));
          f.drop(atomics.wait(word, value, i64.extend_i32_u(nap)));
          f.drop(atomics.add(control, -1, CONTROL.sleeping));
        });
        f.return();
      });
      f.do(i32.store(control, i32.min_u(i32.shl(spins, 1), i32.const(SPINS.most)), CONTROL.spins));
    },
    false,
  );
  return (f, word, value, control, maySleep, nap) => {
    f.call(round, word, value, control, maySleep, nap);
    f.set(nap, i32.min_u(i32.shl(nap, 1), i32.const(NAP_NANOSECONDS.longest)));
  };
}

/** (control, threads, maySleep): returns when all threads are here, of which there are several, or one is dead. */
function barrierOf(module: ModuleBuilder, waitRound: WaitRound): FunctionRef {
  return module.function(
    'barrier',
    ['i32', 'i32', 'i32'],
    [],
    (f, control, threads, maySleep) => {
      const passed: Local<'i32'> = f.let(atomics.load(control, CONTROL.passed));
      f.if(
        i32.eq(atomics.add(control, 1, CONTROL.arrived), i32.sub(threads, 1)),
        () => {
          f.do(atomics.store(control, 0, CONTROL.arrived));
          bump(f, control, CONTROL.passed);
        },
        () => {
          const rounds = f.let(i32.load(control, CONTROL.patience));
          const nap = f.let(i32.const(NAP_NANOSECONDS.first));
          f.block((leave) => {
            f.while(i32.eq(atomics.load(control, CONTROL.passed), passed), () => {
              leave(atomics.load(control, CONTROL.dead));
              f.set(rounds, i32.sub(rounds, 1));
              f.if(i32.eqz(rounds), () => f.do(atomics.store(control, 1, CONTROL.dead)));
              waitRound(f, i32.add(control, CONTROL.passed), passed, control, maySleep, nap);
            });
          });
        },
      );
    },
    false,
  );
}
