import { vjp } from '@lemmata/autograd';
import type { Tensor } from '@lemmata/tensor';
import type { Adapter, Outputs, Result } from '../adapter.js';
import type { Args } from '../args.js';
import type { Deviation } from '../compare.js';
import { judge, judgeRefusal, type Verdict } from '../verdict.js';
import { TensorName, type Values } from '../vectors.js';
import type { Context } from './context.js';

type Tensors = Readonly<Record<string, Tensor>>;

/** One call in a case. */
interface Site {
  readonly args: Values;
  readonly training: boolean;
  readonly buffers: Tensors;
  /** What stands in a tensor's name between its kind and its own name: `0.` in `out.0.output`. */
  readonly step: string;
}

/** A function or a module, called once. */
export function runCall(context: Context, adapter: Adapter): Verdict {
  const { args, training, mustRaise } = context.case;
  const site = { args, training, buffers: buffersOf(context), step: '' };
  if (mustRaise) return judgeRefusal(() => callAt(context, adapter, site));
  return judge(checkAt(context, adapter, site).deviations);
}

/** A module, called several times: what it remembers goes from one call to the next. */
export function runSequence(context: Context, adapter: Adapter): Verdict {
  let buffers = buffersOf(context);
  const deviations: (Deviation | null)[] = [];
  (context.case.json['sequence'] as { training: boolean }[]).forEach(({ training }, i) => {
    const args = Object.fromEntries(context.names(`in.${i}.`).map((name) => [name, new TensorName(`in.${i}.${name}`)]));
    const checked = checkAt(context, adapter, { args, training, buffers, step: `${i}.` });
    deviations.push(...checked.deviations);
    buffers = { ...buffers, ...checked.after };
  });
  return judge(deviations);
}

const buffersOf = (context: Context): Tensors =>
  Object.fromEntries(context.names('buffer.').map((name) => [name, context.tensor(`buffer.${name}`)]));

function callAt(
  context: Context,
  adapter: Adapter,
  { args, training, buffers }: Site,
  leaves?: ReadonlyMap<string, Tensor>,
): { result: Result; unread: string[] } {
  const params = context
    .names('param.')
    .map((name) => [name, leaves?.get(`param.${name}`) ?? context.tensor(`param.${name}`)] as const);
  const given: Args[] = [context.args(args, leaves), context.args(context.case.init, leaves)];
  const made = adapter({ args: given[0]!, init: given[1]!, params: Object.fromEntries(params), buffers, training });
  return {
    result: 'out' in made ? made : { out: { output: made } },
    unread: given.flatMap((values) => values.unread),
  };
}

function checkAt(context: Context, adapter: Adapter, site: Site): { deviations: (Deviation | null)[]; after: Tensors } {
  const { step } = site;
  const { result, unread } = callAt(context, adapter, site);
  if (unread.length > 0) throw new Error(`the adapter does not read ${unread.join(', ')}`);
  const { after = {} } = result;
  const outputs = flat(result.out);
  const deviations = context.names(`out.${step}`).map((name) => context.compare(`out.${step}${name}`, outputs[name]));
  for (const name of context.names(`after.${step}`)) {
    // Modules of PyTorch count batches always; here a layer does where the number enters what it computes.
    if (name === 'num_batches_tracked' && !(name in after)) continue;
    deviations.push(context.compare(`after.${step}${name}`, after[name] ?? site.buffers[name]));
  }
  deviations.push(...checkGradients(context, adapter, site));
  return { deviations, after };
}

function checkGradients(context: Context, adapter: Adapter, site: Site): (Deviation | null)[] {
  const { step } = site;
  const wanted = context.names(`grad.${step}`);
  if (wanted.length === 0) return [];
  const sources = wanted.map((name) =>
    context.case.tensors.has(`param.${name}`) ? `param.${name}` : `in.${step}${name}`,
  );
  const upstream = context.names(`up.${step}`);
  const { pullback } = vjp(
    (tracked: Tensor[]) => {
      const { result } = callAt(context, adapter, site, new Map(sources.map((source, i) => [source, tracked[i]!])));
      const outputs = flat(result.out);
      return upstream.map((name) => outputs[name]!);
    },
    sources.map((source) => context.tensor(source)),
  );
  const [gradients] = pullback(upstream.map((name) => context.tensor(`up.${step}${name}`)));
  return wanted.map((name, i) => context.compare(`grad.${step}${name}`, gradients[i]));
}

function flat(outputs: Outputs): Tensors {
  return Object.fromEntries(
    Object.entries(outputs).flatMap(([name, value]): [string, Tensor][] =>
      Array.isArray(value)
        ? value.map((part: Tensor, i): [string, Tensor] => [`${name}.${i}`, part])
        : [[name, value as Tensor]],
    ),
  );
}
