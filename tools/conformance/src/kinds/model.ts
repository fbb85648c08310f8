import { vjp } from '@lemmata/autograd';
import { stopGradient, type Tensor, zerosLike, onesLike } from '@lemmata/tensor';
import { type Adapters, unsupported } from '../adapter.js';
import { Args } from '../args.js';
import { type Deviation, worstOf } from '../compare.js';
import { judge, type Verdict } from '../verdict.js';
import { type Node, readValues, TensorName } from '../vectors.js';
import type { Context } from './context.js';

interface Loss {
  readonly node: string;
  readonly value: number;
  /** L2 norms of gradients, by parameter. */
  readonly grad_norms: Readonly<Record<string, number>>;
}

/** A network as a graph of functions: outputs, losses, gradients of each loss, running statistics. */
export function runModel(context: Context, adapters: Adapters): Verdict {
  const { json, tensors } = context.case;
  const graph = (json['graph'] as readonly Node[]).map((node) => ({ ...node, args: readValues(node.args) }));
  const missing = new Set(graph.map(({ op }) => op).filter((op) => op !== 'detach' && !Object.hasOwn(adapters, op)));
  if (missing.size > 0) unsupported([...missing].join(', '));

  const plain = runGraph(context, adapters, graph);
  const deviations: (Deviation | null)[] = [];
  for (const [name, { node }] of Object.entries(json['outputs'] as Record<string, { node: string }>)) {
    deviations.push(context.compare(`out.${name}`, plain.nodes.get(node)));
  }
  for (const name of context.names('after.')) {
    deviations.push(context.compare(`after.${name}`, plain.buffers.get(`buffer.${name}`)));
  }

  const losses = Object.entries(json['losses'] as Record<string, Loss>);
  const sources = [...tensors.keys()].filter(
    (name) => /^(param|in)\./.test(name) && tensors.get(name)!.dtype.startsWith('float'),
  );
  const { value, pullback } = vjp(
    (tracked: Tensor[]) => {
      const { nodes } = runGraph(context, adapters, graph, new Map(sources.map((name, i) => [name, tracked[i]!])));
      return losses.map(([, { node }]) => nodes.get(node)!);
    },
    sources.map((name) => context.tensor(name)),
  );
  losses.forEach(([name, loss], i) => {
    deviations.push(context.compare(`out.${name}`, value[i]));
    const [gradients] = pullback(value.map((one, j) => (i === j ? onesLike(one) : zerosLike(one))));
    const prefix = losses.length === 1 ? 'grad.' : `grad.${name}.`;
    sources.forEach((source, j) => {
      const own = source.replace(/^(param|in)\./, '');
      if (tensors.has(`${prefix}${own}`)) deviations.push(context.compare(`${prefix}${own}`, gradients[j]));
      const norm = loss.grad_norms[own];
      if (norm !== undefined) deviations.push(compareNorm(context, `norm of ${prefix}${own}`, gradients[j]!, norm));
    });
  });
  return judge(deviations);
}

/** Runs the nodes in order. Training updates the statistics of a batch norm, which a later node may read. */
function runGraph(
  context: Context,
  adapters: Adapters,
  graph: readonly Node[],
  leaves: ReadonlyMap<string, Tensor> = new Map(),
): { nodes: ReadonlyMap<string, Tensor>; buffers: ReadonlyMap<string, Tensor> } {
  const nodes = new Map<string, Tensor>();
  const buffers = new Map(context.names('buffer.').map((name) => [`buffer.${name}`, context.tensor(`buffer.${name}`)]));
  const none = new Args({});
  for (const { id, op, args: values } of graph) {
    const args = context.args(values, new Map([...leaves, ...buffers]), nodes);
    if (op === 'detach') {
      nodes.set(id, stopGradient(args.tensor('input')));
      continue;
    }
    const made = adapters[op]!({ args, init: none, params: {}, buffers: {}, training: context.case.training });
    if (args.unread.length > 0) throw new Error(`the adapter of ${op} does not read ${args.unread.join(', ')}`);
    const { output, ...others } = 'out' in made ? made.out : { output: made };
    nodes.set(id, output as Tensor);
    for (const [argument, value] of Object.entries(values)) {
      const next = others[argument];
      if (next !== undefined && value instanceof TensorName && buffers.has(value.name)) {
        buffers.set(value.name, next as Tensor);
      }
    }
  }
  return { nodes, buffers };
}

function compareNorm(context: Context, what: string, gradient: Tensor, expected: number): Deviation | null {
  let squares = 0;
  for (const g of gradient.dataSync()) squares += g * g;
  const norm = Math.sqrt(squares);
  if (context.engine.float === 'float64') return worstOf(what, [norm], [expected], { absolute: 1e-7, relative: 1e-6 });
  const relative = Math.max(1e-4, 20 * (context.case.json['f32_grad_norm_rel_err'] ?? 0));
  return worstOf(what, [norm], [expected], { absolute: 1e-5, relative });
}
