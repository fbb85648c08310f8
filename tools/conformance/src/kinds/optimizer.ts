import { valueAndGrad } from '@lemmata/autograd';
import { linear } from '@lemmata/layers-linear';
import type { Group, Optimizer } from '@lemmata/optim';
import { matmul, mean, mul, select, square, sub, sum, tanh, type Tensor } from '@lemmata/tensor';
import type { Args } from '../args.js';
import type { Deviation } from '../compare.js';
import { judge, judgeRefusal, type Verdict } from '../verdict.js';
import { readValues, type Values } from '../vectors.js';
import type { Context } from './context.js';

/** An optimiser from PyTorch's arguments, and options from those of a parameter group. */
export interface OptimizerAdapter {
  make(init: Args, groups: readonly Group<any>[]): Optimizer;
  group(init: Args): object;
}

/** An optimiser on a problem: where its parameters are after each step, and the loss before it. */
export function runOptimizer(context: Context, adapter: OptimizerAdapter): Verdict {
  const { json, init: values, mustRaise } = context.case;
  const make = (): Optimizer => {
    const init = context.args(values);
    const optimizer = adapter.make(init, groupsOf(context, adapter));
    if (init.unread.length > 0) throw new Error(`the adapter does not read ${init.unread.join(', ')}`);
    return optimizer;
  };
  if (mustRaise) return judgeRefusal(make);

  const optimizer = make();
  const step = problemOf(context);
  let params = context.names('in.param.').map((name) => context.tensor(`in.param.${name}`));
  let state = optimizer.init(params);
  const losses: number[] = [];
  const path: number[][] = params.map(() => []);
  for (let t = 0; t < json['steps']; t++) {
    const { loss, grads } = step(params, t);
    if (loss !== null) losses.push(loss);
    [params, state] = optimizer.update(grads, state, params);
    params.forEach((param, p) => path[p]!.push(...param.dataSync()));
  }
  const deviations: (Deviation | null)[] = path.map((values, p) => context.compareData(`out.param.${p}`, values));
  if (losses.length > 0) deviations.push(context.compareData('out.loss', losses));
  return judge(deviations);
}

function groupsOf(context: Context, adapter: OptimizerAdapter): Group<any>[] {
  const groups = (context.case.json['groups'] ?? []) as Values[];
  return groups.flatMap((own, p) => {
    if (Object.keys(own).length === 0) return [];
    const args = context.args(readValues(own));
    const options = adapter.group(args);
    if (args.unread.length > 0) throw new Error(`the adapter of groups does not read ${args.unread.join(', ')}`);
    return [{ match: (path: string) => path === String(p), ...options }];
  });
}

type Step = (params: Tensor[], t: number) => { readonly loss: number | null; readonly grads: Tensor[] };

function problemOf(context: Context): Step {
  const problem = context.case.json['problem'] as string;
  const losses: Readonly<Record<string, () => (params: Tensor[]) => Tensor>> = {
    quadratic: () => {
      const [a, b] = [context.tensor('in.A'), context.tensor('in.b')];
      return ([x]) => sub(mul(sum(mul(matmul(a, x!), x!)), 0.5), sum(mul(b, x!)));
    },
    mlp: () => {
      const [x, y] = [context.tensor('in.x'), context.tensor('in.y')];
      return ([w0, b0, w1, b1]) => mean(square(sub(linear(tanh(linear(x, w0!, b0!)), w1!, b1!), y)));
    },
  };
  if (problem === 'given_gradients' || problem === 'parameter_groups') {
    return (params, t) => ({
      loss: null,
      grads: params.map((_, p) => select(context.tensor(`in.gradients.${p}`), 0, t)),
    });
  }
  const made = losses[problem];
  if (made === undefined) throw new Error(`unknown problem '${problem}'`);
  const gradient = valueAndGrad(made());
  return (params) => {
    const { value, grads } = gradient(params);
    return { loss: value.item(), grads };
  };
}
