import { type Empty, type Initialiser, type Layer, normal, initialiserReasons } from '@lemmata/nn';
import { formatValue, OptionError, type Shape, ShapeError, unknownOptions } from '@lemmata/shape';
import { add, isFloat, narrow, type Tensor, tensor } from '@lemmata/tensor';

export interface SinusoidOptions {
  /** The longest wavelength is 2π times this. Default 10,000. */
  readonly base?: number | undefined;
  /** Default float32. */
  readonly dtype?: 'float32' | 'float64' | undefined;
}

/**
 * Vectors that tell positions apart: waves of falling frequency, sine and cosine side by side,
 * p[t, 2i] = sin(t / base^(2i / D)), p[t, 2i + 1] = cos(t / base^(2i / D)).
 *
 * @returns [length, features]
 * @throws OptionError for sizes that are not integers, a base that is not positive, and unknown options.
 *
 * Source: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section 3.5
 */
export function sinusoidalPositions(length: number, features: number, options: SinusoidOptions = {}): Tensor {
  const op = 'sinusoidalPositions';
  unknownOptions(op, options, ['base', 'dtype']);
  const { base = 10_000, dtype = 'float32' } = options;
  const reasons = sizeReasons({ length, features }, 0);
  if (!(Number.isFinite(base) && base > 0))
    reasons.push(`base must be a positive number, received ${formatValue(base)}`);
  if (!isFloat(dtype)) reasons.push(`dtype must be float32 or float64, received ${formatValue(dtype)}`);
  if (reasons.length > 0) throw new OptionError(op, reasons);
  const values = new Float64Array(length * features);
  for (let t = 0, n = 0; t < length; t++) {
    for (let f = 0; f < features; f++, n++) {
      const angle = t / base ** ((f - (f % 2)) / features);
      values[n] = f % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return tensor(values, { shape: [length, features], dtype });
}

/**
 * Adds {@link sinusoidalPositions} to sequences [N, T, D]: no parameters, any length.
 *
 * @example sequential({ embed: embeddingLayer({ numEmbeddings: 1000, embeddingDim: 64 }), positions: sinusoidalPositionsLayer() })
 */
export function sinusoidalPositionsLayer(options: Pick<SinusoidOptions, 'base'> = {}): Layer<Empty, Empty> {
  unknownOptions('sinusoidalPositionsLayer', options, ['base']);
  sinusoidalPositions(0, 0, options);
  return {
    kind: 'sinusoidalPositions',
    init(_key, inputShape) {
      checkSequence('sinusoidalPositions', inputShape);
      return { params: {}, state: {}, outputShape: inputShape };
    },
    apply(_params, state, x) {
      const [T, D] = x.shape.slice(1);
      const dtype = x.dtype === 'float64' ? 'float64' : 'float32';
      return [add(x, sinusoidalPositions(T, D, { ...options, dtype })), state];
    },
  };
}

export interface LearnedPositionsOptions {
  /** Longest sequence. Default: the length that `init` is given. */
  readonly maxLength?: number | undefined;
  /** Draws the vectors. Default: normal with deviation 0.02. */
  readonly init?: Initialiser | undefined;
}

export interface LearnedPositionsParams {
  /** [maxLength, features] */
  readonly weight: Tensor;
}

/**
 * Adds a vector that is learnt to each position of sequences [N, T, D], T at most `maxLength`.
 *
 * @throws ShapeError for longer sequences; OptionError for unknown options.
 */
export function learnedPositionsLayer(options: LearnedPositionsOptions = {}): Layer<LearnedPositionsParams, Empty> {
  unknownOptions('learnedPositionsLayer', options, ['maxLength', 'init']);
  const { maxLength, init = normal({ std: 0.02 }) } = options;
  const reasons = maxLength === undefined ? [] : sizeReasons({ maxLength }, 1);
  reasons.push(...initialiserReasons({ init }));
  if (reasons.length > 0) throw new OptionError('learnedPositionsLayer', reasons);
  return {
    kind: 'learnedPositions',
    init(key, inputShape) {
      const [T, D] = checkSequence('learnedPositions', inputShape);
      if (maxLength !== undefined && T > maxLength) throw tooLong(T, maxLength);
      return { params: { weight: init(key, [maxLength ?? T, D]) }, state: {}, outputShape: inputShape };
    },
    apply({ weight }, state, x) {
      const T = x.shape[1];
      if (T > weight.shape[0]) throw tooLong(T, weight.shape[0]);
      return [add(x, narrow(weight, 0, 0, T)), state];
    },
  };
}

function checkSequence(op: string, inputShape: Shape): [steps: number, features: number] {
  const [T, D] = inputShape;
  if (inputShape.length === 2) return [T, D];
  throw new ShapeError(op, [{ rule: 'the input must be [steps, features]', received: [...inputShape] }]);
}

function tooLong(steps: number, longest: number): ShapeError {
  return new ShapeError('learnedPositions', [
    {
      rule: `a sequence of ${steps} steps is longer than the positions that were learnt`,
      expected: `at most ${longest}`,
      hint: 'Give a larger maxLength',
    },
  ]);
}

function sizeReasons(sizes: Readonly<Record<string, number>>, least: number): string[] {
  return Object.entries(sizes)
    .filter(([, n]) => !Number.isSafeInteger(n) || n < least)
    .map(([name, n]) => `${name} must be an integer of at least ${least}, received ${formatValue(n)}`);
}
