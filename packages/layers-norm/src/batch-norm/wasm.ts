import { type KernelCode, stage, type WasmKernel } from '@lemmata/backend-wasm';
import {
  f32,
  type F32,
  f32x4,
  f64,
  type F64,
  f64x2,
  type FunctionBuilder,
  i32,
  type I32,
  type Local,
  type V128,
  v128,
} from '@lemmata/backend-wasm/assembler';
import { BatchNorm, type BatchNormAttrs, BatchNormGradient, countOf } from './op.js';

/** Where the values of one channel lie: `images` planes of `plane` elements, `imageBytes` apart. */
interface Channel {
  readonly images: I32;
  readonly plane: Local<'i32'>;
  readonly imageBytes: Local<'i32'>;
}

/** Vectors that one turn of a loop works on: as many sums are under way at once. */
const UNROLLED = 4;

/**
 * Visits all values of a channel, four neighbours or one at a time, at the same place of several tensors; `turn` counts the
 * vectors of one turn of the loop.
 */
function eachValue(
  f: FunctionBuilder,
  { images, plane, imageBytes }: Channel,
  starts: readonly I32[],
  four: (turn: number, offset: number, ...at: I32[]) => void,
  one: (...at: I32[]) => void,
): void {
  const planes = starts.map((start) => f.let(start));
  f.repeat(f.let(images), () => {
    const at = planes.map((start) => f.let(start));
    const step = (bytes: number): void => at.forEach((p) => f.set(p, i32.add(p, bytes)));
    f.repeat(f.let(i32.div_u(plane, 4 * UNROLLED)), () => {
      for (let turn = 0; turn < UNROLLED; turn++) four(turn, 16 * turn, ...at);
      step(16 * UNROLLED);
    });
    f.repeat(f.let(i32.shr_u(i32.rem_u(plane, 4 * UNROLLED), 2)), () => {
      four(0, 0, ...at);
      step(16);
    });
    f.repeat(f.let(i32.and(plane, 3)), () => {
      one(...at);
      step(4);
    });
    planes.forEach((start) => f.set(start, i32.add(start, imageBytes)));
  });
}

/** A sum in float64 of values that come four or one at a time. */
class Sum {
  private readonly f: FunctionBuilder;
  /** Two halves for each turn. */
  private readonly parts: readonly (readonly [Local<'v128'>, Local<'v128'>])[];
  private readonly rest: Local<'f64'>;

  constructor(f: FunctionBuilder) {
    this.f = f;
    this.parts = Array.from({ length: UNROLLED }, () => [f.let(f64x2.splat(0)), f.let(f64x2.splat(0))] as const);
    this.rest = f.local('f64');
    f.set(this.rest, 0);
  }

  four(turn: number, halves: readonly V128[]): void {
    this.parts[turn].forEach((part, half) => this.f.set(part, f64x2.add(part, halves[half])));
  }

  one(x: F64): void {
    this.f.set(this.rest, f64.add(this.rest, x));
  }

  total(): Local<'f64'> {
    const pair = this.f.let(this.parts.flat().reduce<V128>((a, b) => f64x2.add(a, b), f64x2.splat(0)));
    return this.f.let(f64.add(f64.add(f64x2.extract_lane(pair, 0), f64x2.extract_lane(pair, 1)), this.rest));
  }
}

/** Four float32 as float64. */
function widen(f: FunctionBuilder, at: I32, offset: number): [V128, V128] {
  const x = f.let(v128.load(at, offset));
  return [f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(v128.shuffle32(x, x, [2, 3, 2, 3]))];
}

function widenOne(at: I32): F64 {
  return f64.promote_f32(f32.load(at));
}

const SHARED = ['count', 'images', 'plane', 'channels', 'epsHigh', 'epsLow'] as const;
type Shared = (typeof SHARED)[number];

/** What all channels share: their places, n and ε. */
function shared(f: FunctionBuilder, args: Readonly<Record<Shared, I32>>): Channel & { count: F64; eps: F64 } {
  const plane = f.let(args.plane);
  const part = (bits: I32): F64 => f64.promote_f32(f32.reinterpret_i32(bits));
  return {
    images: args.images,
    plane,
    imageBytes: f.let(i32.shl(i32.mul(plane, args.channels), 2)),
    count: f.let(f64.convert_i32_s(args.count)),
    eps: f.let(f64.add(part(args.epsHigh), part(args.epsLow))),
  };
}

