import { convolution, inputGradient, weightGradient } from '@lemmata/layers-conv';
import { eagerly } from '../peers/lemmata.js';
import type { ConvTask } from '../task.js';
import type { Workload } from '../workload.js';

type Sizes = Omit<ConvTask, 'kind' | 'part'>;

const plain = ['forward', 'input', 'weight'] as const;
const winograd = '-winograd';

/**
 * A convolution with stride 1 and no bias, and its gradients. A part that ends in -winograd is the same work for everyone; we do it by
 * Winograd's algorithm, whose rate is counted in the operations of the definition. In the others we do not.
 */
function conv(id: string, title: string, sizes: Sizes, withWinograd = false): Workload {
  const { batch, channels, size, filters, kernel, padding, groups } = sizes;
  const out = size + 2 * padding - kernel + 1;
  const what = (part: string): ConvTask['part'] => part.replace(winograd, '') as ConvTask['part'];
  return {
    id,
    title,
    parts: [...plain, ...(withWinograd ? plain.map((part) => `${part}${winograd}`) : [])],
    task: (part) => ({ kind: 'conv', part: what(part), ...sizes }),
    flops: () => (2 * batch * filters * out * out * channels * kernel * kernel) / groups,
    winograd: (part) => part.endsWith(winograd),
    lemmata(library, given) {
      const part = what(given);
      const x = library.draw(1, batch, channels, size, size);
      const w = library.draw(2, filters, channels / groups, kernel, kernel);
      const y = library.draw(4, batch, filters, out, out);
      const attrs = {
        stride: [1, 1],
        dilation: [1, 1],
        padding: [
          [padding, padding],
          [padding, padding],
        ] as const,
        groups,
      };
      if (part === 'forward') return eagerly([x, w], (x, w) => convolution(x!, w!, attrs));
      if (part === 'input') return eagerly([y, w], (y, w) => inputGradient(y!, w!, attrs, [size, size]));
      return eagerly([x, y], (x, y) => weightGradient(x!, y!, attrs, [kernel, kernel]));
    },
  };
}

export const conv64x16: Workload = conv(
  'conv64x16',
  'convolution (32,64,16,16), 64 filters 3×3',
  { batch: 32, channels: 64, size: 16, filters: 64, kernel: 3, padding: 1, groups: 1 },
  true,
);
export const conv64x56: Workload = conv(
  'conv64x56',
  'convolution (8,64,56,56), 64 filters 3×3',
  { batch: 8, channels: 64, size: 56, filters: 64, kernel: 3, padding: 1, groups: 1 },
  true,
);
export const conv1x28: Workload = conv('conv1x28', 'convolution (64,1,28,28), 6 filters 5×5', {
  batch: 64,
  channels: 1,
  size: 28,
  filters: 6,
  kernel: 5,
  padding: 2,
  groups: 1,
});
export const depthwise: Workload = conv('depthwise', 'depthwise convolution (8,128,28,28), 3×3', {
  batch: 8,
  channels: 128,
  size: 28,
  filters: 128,
  kernel: 3,
  padding: 1,
  groups: 128,
});
