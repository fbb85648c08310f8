import { Problems, sizeOf } from '@lemmata/shape';
import { apply, type OpDef } from '@lemmata/tensor';

export interface ChannelWindowAttrs {
  /** Channels before each one that are summed with it. */
  readonly before: number;
  /** Channels after it. */
  readonly after: number;
}

/** Σ over the channels c − before … c + after that there are, at each place: [N, C, ...] → as x. */
export const ChannelWindowSum: OpDef<ChannelWindowAttrs> = {
  name: 'channelWindowSum',
  linearIn: [0],
  infer(_attrs, x) {
    const problems = new Problems('channelWindowSum');
    if (x.shape.length < 2) problems.add({ rule: 'x is [N, C, ...spatial]', received: x.shape });
    if (x.dtype === 'bool') problems.add({ rule: 'x must hold numbers', received: x.dtype, hint: 'Convert with cast' });
    problems.throwIfAny({ x: x.shape });
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  reference({ before, after }, [x], [out]) {
    const [batch, channels, ...sizes] = x.shape;
    const space = sizeOf(sizes);
    const totals = new Float64Array(space);
    for (let n = 0; n < batch; n++) {
      for (let c = 0; c < channels; c++) {
        totals.fill(0);
        const last = Math.min(channels - 1, c + after);
        for (let k = Math.max(0, c - before); k <= last; k++) {
          const start = (n * channels + k) * space;
          for (let s = 0; s < space; s++) totals[s] += x.data[start + s];
        }
        out.data.set(totals, (n * channels + c) * space);
      }
    }
  },
  // Channel k is read by the channels c with k − after ≤ c ≤ k + before.
  vjp({ before, after }, [upstream]) {
    return [upstream === null ? null : apply(ChannelWindowSum, { before: after, after: before }, [upstream])[0]];
  },
};
