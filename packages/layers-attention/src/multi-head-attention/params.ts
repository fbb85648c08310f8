import { kaimingUniform, xavierNormal, xavierUniform } from '@lemmata/nn';
import { formatValue, OptionError, type Problems, type Shape, unknownOptions } from '@lemmata/shape';
import { foldIn, type Tensor, zeros } from '@lemmata/tensor';

/** Named as in PyTorch. E is the width of query and output. */
export interface MultiHeadAttentionParams {
  /** `[3E, E]`: query, key and value one below the other; absent where key or value have widths of their own. */
  readonly in_proj_weight?: Tensor;
  /** [E, E], in place of `in_proj_weight`. */
  readonly q_proj_weight?: Tensor;
  /** [E, kdim] */
  readonly k_proj_weight?: Tensor;
  /** [E, vdim] */
  readonly v_proj_weight?: Tensor;
  /** [3E]; absent with `bias: false`. */
  readonly in_proj_bias?: Tensor;
  /** `[1, 1, E]`: a key and a value that are learnt, behind those of the input; only with `addBiasKv`. */
  readonly bias_k?: Tensor;
  readonly bias_v?: Tensor;
  /** [E, E] and [E]. */
  readonly out_proj: { readonly weight: Tensor; readonly bias?: Tensor };
}

export interface MultiHeadAttentionShape {
  /** E: features of query and output; a multiple of the heads. */
  readonly embedDim: number;
  /** Default true. */
  readonly bias?: boolean | undefined;
  /** Learn one more key and value, which every query may attend to. Default false. */
  readonly addBiasKv?: boolean | undefined;
  /** Features of key. Default embedDim. */
  readonly kdim?: number | undefined;
  /** Features of value. Default embedDim. */
  readonly vdim?: number | undefined;
}

/**
 * Parameters of {@link multiHeadAttention}, drawn as PyTorch draws them: Xavier uniform in front, Kaiming uniform
 * (a = √5) behind, biases 0, the learnt key and value Xavier normal.
 *
 * @throws OptionError for sizes that are not positive integers, and unknown options.
 */
export function initMultiHeadAttention(key: Tensor, shape: MultiHeadAttentionShape): MultiHeadAttentionParams {
  const op = 'initMultiHeadAttention';
  unknownOptions(op, shape, ['embedDim', 'bias', 'addBiasKv', 'kdim', 'vdim']);
  const { embedDim: E, bias = true, addBiasKv = false, kdim = E, vdim = E } = shape;
  const reasons = Object.entries({ embedDim: E, kdim, vdim })
    .filter(([, n]) => !Number.isSafeInteger(n) || n < 1)
    .map(([name, n]) => `${name} must be a positive integer, received ${formatValue(n)}`);
  for (const [name, value] of Object.entries({ bias, addBiasKv })) {
    if (typeof value !== 'boolean') reasons.push(`${name} must be true or false, received ${formatValue(value)}`);
  }
  if (reasons.length > 0) throw new OptionError(op, reasons);
  let drawn = 0;
  const draw = (init: ReturnType<typeof xavierUniform>, weight: Shape): Tensor => init(foldIn(key, drawn++), weight);
  const inProj =
    kdim === E && vdim === E
      ? { in_proj_weight: draw(xavierUniform(), [3 * E, E]) }
      : {
          q_proj_weight: draw(xavierUniform(), [E, E]),
          k_proj_weight: draw(xavierUniform(), [E, kdim]),
          v_proj_weight: draw(xavierUniform(), [E, vdim]),
        };
  const weight = draw(kaimingUniform({ a: Math.sqrt(5) }), [E, E]);
  return {
    ...inProj,
    ...(bias ? { in_proj_bias: zeros([3 * E]) } : {}),
    ...(addBiasKv ? { bias_k: draw(xavierNormal(), [1, 1, E]), bias_v: draw(xavierNormal(), [1, 1, E]) } : {}),
    out_proj: bias ? { weight, bias: zeros([E]) } : { weight },
  };
}

/** Adds a problem for each parameter that is missing or has another shape than the inputs ask for. */
export function checkParams(
  problems: Problems,
  params: MultiHeadAttentionParams,
  E: number,
  kdim: number,
  vdim: number,
): void {
  const expect = (name: string, tensor: Tensor | undefined, shape: Shape): void => {
    if (tensor === undefined) problems.add({ rule: `${name} is missing from the parameters`, expected: shape });
    else if (tensor.shape.join() !== shape.join())
      problems.add({ rule: `${name} does not fit the inputs`, received: tensor.shape, expected: shape });
  };
  if (params.in_proj_weight !== undefined) {
    expect('in_proj_weight', params.in_proj_weight, [3 * E, E]);
    for (const [name, n] of Object.entries({ key: kdim, value: vdim })) {
      if (n !== E)
        problems.add({
          rule: `${name} must have as many features as query where in_proj_weight projects all three`,
          received: n,
          expected: E,
          hint: 'Give kdim and vdim to initMultiHeadAttention',
        });
    }
  } else {
    expect('q_proj_weight', params.q_proj_weight, [E, E]);
    expect('k_proj_weight', params.k_proj_weight, [E, kdim]);
    expect('v_proj_weight', params.v_proj_weight, [E, vdim]);
  }
  if (params.in_proj_bias !== undefined) expect('in_proj_bias', params.in_proj_bias, [3 * E]);
  if (params.bias_k !== undefined || params.bias_v !== undefined) {
    expect('bias_k', params.bias_k, [1, 1, E]);
    expect('bias_v', params.bias_v, [1, 1, E]);
  }
  expect('out_proj.weight', params.out_proj.weight, [E, E]);
  if (params.out_proj.bias !== undefined) expect('out_proj.bias', params.out_proj.bias, [E]);
}
