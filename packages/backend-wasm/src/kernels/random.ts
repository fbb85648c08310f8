import { sizeOf } from '@lemmata/shape';
import { Bernoulli, FoldIn, RandomBits, RandomUniform, SplitKey } from '@lemmata/tensor';
import {
  f32x4,
  i32,
  i32x4,
  memory,
  v128,
  type FunctionBuilder,
  type I32,
  type Local,
  type V128,
} from '../assembler/index.js';
import { stage, type KernelCode, type Stage, type Target } from '../code.js';
import { storeFour } from '../elementwise/lanes.js';
import type { WasmKernel } from '../kernel.js';
import type { Placed } from '../placed.js';
import { zeros } from './fill.js';

/** Words that four blocks of Threefry give: what one turn of the loop draws. */
const WORDS = 8;

/** Threefry-2x32 with 20 rounds; the definition with its source is that of `@lemmata/random`. */
const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const PARITY = 0x1bd11bda;
const ROUNDS_OF_FOUR = 5;

interface KeySchedule {
  /** k₀, k₁ and their parity word, in all lanes. */
  readonly words: readonly Local<'v128'>[];
}

function schedule(f: FunctionBuilder, key: I32): KeySchedule {
  const k0 = f.let(v128.load32_splat(key));
  const k1 = f.let(v128.load32_splat(key, 4));
  return { words: [k0, k1, f.let(v128.xor(v128.xor(f.hoist(i32x4.splat(PARITY)), k0), k1))] };
}

/** Words 2b and 2b + 1 of the stream for four blocks b, in the order of the stream; counters of derived keys have a `high` word. */
function drawWords(f: FunctionBuilder, { words }: KeySchedule, block: V128, high?: V128): readonly [V128, V128] {
  const x = f.let(i32x4.add(block, words[0]));
  const y = f.let(high === undefined ? words[1] : i32x4.add(high, words[1]));
  for (let round = 0; round < ROUNDS_OF_FOUR; round++) {
    for (const bits of ROTATIONS[round % 2]) {
      f.set(x, i32x4.add(x, y));
      f.set(y, v128.xor(v128.or(i32x4.shl(y, bits), i32x4.shr_u(y, 32 - bits)), x));
    }
    f.set(x, i32x4.add(x, words[(round + 1) % 3]));
    f.set(y, i32x4.add(y, i32x4.add(words[(round + 2) % 3], f.hoist(i32x4.splat(round + 1)))));
  }
  return [v128.shuffle32(x, y, [0, 4, 1, 5]), v128.shuffle32(x, y, [2, 6, 3, 7])];
}

/** A kernel that draws a word for each element and makes `bytes` of it. A unit is {@link WORDS} elements. */
function drawCode<Field extends string>(
  name: string,
  bytes: number,
  fields: readonly Field[],
  store: (f: FunctionBuilder, to: I32, words: V128, args: Readonly<Record<Field, I32>>, target: Target) => void,
): KernelCode<'key' | 'out' | 'count' | Field> {
  return {
    name,
    fields: ['key', 'out', 'count', ...fields],
    build(f, args, begin, end, target) {
      const keys = schedule(f, args.key);
      const lanes = f.let(i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(0), 1, 1), 2, 2), 3, 3));
      f.range(begin, end, 1, (unit) => {
        const parts = drawWords(f, keys, f.let(i32x4.add(i32x4.splat(i32.shl(unit, 2)), lanes)));
        const place = f.let(i32.add(args.out, i32.mul(unit, WORDS * bytes)));
        const rest = f.let(i32.sub(args.count, i32.mul(unit, WORDS)));
        // The last unit may be larger than what is left of the output.
        const whole = i32.ge_u(rest, WORDS);
        const to = f.let(place);
        f.if(i32.eqz(whole), () => f.set(to, target.scratch));
        parts.forEach((words, half) =>
          store(f, half === 0 ? to : f.let(i32.add(to, 4 * half * bytes)), f.let(words), args, target),
        );
        f.if(i32.eqz(whole), () => f.do(memory.copy(place, target.scratch, i32.mul(rest, bytes))));
      });
    },
  };
}

