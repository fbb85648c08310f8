import { type KernelCode, stage, type WasmKernel } from '@lemmata/backend-wasm';
import { f32, f32x4, f64, type F64, i32, type Local } from '@lemmata/backend-wasm/assembler';
import { exp } from '@lemmata/backend-wasm/elementwise/math';
import { zeros } from '@lemmata/backend-wasm/kernels/fill';
import { sizeOf } from '@lemmata/shape';
import { ClassIndicator, type IndicatorAttrs, noClass } from '../class-targets.js';
import { SoftmaxCrossEntropy } from './op.js';

/** A unit is one sample: `count` classes that are `inner` elements apart. */
const code: KernelCode<'z' | 'q' | 'out' | 'count' | 'inner'> = {
  name: 'softmaxCrossEntropy',
  fields: ['z', 'q', 'out', 'count', 'inner'],
  calls: ['log'],
  build(f, args, begin, end, target) {
    const count = f.let(args.count);
    const inner = f.let(args.inner);
    const step = f.let(i32.shl(inner, 2));
    f.range(begin, end, 1, (sample) => {
      const image = f.let(i32.div_u(sample, inner));
      const first = i32.add(i32.mul(i32.mul(image, count), inner), i32.sub(sample, i32.mul(image, inner)));
      const start = f.let(i32.shl(first, 2));
      const z = i32.add(args.z, start);
      const each = (body: (at: Local<'i32'>) => void): void => {
        const at = f.let(z);
        f.repeat(f.let(count), () => {
          body(at);
          f.set(at, i32.add(at, step));
        });
      };
      const max = f.local('f32');
      f.set(max, -Infinity);
      each((at) => f.set(max, f32.max(max, f32.load(at))));
      const total = f.local('f64');
      f.set(total, 0);
      each((at) => {
        const e = exp({ f, target }, f.let(f32x4.splat(f32.sub(f32.load(at), max))));
        f.set(total, f64.add(total, f64.promote_f32(f32x4.extract_lane(e, 0))));
      });
      const wide = f.let(f64.promote_f32(max));
      const shift: F64 = f.let(f64.add(wide, f.valueOf('f64', target.scalarFunction('log'), total)));
      const loss = f.local('f64');
      f.set(loss, 0);
      const q = f.let(i32.add(args.q, start));
      each((at) => {
        const weight = f.let(f32.load(q));
        // A class that is not asked for takes no part, even where its logit is −∞.
        f.if(f32.ne(weight, 0), () => {
          const term = f64.sub(shift, f64.promote_f32(f32.load(at)));
          f.set(loss, f64.add(loss, f64.mul(f64.promote_f32(weight), term)));
        });
        f.set(q, i32.add(q, step));
      });
      f.do(f32.store(i32.add(args.out, i32.shl(sample, 2)), f32.demote_f64(loss)));
    });
  },
};

/** A unit is one target: the 1 of its class among zeros. */
const indicatorCode: KernelCode<'targets' | 'out' | 'classes' | 'places' | 'ignored'> = {
  name: 'classIndicator',
  fields: ['targets', 'out', 'classes', 'places', 'ignored'],
  build(f, args, begin, end, target) {
    const classes = f.let(args.classes);
    const places = f.let(args.places);
    f.range(begin, end, 1, (unit) => {
      const chosen = f.let(i32.load(i32.add(args.targets, i32.shl(unit, 2))));
      const sample = f.let(i32.div_u(unit, places));
      const place = i32.sub(unit, i32.mul(sample, places));
      const at = i32.add(i32.mul(i32.add(i32.mul(sample, classes), chosen), places), place);
      f.if(i32.ne(chosen, args.ignored), () =>
        f.if(
          i32.lt_u(chosen, classes),
          () => f.do(f32.store(i32.add(args.out, i32.shl(at, 2)), 1)),
          () => target.refuse(f, chosen, unit),
        ),
      );
    });
  },
};

const indicatorKernel: WasmKernel<IndicatorAttrs> = {
  op: ClassIndicator,
  accepts: ({ dtype }) => dtype === 'float32',
  stages(attrs, { inputs: [targets], outputs: [out] }) {
    const { classes, ignoreIndex } = attrs;
    const places = sizeOf(targets.shape.slice(1));
    const args = { targets: targets.at, out: out.at, classes, places, ignored: ignoreIndex };
    const refusal = (index: number, at: number): Error => noClass(attrs, places, index, at);
    return [zeros(out), stage(indicatorCode, args, sizeOf(targets.shape), 5, refusal)];
  },
};

/**
 * Softmax cross-entropy in float32. Exponentials lie within 2 ulp, all sums are taken in float64, so that a loss lies within
 * Σ |q| · (2⁻²² + |max − z| · 2⁻²⁴) and 1 ulp of the exact one.
 */
export const crossEntropyKernels: readonly WasmKernel[] = [
  {
    op: SoftmaxCrossEntropy,
    accepts: (_attrs, [z]) => z.dtype === 'float32',
    stages(_attrs, { inputs: [z, q], outputs: [out] }) {
      const inner = sizeOf(z.shape.slice(2));
      const count = z.shape[1];
      const args = { z: z.at, q: q.at, out: out.at, count, inner };
      return [stage(code, args, sizeOf(out.shape), 20 + 15 * count)];
    },
  },
  indicatorKernel,
];
