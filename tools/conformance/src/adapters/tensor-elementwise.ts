import {
  abs,
  add,
  clamp,
  div,
  exp,
  floorDivide,
  log,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  sqrt,
  sub,
  type Tensor,
  type TensorLike,
  trunc,
  where,
} from '@lemmata/tensor';
import { type Adapter, type Adapters, unsupported } from '../adapter.js';
import { type Args, given } from '../args.js';

const unary =
  (f: (x: Tensor) => Tensor): Adapter =>
  ({ args }) =>
    f(args.tensor('input'));

const binary =
  (f: (a: Tensor, b: TensorLike) => Tensor, second = 'other'): Adapter =>
  ({ args }) =>
    f(args.tensor('input'), args.get<TensorLike>(second)!);

/** input + alpha · other. */
const scaled =
  (f: (a: Tensor, b: TensorLike) => Tensor): Adapter =>
  ({ args }) => {
    const other = args.get<TensorLike>('other')!;
    const alpha = args.number('alpha') ?? 1;
    return f(args.tensor('input'), alpha === 1 ? other : mul(other, alpha));
  };

function rounded(args: Args): (a: Tensor, b: TensorLike) => Tensor {
  const mode = args.text('rounding_mode');
  if (mode === undefined) return div;
  if (mode === 'floor') return floorDivide;
  if (mode === 'trunc') return (a, b) => trunc(div(a, b));
  return unsupported(`rounding_mode '${mode}'`);
}

export const tensorElementwise: Adapters = {
  abs: unary(abs),
  exp: unary(exp),
  log: unary(log),
  neg: unary(neg),
  sqrt: unary(sqrt),
  add: scaled(add),
  sub: scaled(sub),
  mul: binary(mul),
  div: ({ args }) => rounded(args)(args.tensor('input'), args.get<TensorLike>('other')!),
  maximum: binary(maximum),
  minimum: binary(minimum),
  pow: binary(pow, 'exponent'),
  clamp: ({ args }) =>
    clamp(args.tensor('input'), given({ min: args.get<TensorLike>('min'), max: args.get<TensorLike>('max') })),
  where: ({ args }) => where(args.tensor('condition'), args.get<TensorLike>('input')!, args.get<TensorLike>('other')!),
};
