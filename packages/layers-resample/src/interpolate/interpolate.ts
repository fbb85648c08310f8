import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, OptionError, Problems, type Shape, unknownOptions } from '@lemmata/shape';
import { asTensor, type Tensor } from '@lemmata/tensor';
import { type ResampleAttrs, resample } from './op.js';
import type { Method } from './taps.js';

export type InterpolateMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'trilinear' | 'bicubic' | 'area';

/** Lists have one entry for each spatial axis. Of `size` and `scaleFactor` just one is given. */
export interface InterpolateOptions {
  /** Spatial sizes of the result. Default: by `scaleFactor`; one of both is needed. */
  readonly size?: number | readonly number[] | undefined;
  /** By how much each spatial size is multiplied; the product is rounded down. Default: by `size`. */
  readonly scaleFactor?: number | readonly number[] | undefined;
  /**
   * `'nearest'` (default) and `'nearest-exact'` choose an element; `'linear'`, `'bilinear'` and `'trilinear'` (for one, two
   * and three spatial axes) and `'bicubic'` (two) interpolate; `'area'` averages.
   */
  readonly mode?: InterpolateMode | undefined;
  /**
   * Whether the centres of the corner elements coincide, or (default, false) the outer edges. Not for nearest and area.
   */
  readonly alignCorners?: boolean | undefined;
  /** Place the elements by the sizes, after rounding, and not by `scaleFactor` itself. Default false. */
  readonly recomputeScaleFactor?: boolean | undefined;
  /** When shrinking, let every element count (bilinear and bicubic). Default false. */
  readonly antialias?: boolean | undefined;
}

interface Mode {
  readonly method: Method;
  /** The numbers of spatial axes that it takes. */
  readonly ranks: readonly number[];
}

const modes: Readonly<Record<InterpolateMode, Mode>> = {
  nearest: { method: 'nearest', ranks: [1, 2, 3] },
  'nearest-exact': { method: 'nearest-exact', ranks: [1, 2, 3] },
  linear: { method: 'linear', ranks: [1] },
  bilinear: { method: 'linear', ranks: [2] },
  trilinear: { method: 'linear', ranks: [3] },
  bicubic: { method: 'cubic', ranks: [2] },
  area: { method: 'area', ranks: [1, 2, 3] },
};

/**
 * Images of other sizes, up or down.
 *
 * @param x [N, C, ...spatial] with one to three spatial axes
 * @returns [N, C, ...size]
 * @example interpolate(x, { scaleFactor: 2, mode: 'bilinear' })
 * @throws ShapeError where a size would be 0 or the mode does not fit the axes; OptionError for options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  checkOptions('interpolate', options);
  const input = asTensor(x, 'interpolate');
  return plan('interpolate', input.shape, options)
    .filter((attrs) => attrs.size !== input.shape[attrs.axis] || movesInPlace(attrs))
    .reduce(resample, input);
}

/**
 * Whether an axis whose size stays is resampled all the same, since its factor is rounded away. As in PyTorch bicubic
 * interpolation and both nearest modes do so, and all others copy it.
 */
function movesInPlace({ method, antialias, scale }: ResampleAttrs): boolean {
  return scale !== null && scale !== 1 && ((method === 'cubic' && !antialias) || method.startsWith('nearest'));
}

/**
 * {@link interpolate} as a layer.
 *
 * @example interpolateLayer({ scaleFactor: 2 }) // doubles height and width
 */
export function interpolateLayer(options: InterpolateOptions): Layer<Empty, Empty> {
  checkOptions('interpolateLayer', options);
  return {
    kind: 'interpolate',
    init(_key, inputShape) {
      const sizes = plan('interpolate', [1, ...inputShape], options).map(({ size }) => size);
      return { params: {}, state: {}, outputShape: [inputShape[0], ...sizes] };
    },
    apply: (_params, state, x) => [interpolate(x, options), state],
    window: () => null,
  };
}

