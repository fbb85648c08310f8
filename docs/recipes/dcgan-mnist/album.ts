import { infer, type Layer } from '@lemmata/nn';
import { add, eq, key, randomNormal, reshape, tensor, where, zeros, type Tensor } from '@lemmata/tensor';

/** What a generator made of the same noise at certain steps: part of a run's state, so that one that is resumed has it whole. */
export interface Album {
  /** Steps done. */
  readonly step: Tensor;
  /** [pages, images, …one image] */
  readonly pages: Tensor;
}

/** Steps at which samples are kept: the last of `steps`, half as many, a quarter …, `count` of them or as many as there are. */
export function moments(steps: number, count: number): number[] {
  const all = Array.from({ length: count }, (_, i) => Math.round(steps / 2 ** (count - 1 - i)));
  return [...new Set(all)].filter((step) => step > 0);
}

/** An album with a page for each of the steps of `at`, counted from 1. */
export function album(options: {
  readonly generator: Layer;
  readonly latent: number;
  readonly images: number;
  readonly at: readonly number[];
}): { start: () => Album; turn: (album: Album, params: unknown, state: unknown) => Album } {
  const { generator, latent, images, at } = options;
  const shape = [at.length, images, ...generator.init(key(0), [latent]).outputShape];
  return {
    start: () => ({ step: tensor(0, { dtype: 'int32' }), pages: zeros(shape) }),
    turn({ step, pages }, params, state) {
      const next = add(step, 1);
      // A compiled step has no branches: images are drawn each time, and kept at the right ones.
      const drawn = infer(generator, params, state, randomNormal(key(0), [images, latent]));
      const due = eq(tensor([...at], { dtype: 'int32' }), next);
      return { step: next, pages: where(reshape(due, [at.length, ...shape.slice(1).map(() => 1)]), drawn, pages) };
    },
  };
}