const inverseRoot = (variance: F64, eps: F64): F64 => f64.div(1, f64.sqrt(f64.add(variance, eps)));

/** The planes of a channel. */
const planes: KernelCode<Shared>['runs'] = (f, args, channel, run) => {
  const start = f.let(i32.mul(channel, args.plane));
  f.repeat(f.let(args.images), () => {
    run(start, i32.add(start, args.plane));
    f.set(start, i32.add(start, i32.mul(args.channels, args.plane)));
  });
};

/** A unit is one channel, whose values stay in the cache from one pass to the next. */
const forward: KernelCode<Shared | 'x' | 'weight' | 'bias' | 'y' | 'mean' | 'variance'> = {
  name: 'batchNorm',
  fields: [...SHARED, 'x', 'weight', 'bias', 'y', 'mean', 'variance'],
  runs: planes,
  build(f, args, begin, end) {
    const all = shared(f, args);
    f.range(begin, end, 1, (channel) => {
      const word = f.let(i32.shl(channel, 2));
      const start = f.let(i32.mul(word, all.plane));
      const x = i32.add(args.x, start);
      const sum = new Sum(f);
      eachValue(
        f,
        all,
        [x],
        (turn, offset, at) => sum.four(turn, widen(f, at, offset)),
        (at) => sum.one(widenOne(at)),
      );
      const centre = f.let(f64.div(sum.total(), all.count));
      const mean = f.let(f32.demote_f64(centre));
      const centres = f.let(f64x2.splat(centre));
      const squares = new Sum(f);
      eachValue(
        f,
        all,
        [x],
        (turn, offset, at) =>
          squares.four(
            turn,
            widen(f, at, offset).map((part) => {
              const d = f.let(f64x2.sub(part, centres));
              return f64x2.mul(d, d);
            }),
          ),
        (at) => {
          const d = f.let(f64.sub(widenOne(at), centre));
          squares.one(f64.mul(d, d));
        },
      );
      const variance = f.let(f32.demote_f64(f64.div(squares.total(), all.count)));
      f.do(f32.store(i32.add(args.mean, word), mean), f32.store(i32.add(args.variance, word), variance));
      const inverse = inverseRoot(f64.promote_f32(variance), all.eps);
      const scale = f.let(f32.demote_f64(f64.mul(inverse, widenOne(i32.add(args.weight, word)))));
      // Values are centred around the rounded mean, which float32 takes off exactly where it is large beside their spread. What the
      // rounding left is made up for here: at a mean of 1000 and σ = 0.2 it would move all values by up to 3e-5 / σ.
      const left = f64.mul(f64.sub(f64.promote_f32(mean), centre), f64.promote_f32(scale));
      const shift = f.let(f32.demote_f64(f64.add(widenOne(i32.add(args.bias, word)), left)));
      const [means, scales, shifts] = [mean, scale, shift].map((value) => f.let(f32x4.splat(value)));
      eachValue(
        f,
        all,
        [x, i32.add(args.y, start)],
        (_turn, offset, at, to) =>
          f.do(v128.store(to, f32x4.add(f32x4.mul(f32x4.sub(v128.load(at, offset), means), scales), shifts), offset)),
        (at, to) => f.do(f32.store(to, f32.add(f32.mul(f32.sub(f32.load(at), mean), scale), shift))),
      );
    });
  },
};