/** How each spatial axis is resampled. */
function plan(op: string, input: Shape, options: InterpolateOptions): ResampleAttrs[] {
  const { size, scaleFactor, mode = 'nearest', alignCorners = false, antialias = false } = options;
  const { method, ranks } = modes[mode];
  const spatial = input.slice(2);
  const rank = spatial.length;
  const problems = new Problems(op);
  if (!ranks.includes(rank)) {
    problems.add({
      rule: `mode '${mode}' takes [N, C, ...spatial] with ${ranks.join(', ')} spatial axes`,
      received: [...input],
      ...(method === 'linear' ? { hint: "Use 'linear', 'bilinear' or 'trilinear' for one, two or three" } : {}),
    });
  }
  const perAxis = (name: string, value: number | readonly number[]): readonly number[] => {
    const list = typeof value === 'number' ? spatial.map(() => value) : value;
    if (list.length !== rank)
      problems.add({ rule: `${name} must have an entry for each of the ${rank} spatial axes`, received: [...list] });
    return list;
  };
  const factors = scaleFactor === undefined ? null : perAxis('scaleFactor', scaleFactor);
  const sizes = factors === null ? perAxis('size', size!) : spatial.map((n, i) => Math.floor(n * factors[i]));
  problems.throwIfAny({ x: input });
  sizes.forEach((n, i) => {
    if (spatial[i] < 1 || n < 1)
      problems.add({
        rule: 'input and output sizes must be at least 1',
        axis: i + 2,
        received: [spatial[i], n],
        ...(factors === null ? {} : { hint: 'Give a larger scaleFactor' }),
      });
  });
  problems.throwIfAny({ x: input });
  const byFactor = factors !== null && options.recomputeScaleFactor !== true;
  // As in PyTorch: of two axes 'nearest' copies one whose size stays and doubles one that doubles, whatever the factor.
  const bySize = (n: number, i: number): boolean =>
    method === 'nearest' && rank === 2 && (n === spatial[i] || n === 2 * spatial[i]);
  return sizes.map((n, i) => ({
    axis: i + 2,
    size: n,
    method,
    alignCorners,
    scale: byFactor && !bySize(n, i) ? factors[i] : null,
    antialias,
  }));
}

function checkOptions(op: string, options: InterpolateOptions): void {
  unknownOptions(op, options, ['size', 'scaleFactor', 'mode', 'alignCorners', 'recomputeScaleFactor', 'antialias']);
  const { size, scaleFactor, mode = 'nearest', alignCorners, recomputeScaleFactor, antialias } = options;
  const reasons: string[] = [];
  if ((size === undefined) === (scaleFactor === undefined))
    reasons.push(`give either size or scaleFactor, received ${size === undefined ? 'neither' : 'both'}`);
  const each = (value: number | readonly number[] | undefined): readonly number[] =>
    value === undefined ? [] : Array.isArray(value) ? value : [value as number];
  const wrong = (value: typeof size, ok: (n: number) => boolean): boolean =>
    value !== undefined && !(each(value).length > 0 && each(value).length <= 3 && each(value).every(ok));
  if (wrong(size, Number.isSafeInteger))
    reasons.push(`size must be an integer, or one for each of up to three axes, received ${formatValue(size)}`);
  if (wrong(scaleFactor, (n) => Number.isFinite(n) && n > 0)) {
    const rule = 'scaleFactor must be a positive number, or one for each of up to three axes';
    reasons.push(`${rule}, received ${formatValue(scaleFactor)}`);
  }
  for (const [name, value] of Object.entries({ alignCorners, recomputeScaleFactor, antialias })) {
    if (value !== undefined && typeof value !== 'boolean')
      reasons.push(`${name} must be true or false, received ${formatValue(value)}`);
  }
  if (typeof mode !== 'string' || !Object.hasOwn(modes, mode)) {
    reasons.push(`mode must be one of ${Object.keys(modes).join(', ')}, received ${formatValue(mode)}`);
  } else {
    const { method } = modes[mode];
    if (alignCorners !== undefined && method !== 'linear' && method !== 'cubic')
      reasons.push(`alignCorners is for modes that interpolate, and '${mode}' does not; leave it out`);
    if (antialias === true && mode !== 'bilinear' && mode !== 'bicubic')
      reasons.push(`antialias is for 'bilinear' and 'bicubic', not '${mode}'; leave it out`);
  }
  if (recomputeScaleFactor === true && size !== undefined)
    reasons.push('recomputeScaleFactor belongs to scaleFactor; leave it out where size is given');
  if (reasons.length > 0) throw new OptionError(op, reasons);
}
