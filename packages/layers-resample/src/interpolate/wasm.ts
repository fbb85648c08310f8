import { type KernelCode, type Stage, stage, type WasmKernel } from '@lemmata/backend-wasm';
import { f32, f64, f64x2, i32, v128 } from '@lemmata/backend-wasm/assembler';
import { castLanes } from '@lemmata/backend-wasm/elementwise/cast';
import { type Shape, sizeOf } from '@lemmata/shape';
import { Resample, ResampleAdjoint, type ResampleAttrs } from './op.js';
import { type Taps, taps } from './taps.js';

/** Bytes of a tap: the index that it reads, and its weight from the eighth on. */
const TAP = 16;
/** Words of a table up to which writing it is little beside the work, and little code. */
const MOST_WORDS = 2 ** 15;

/** What makes each element of the result, in words: where its taps start and end, from the table on; then the taps. */
function tableOf({ starts, indices, weights }: Taps): Int32Array {
  const head = 4 * Math.ceil(starts.length / 4);
  const words = new Int32Array(head + (TAP / 4) * indices.length);
  starts.forEach((start, o) => (words[o] = 4 * head + TAP * start));
  indices.forEach((index, t) => {
    const at = head + (TAP / 4) * t;
    words[at] = index;
    words.set(new Int32Array(Float64Array.of(weights[t]).buffer), at + 2);
  });
  return words;
}

/** The transpose: what each element of an axis of `inputs` gives to, in the order in which sums were taken. */
function transposed({ starts, indices, weights }: Taps, inputs: number): Taps {
  const readers = Array.from({ length: inputs }, (): [o: number, weight: number][] => []);
  for (let o = 0; o < starts.length - 1; o++)
    for (let t = starts[o]; t < starts[o + 1]; t++) readers[indices[t]].push([o, weights[t]]);
  const ends = readers.reduce((all, list) => [...all, all[all.length - 1] + list.length], [0]);
  const flat = readers.flat();
  return {
    starts: Int32Array.from(ends),
    indices: Int32Array.from(flat, ([o]) => o),
    weights: Float64Array.from(flat, ([, weight]) => weight),
  };
}

interface Table {
  readonly words: number;
  /** Writes it to memory: it is part of the code. */
  readonly code: KernelCode<'at'>;
}

const tables = new Map<string, Table>();

function tableFor(adjoint: boolean, attrs: ResampleAttrs, inputs: number): Table {
  const { size, method, alignCorners, scale, antialias } = attrs;
  const name = `resample.table ${[adjoint, inputs, size, method, alignCorners, scale, antialias].join(' ')}`;
  let table = tables.get(name);
  if (table === undefined) {
    const forward = taps(attrs, inputs, size);
    const words = tableOf(adjoint ? transposed(forward, inputs) : forward);
    const code: KernelCode<'at'> = {
      name,
      fields: ['at'],
      build(f, args) {
        const at = f.let(args.at);
        words.forEach((word, i) => f.do(i32.store(at, word, 4 * i)));
      },
    };
    tables.set(name, (table = { words: words.length, code }));
  }
  return table;
}

/** A unit is one part of the axes before the one that is resampled: `outputs` rows of `inner` sums of rows of x. */
const gather: KernelCode<'x' | 'y' | 'table' | 'inputs' | 'outputs' | 'inner'> = {
  name: 'resample.gather',
  fields: ['x', 'y', 'table', 'inputs', 'outputs', 'inner'],
  build(f, args, begin, end) {
    const inner = f.let(args.inner);
    const row = f.let(i32.shl(inner, 2));
    const table = f.let(args.table);
    const y = f.let(i32.add(args.y, i32.mul(i32.mul(begin, args.outputs), row)));
    f.range(begin, end, 1, (unit) => {
      const x = f.let(i32.add(args.x, i32.mul(i32.mul(unit, args.inputs), row)));
      const head = f.let(table);
      f.repeat(f.let(args.outputs), () => {
        const [first, last] = [0, 4].map((offset) => f.let(i32.add(table, i32.load(head, offset))));
        const column = f.let(x);
        /** Sums in float64, as the reference takes them, and rounded once. */
        const sum = (width: number, term: (at: typeof column, tap: typeof column) => void): void => {
          const tap = f.let(first);
          f.while(i32.lt_u(tap, last), () => {
            term(f.let(i32.add(column, i32.mul(i32.load(tap), row))), tap);
            f.set(tap, i32.add(tap, TAP));
          });
          f.set(column, i32.add(column, width));
        };
        f.repeat(f.let(i32.shr_u(inner, 2)), () => {
          const sums = [f.let(f64x2.splat(0)), f.let(f64x2.splat(0))] as const;
          sum(16, (at, tap) => {
            const weight = f.let(f64x2.splat(f64.load(tap, 8)));
            castLanes(f, 'float32', 'float64', [f.let(v128.load(at))]).forEach((half, i) =>
              f.set(sums[i], f64x2.add(sums[i], f64x2.mul(weight, half))),
            );
          });
          f.do(v128.store(y, castLanes(f, 'float64', 'float32', sums)[0]));
          f.set(y, i32.add(y, 16));
        });
        f.repeat(f.let(i32.and(inner, 3)), () => {
          const total = f.local('f64');
          f.set(total, 0);
          sum(4, (at, tap) => f.set(total, f64.add(total, f64.mul(f64.load(tap, 8), f64.promote_f32(f32.load(at))))));
          f.do(f32.store(y, f32.demote_f64(total)));
          f.set(y, i32.add(y, 4));
        });
        f.set(head, i32.add(head, 4));
      });
    });
  },
};

interface Side {
  readonly shape: Shape;
  readonly at: number;
}

function stages({ words, code }: Table, axis: number, x: Side, y: Side, scratch: number): readonly Stage[] {
  const inner = sizeOf(x.shape.slice(axis + 1));
  const [inputs, outputs] = [x.shape[axis], y.shape[axis]];
  const work = 2 * outputs + 0.1 * words * inner;
  return [
    stage(code, { at: scratch }, 1, words),
    stage(gather, { x: x.at, y: y.at, table: scratch, inputs, outputs, inner }, sizeOf(x.shape.slice(0, axis)), work),
  ];
}

type Adjoint = ResampleAttrs & { readonly from: number };

const resampleKernel: WasmKernel<ResampleAttrs> = {
  op: Resample,
  accepts: (attrs, [x]) => x.dtype === 'float32' && tableFor(false, attrs, x.shape[attrs.axis]).words <= MOST_WORDS,
  scratch: (attrs, [x]) => 4 * tableFor(false, attrs, x.shape[attrs.axis]).words,
  stages: (attrs, { inputs: [x], outputs: [y], scratch }) =>
    stages(tableFor(false, attrs, x.shape[attrs.axis]), attrs.axis, x, y, scratch),
};

const adjointKernel: WasmKernel<Adjoint> = {
  op: ResampleAdjoint,
  accepts: (attrs, [y]) => y.dtype === 'float32' && tableFor(true, attrs, attrs.from).words <= MOST_WORDS,
  scratch: (attrs) => 4 * tableFor(true, attrs, attrs.from).words,
  stages: (attrs, { inputs: [y], outputs: [x], scratch }) =>
    stages(tableFor(true, attrs, attrs.from), attrs.axis, y, x, scratch),
};

/** Resampling along an axis in float32 and its gradient, with the bits of the reference: sums are taken in float64, in its order. */
export const resampleKernels: readonly WasmKernel[] = [resampleKernel, adjointKernel];
