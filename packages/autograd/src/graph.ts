import { unknownOptions } from '@lemmata/shape';
import { paths } from '@lemmata/tree';
import { asTensor, onesLike, recording, type OpDef, type Tensor } from '@lemmata/tensor';
import { localGradient } from './jacobian.js';
import { Tape, type TapeRecord } from './tape.js';
import { mapTensors, tensorLeaves, type TensorTree } from './tensor-tree.js';

/** One element of a computational graph: an argument, or an op as it was applied. */
export interface GraphNode {
  readonly id: number;
  /** The path of an argument ('0.weight'), or the name of an op. */
  readonly name: string;
  /** Null for an argument. */
  readonly op: OpDef | null;
  readonly attrs: unknown;
  /** Numbers of the nodes it reads; constants have none. */
  readonly inputs: readonly number[];
  readonly value: Tensor;
  /** ∂result/∂value: what the node receives on the way back. Null if the result does not depend on it. */
  readonly upstream: Tensor | null;
  /**
   * For each of `inputs`, ∂value/∂input. Elementwise ops: the derivative at each element. Other ops: the Jacobian, of
   * shape [...value, ...input]; null where it would have more than 4,096 entries.
   */
  readonly local: readonly (Tensor | null)[];
  /** For each of `inputs`, upstream times local gradient: what the node sends on. */
  readonly downstream: readonly (Tensor | null)[];
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** The node of the result. */
  readonly output: number;
}

export interface GraphOptions {
  /** Composites to show as one node instead of by their definition. Default: none. */
  readonly whole?: readonly OpDef[];
  /** Upstream gradient of the result. Default: ones. */
  readonly upstream?: Tensor;
}

/**
 * The computational graph of `f(...args)` after a forward and a backward pass, to be looked at: each node with its
 * value and its upstream, local and downstream gradients.
 */
export function graph<Args extends readonly TensorTree[]>(
  f: (...args: Args) => Tensor,
  args: Args,
  options: GraphOptions = {},
): Graph {
  unknownOptions('graph', options, ['whole', 'upstream']);
  const tape = new Tape({ whole: options.whole ?? [] });
  const wrapped = mapTensors((x) => tape.track(asTensor(x, 'graph')), args);
  const tracked = tensorLeaves(wrapped);
  const result = recording(() => f(...wrapped));
  tape.close();
  const value = tape.unwrap(result);
  const root = tape.idOf(result);
  if (root < 0) throw new Error('graph: the result does not depend on the arguments');
  const seen = new Map<TapeRecord, { upstream: Tensor | null; downstream: readonly (Tensor | null)[] }>();
  const gradients = tape.backward(
    [[root, options.upstream ?? onesLike(value)]],
    (record, [upstream = null], downstream) => seen.set(record, { upstream, downstream }),
  );

  const names = paths(args);
  const nodes: GraphNode[] = tracked.map((tensor, i) => ({
    id: i,
    name: names[i]!,
    op: null,
    attrs: undefined,
    inputs: [],
    value: tape.unwrap(tensor),
    upstream: gradients.get(tape.idOf(tensor)) ?? null,
    local: [],
    downstream: [],
  }));
  const nodeOf = new Map(tracked.map((tensor, i) => [tape.idOf(tensor), i]));
  for (const record of tape.records) {
    const used = record.inputIds.map((id, i) => ({ id, i })).filter(({ id }) => id >= 0);
    const back = seen.get(record);
    const id = nodes.length;
    nodes.push({
      id,
      name: record.op.name,
      op: record.op,
      attrs: record.attrs,
      inputs: used.map((u) => nodeOf.get(u.id)!),
      value: record.outputs[0]!,
      upstream: back?.upstream ?? null,
      local: used.map(({ i }) => localGradient(record, i)),
      downstream: used.map(({ i }) => back?.downstream[i] ?? null),
    });
    record.outputIds.forEach((output) => nodeOf.set(output, id));
  }
  return { nodes, output: nodeOf.get(root)! };
}

export interface DepthOptions {
  /** Which nodes count. Default: every op but those that only move elements (reshape, broadcastTo, permute …). */
  readonly counts?: (node: GraphNode) => boolean;
}

/** The number of ops on the longest path from an argument to the result: it depends on what one chooses as elements. */
export function depth(graph: Graph, options: DepthOptions = {}): number {
  unknownOptions('depth', options, ['counts']);
  const counts = options.counts ?? ((node: GraphNode) => node.op !== null && node.op.alias === undefined);
  const depths: number[] = [];
  for (const node of graph.nodes) {
    const before = Math.max(0, ...node.inputs.map((i) => depths[i]!));
    depths.push(before + (counts(node) ? 1 : 0));
  }
  return depths[graph.output] ?? 0;
}
