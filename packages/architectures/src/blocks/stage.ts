import { type Layer, sequential } from '@lemmata/nn';

/** Blocks one behind the other, named by their numbers: the first changes channels and size, the others keep them. */
export function stage(
  blocks: number,
  make: (place: { readonly inChannels: number; readonly stride: number }) => Layer,
  { inChannels, outChannels, stride }: { inChannels: number; outChannels: number; stride: number },
): Layer {
  return sequential(
    Array.from({ length: blocks }, (_, i) =>
      make(i === 0 ? { inChannels, stride } : { inChannels: outChannels, stride: 1 }),
    ),
  );
}
