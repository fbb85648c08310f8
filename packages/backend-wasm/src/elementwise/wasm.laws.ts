import { broadcastTo, cast, Cast, input, type OpDef, permute, sub, Sub, where, Where } from '@lemmata/tensor';
import type { WasmKernel } from '../kernel.js';
import { integers, kernelLaws, type KernelLaws } from '../planted.laws.js';
import { elementwiseProgram, elementwiseStage } from './kernel.js';

/** What is generated for an op, as a kernel that bugs can be planted in. Vectors are as good as beyond all caches. */
const generated = (op: OpDef): WasmKernel => ({
  op,
  strided: true,
  accepts: () => true,
  stages(attrs, { inputs, outputs: [out] }) {
    const expr = op.expr!(attrs, ...inputs.map((_, i) => input(i)));
    const dtypes = inputs.map(({ dtype }) => dtype);
    return [
      elementwiseStage(
        elementwiseProgram(expr, dtypes, out.dtype, op.name),
        inputs,
        out,
        out.shape.length === 1 ? 0 : undefined,
      ),
    ];
  },
});

export const elementwiseKernels: readonly WasmKernel[] = [Sub, Cast, Where].map(generated);
const [subKernel, castKernel, whereKernel] = elementwiseKernels;

const OUTERMOST = {
  'elementwise: size0 one too large': 'the outermost of several sizes: the range says where it ends',
};
const ONE_ROW = { 'elementwise.far: inner one too large': 'there is one row: the range says where it ends' };

/**
 * Inputs side by side, the same along rows, and apart; rows of many vectors and of a rest; each width of elements; results that
 * go to another place first, in several blocks and a rest.
 */
export const laws: readonly KernelLaws[] = [
  kernelLaws(
    [subKernel],
    [
      { inputs: [integers([3, 77], 1), integers([3, 77], 2)], compute: (a, b) => [sub(a, b)] },
      { inputs: [integers([2501], 9), integers([2501], 10)], compute: (a, b) => [sub(a, b), sub(b, a)] },
      { inputs: [integers([5, 41], 3), integers([41], 4)], compute: (a, b) => [sub(a, b), sub(b, a)] },
      { inputs: [integers([5, 41], 5), integers([5, 1], 6)], compute: (a, b) => [sub(a, b), sub(b, a)] },
      {
        inputs: [integers([3, 4, 5], 7), integers([4, 5, 3], 8)],
        compute: (a, b) => [sub(permute(a, [2, 0, 1]), permute(b, [1, 2, 0])), sub(permute(a, [1, 2, 0]), b)],
      },
    ],
    { ...OUTERMOST, ...ONE_ROW },
  ),
  kernelLaws(
    [castKernel],
    [
      {
        inputs: [integers([3, 4, 5], 1)],
        compute: (x) =>
          (['float64', 'int32', 'bool'] as const).flatMap((dtype) => [
            cast(x, dtype),
            cast(cast(permute(x, [2, 0, 1]), dtype), 'float32'),
          ]),
      },
      {
        inputs: [integers([1301], 2)],
        compute: (x) =>
          (['float64', 'int32', 'bool'] as const).flatMap((dtype) => [cast(x, dtype), cast(cast(x, dtype), 'float32')]),
      },
    ],
    { ...OUTERMOST, ...ONE_ROW },
  ),
  kernelLaws(
    [whereKernel],
    [
      {
        inputs: [integers([4, 1, 9], 1), integers([3, 9], 2), integers([4, 3, 1], 3)],
        compute: (c, a, b) => [where(cast(broadcastTo(c, [4, 3, 9]), 'bool'), a, b)],
      },
      {
        inputs: [integers([5, 6, 4], 4), integers([5, 6, 4], 5), integers([5, 6, 4], 6)],
        compute: (c, ...of) => {
          const [a, b] = of.map((t) => permute(t, [2, 1, 0]));
          return [where(permute(cast(c, 'bool'), [2, 1, 0]), a, b)];
        },
      },
    ],
    OUTERMOST,
  ),
];