/** A unit is one channel. */
const backward: KernelCode<Shared | 'x' | 'weight' | 'mean' | 'variance' | 'upstream' | 'dx' | 'dWeight' | 'dBias'> = {
  name: 'batchNormGradient',
  fields: [...SHARED, 'x', 'weight', 'mean', 'variance', 'upstream', 'dx', 'dWeight', 'dBias'],
  build(f, args, begin, end) {
    const all = shared(f, args);
    f.range(begin, end, 1, (channel) => {
      const word = f.let(i32.shl(channel, 2));
      const start = f.let(i32.mul(word, all.plane));
      const x = i32.add(args.x, start);
      const upstream = i32.add(args.upstream, start);
      const mean = f.let(f32.load(i32.add(args.mean, word)));
      const centre = f.let(f64.promote_f32(mean));
      const centres = f.let(f64x2.splat(centre));
      const sum = new Sum(f);
      const products = new Sum(f);
      eachValue(
        f,
        all,
        [x, upstream],
        (turn, offset, at, up) => {
          const u = widen(f, up, offset).map((part) => f.let(part));
          sum.four(turn, u);
          products.four(
            turn,
            widen(f, at, offset).map((part, i) => f64x2.mul(u[i], f64x2.sub(part, centres))),
          );
        },
        (at, up) => {
          const u = f.let(widenOne(up));
          sum.one(u);
          products.one(f64.mul(u, f64.sub(widenOne(at), centre)));
        },
      );
      const total = sum.total();
      const product = products.total();
      const inverse = f.let(inverseRoot(widenOne(i32.add(args.variance, word)), all.eps));
      f.do(
        f32.store(i32.add(args.dWeight, word), f32.demote_f64(f64.mul(product, inverse))),
        f32.store(i32.add(args.dBias, word), f32.demote_f64(total)),
      );
      const narrow = (value: F64): F32 => f.let(f32.demote_f64(value));
      const scale = narrow(f64.mul(inverse, widenOne(i32.add(args.weight, word))));
      const average = narrow(f64.div(total, all.count));
      const slope = narrow(f64.div(f64.mul(product, f64.mul(inverse, inverse)), all.count));
      const [means, scales, averages, slopes] = [mean, scale, average, slope].map((value) => f.let(f32x4.splat(value)));
      eachValue(
        f,
        all,
        [x, upstream, i32.add(args.dx, start)],
        (_turn, offset, at, up, to) => {
          const tilt = f32x4.mul(f32x4.sub(v128.load(at, offset), means), slopes);
          const rest = f32x4.sub(f32x4.sub(v128.load(up, offset), averages), tilt);
          f.do(v128.store(to, f32x4.mul(scales, rest), offset));
        },
        (at, up, to) => {
          const tilt = f32.mul(f32.sub(f32.load(at), mean), slope);
          f.do(f32.store(to, f32.mul(scale, f32.sub(f32.sub(f32.load(up), average), tilt))));
        },
      );
    });
  },
};

/** Arguments are words, so that ε is given as the sum of two float32. */
function sharedArgs({ eps }: BatchNormAttrs, shape: readonly number[]): Record<Shared, number> {
  const bits = (x: number): number => new Int32Array(Float32Array.of(x).buffer)[0];
  const [images, channels] = shape;
  const count = countOf(shape);
  return {
    count: Math.max(1, count),
    images,
    plane: images === 0 ? 0 : count / images,
    channels,
    epsHigh: bits(eps),
    epsLow: bits(eps - Math.fround(eps)),
  };
}

/**
 * Batch norm and its gradient as a whole, in float32. Statistics are taken in float64 in two passes and rounded once, so
 * that they lie within 1 ulp of the exact ones; of each value of y and dx the few steps after that are taken in float32. y is free
 * of the rounding of the mean, while dx is centred around the mean as it was kept, in float32, as in PyTorch.
 */
export const batchNormKernels: readonly WasmKernel<BatchNormAttrs>[] = [
  {
    op: BatchNorm,
    epilogue: true,
    accepts: (_attrs, [x]) => x.dtype === 'float32',
    stages(attrs, { inputs: [x, weight, bias], outputs: [y, mean, variance] }) {
      const args = {
        ...sharedArgs(attrs, x.shape),
        x: x.at,
        weight: weight.at,
        bias: bias.at,
        y: y.at,
        mean: mean.at,
        variance: variance.at,
      };
      return [stage(forward, args, x.shape[1], countOf(x.shape) * 1.5)];
    },
  },
  {
    op: BatchNormGradient,
    accepts: (_attrs, [x]) => x.dtype === 'float32',
    stages(attrs, { inputs: [x, weight, mean, variance, upstream], outputs: [dx, dWeight, dBias] }) {
      const args = {
        ...sharedArgs(attrs, x.shape),
        x: x.at,
        weight: weight.at,
        mean: mean.at,
        variance: variance.at,
        upstream: upstream.at,
        dx: dx.at,
        dWeight: dWeight.at,
        dBias: dBias.at,
      };
      return [stage(backward, args, x.shape[1], countOf(x.shape) * 2)];
    },
  },
];
