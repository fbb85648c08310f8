import { type KernelCode, type Stage, stage } from '@lemmata/backend-wasm';
import { f32, i32 } from '@lemmata/backend-wasm/assembler';

/** Where the weights of a sliding sum lie, in elements: w[group, filter, channel, kernel element]. */
export interface FilterLayout {
  readonly groups: number;
  readonly filters: number;
  readonly channels: number;
  /** Kernel elements, which follow each other. */
  readonly kernel: number;
  readonly filterStep: number;
  readonly channelStep: number;
}

/**
 * Filters in panels of `width`, each as [channel, kernel element][filter of the panel]. The last of a group is narrower,
 * or filled up with zeros to `slot`. A unit is one panel.
 */
const filterPanels: KernelCode<
  | 'from'
  | 'to'
  | 'filters'
  | 'channels'
  | 'kernel'
  | 'filterStep'
  | 'channelStep'
  | 'groupStep'
  | 'width'
  | 'fill'
  | 'panels'
> = {
  name: 'conv.filterPanels',
  fields: [
    'from',
    'to',
    'filters',
    'channels',
    'kernel',
    'filterStep',
    'channelStep',
    'groupStep',
    'width',
    'fill',
    'panels',
  ],
  build(f, args, begin, end) {
    const width = f.let(args.width);
    const taps = f.let(i32.mul(args.channels, args.kernel));
    f.range(begin, end, 1, (unit) => {
      const group = f.let(i32.div_u(unit, args.panels));
      const first = f.let(i32.mul(i32.rem_u(unit, args.panels), width));
      const count = f.let(i32.min_u(width, i32.sub(args.filters, first)));
      const perGroup = f.let(args.filters);
      f.if(args.fill, () => f.set(perGroup, i32.mul(args.panels, width)));
      const to = f.let(i32.add(args.to, i32.shl(i32.mul(taps, i32.add(i32.mul(group, perGroup), first)), 2)));
      const channel = f.let(
        i32.add(args.from, i32.add(i32.mul(group, args.groupStep), i32.mul(first, args.filterStep))),
      );
      f.repeat(f.let(args.channels), () => {
        const element = f.let(channel);
        f.repeat(f.let(args.kernel), () => {
          const p = f.let(element);
          f.repeat(f.let(count), () => {
            f.do(f32.store(to, f32.load(p)));
            f.set(p, i32.add(p, args.filterStep));
            f.set(to, i32.add(to, 4));
          });
          f.if(args.fill, () =>
            f.range(count, width, 1, () => {
              f.do(f32.store(to, 0));
              f.set(to, i32.add(to, 4));
            }),
          );
          f.set(element, i32.add(element, 4));
        });
        f.set(channel, i32.add(channel, args.channelStep));
      });
    });
  },
};

/** Packs the weights at `from`. With `fill`, every panel has `width` filters. */
export function filterStage(layout: FilterLayout, width: number, fill: boolean, from: number, to: number): Stage {
  const { groups, filters, channels, kernel, filterStep, channelStep } = layout;
  const panels = Math.ceil(filters / width);
  return stage(
    filterPanels,
    {
      from,
      to,
      filters,
      channels,
      kernel,
      filterStep: 4 * filterStep,
      channelStep: 4 * channelStep,
      groupStep: 4 * filters * channels * kernel,
      width,
      fill: Number(fill),
      panels,
    },
    groups * panels,
    channels * kernel * width * 1.5,
  );
}
