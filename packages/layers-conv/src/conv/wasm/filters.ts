import { contiguousStrides, type Shape, sameShape } from '@lemmata/shape';
import { type KernelCode, type Stage, stage } from '@lemmata/backend-wasm';
import { f32, i32, type I32 } from '@lemmata/backend-wasm/assembler';
import type { Panels } from '@lemmata/backend-wasm/gemm/micro';
import { packRuns } from './runs.js';
import type { Taps } from './offsets.js';

/** Where the weights of a sliding sum lie, in elements: w[group, filter, channel, kernel element]. */
export interface FilterLayout {
  readonly groups: number;
  readonly filters: number;
  readonly channels: number;
  /** Kernel elements that are summed over. */
  readonly kernel: number;
  readonly filterStep: number;
  readonly channelStep: number;
  readonly groupStep: number;
  /** Of the kernel elements: sizes, steps from one to the next along each axis, and the first. */
  readonly sizes: Shape;
  readonly steps: readonly number[];
  readonly start: number;
}

/** Sizes or steps of the axes of taps: channels, then the kernel's; or the kernel's first axis in front of the channels. */
export function tapAxes(channels: number, kernel: readonly number[], rowsFirst: boolean): number[] {
  return rowsFirst ? [kernel[0], channels, ...kernel.slice(1)] : [channels, ...kernel];
}

/** The table of where in a filter its taps lie. */
export function filterTaps({ channels, channelStep, sizes, steps, start }: FilterLayout, rowsFirst: boolean): Taps {
  return {
    sizes: tapAxes(channels, sizes, rowsFirst),
    steps: tapAxes(channelStep, steps, rowsFirst),
    start,
    first: 0,
    split: 1,
    part: 0,
  };
}

type Field = 'from' | 'to' | 'table' | 'count' | 'filters' | 'filterStep' | 'groupStep' | 'tall' | 'panels';

/** Filters in panels, each as [tap][filter of the panel]. Panels of all groups follow each other. A unit is one panel. */
function filterCode(height: number, dense: boolean): KernelCode<Field> {
  return {
    name: `conv.filterPanels ${height}${dense ? ' dense' : ''}`,
    fields: ['from', 'to', 'table', 'count', 'filters', 'filterStep', 'groupStep', 'tall', 'panels'],
    build(f, args, begin, end, target) {
      const count = f.let(args.count);
      const tall = f.let(args.tall);
      const pack = (group: I32, first: I32, rows: number): void => {
        const filter = f.let(first);
        const to = f.let(i32.add(args.to, i32.shl(i32.mul(i32.add(i32.mul(group, args.filters), filter), count), 2)));
        const from = f.let(
          i32.add(args.from, i32.add(i32.mul(group, args.groupStep), i32.mul(filter, args.filterStep))),
        );
        const runs = Array.from({ length: rows }, (_, i) => f.let(i32.add(from, i32.mul(args.filterStep, i))));
        if (dense) {
          f.call(target.helper(packRuns[rows]), count, to, ...runs);
          return;
        }
        const table = f.let(args.table);
        f.repeat(f.let(count), () => {
          const tap = f.let(i32.load(table));
          runs.forEach((run, i) => f.do(f32.store(to, f32.load(i32.add(run, tap)), 4 * i)));
          f.set(table, i32.add(table, 4));
          f.set(to, i32.add(to, 4 * rows));
        });
      };
      f.range(begin, end, 1, (unit) => {
        const group = f.let(i32.div_u(unit, args.panels));
        const panel = f.let(i32.rem_u(unit, args.panels));
        f.if(
          i32.lt_u(panel, tall),
          () => pack(group, i32.mul(panel, height), height),
          () => {
            if (height > 1) pack(group, i32.add(i32.mul(panel, height - 1), tall), height - 1);
          },
        );
      });
    },
  };
}

const codes = new Map<string, KernelCode<Field>>();

/** Packs the weights at `from` into panels, given the table of {@link filterTaps}. */
export function filterStage(
  layout: FilterLayout,
  panels: Panels,
  rowsFirst: boolean,
  table: number,
  from: number,
  to: number,
): Stage {
  const { groups, filters, channels, kernel, filterStep, groupStep } = layout;
  const { height, tall, count } = panels;
  const dense = isDense(layout) && !(rowsFirst && channels > 1);
  const key = `${height} ${dense}`;
  let code = codes.get(key);
  if (code === undefined) codes.set(key, (code = filterCode(height, dense)));
  return stage(
    code,
    {
      from,
      to,
      table,
      count: channels * kernel,
      filters,
      filterStep: 4 * filterStep,
      groupStep: 4 * groupStep,
      tall,
      panels: count,
    },
    groups * count,
    channels * kernel * height * (dense ? 0.3 : 1),
  );
}

/** Whether the taps of a filter follow each other. */
function isDense({ channels, channelStep, kernel, sizes, steps, start }: FilterLayout): boolean {
  const packed = contiguousStrides(sizes);
  return start === 0 && (channels === 1 || channelStep === kernel) && (sameShape(steps, packed) || kernel === 1);
}