const bitsCode = drawCode('randomBits', 4, [], (f, to, words) => f.do(v128.store(to, words)));

const bernoulliCode = drawCode('bernoulli', 1, ['last'], (f, to, words, { last }) => {
  f.do(...storeFour('bool', to, [i32x4.le_u(words, i32x4.splat(last))]));
});

/** The top 24 bits of a word as a number in [0, 1), exactly. */
const uniformCode = drawCode('randomUniform', 4, [], (f, to, words) => {
  f.do(v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), f.hoist(f32x4.splat(2 ** -24)))));
});

/** One key from another. */
const deriveCode: KernelCode<'key' | 'out' | 'low' | 'high'> = {
  name: 'deriveKey',
  fields: ['key', 'out', 'low', 'high'],
  build(f, { key, out, low, high }, begin, end) {
    f.range(begin, end, 1, () => {
      const [words] = drawWords(f, schedule(f, key), i32x4.splat(low), i32x4.splat(high));
      f.do(v128.store64_lane(out, words, 0));
    });
  },
};

/** The upper two bits of a counter say what a key is derived for, those below them count. */
function derive(key: Placed, out: Placed, data: number, use: 1 | 2): Stage {
  const high = (Math.floor(data / 2 ** 32) & 0x3fffffff) | (use << 30);
  return stage(deriveCode, { key: key.at, out: out.at, low: data, high }, 1, WORK);
}

/** Nanoseconds of {@link WORDS} words. */
const WORK = 10;

const bitsKernel: WasmKernel = {
  op: RandomBits,
  accepts: () => true,
  stages: (_attrs, { inputs: [key], outputs: [out] }) => {
    const count = sizeOf(out.shape);
    return [stage(bitsCode, { key: key.at, out: out.at, count }, Math.ceil(count / WORDS), WORK)];
  },
};

const bernoulliKernel: WasmKernel<{ readonly p: number }> = {
  op: Bernoulli,
  accepts: () => true,
  stages: ({ p }, { inputs: [key], outputs: [out] }) => {
    // A word below p · 2³² counts as true: none, or those up to the last one.
    const last = Math.ceil(p * 2 ** 32) - 1;
    if (last < 0) return [zeros(out)];
    const count = sizeOf(out.shape);
    return [stage(bernoulliCode, { key: key.at, out: out.at, count, last }, Math.ceil(count / WORDS), WORK)];
  },
};

const uniformKernel: WasmKernel<{ readonly low: number; readonly high: number; readonly dtype: string }> = {
  op: RandomUniform,
  // Other bounds are rounded in float64, by the reference.
  accepts: ({ low, high, dtype }) => low === 0 && high === 1 && dtype === 'float32',
  stages: (_attrs, { inputs: [key], outputs: [out] }) => {
    const count = sizeOf(out.shape);
    return [stage(uniformCode, { key: key.at, out: out.at, count }, Math.ceil(count / WORDS), WORK)];
  },
};

const splitKernel: WasmKernel = {
  op: SplitKey,
  accepts: () => true,
  stages: (_attrs, { inputs: [key], outputs }) => outputs.map((out, i) => derive(key, out, i, 2)),
};

const foldKernel: WasmKernel<{ readonly data?: number }> = {
  op: FoldIn,
  // A counter that is a tensor is read by the reference.
  accepts: ({ data }) => data !== undefined,
  stages: ({ data }, { inputs: [key], outputs: [out] }) => [derive(key, out, data!, 1)],
};

/** The numbers of `@lemmata/random`, bit for bit. */
export const randomKernels: readonly WasmKernel[] = [
  bitsKernel,
  bernoulliKernel,
  uniformKernel,
  splitKernel,
  foldKernel,
];
