import type { Block } from '../networks.js';
import { Parameters } from './parameters.js';
import { sizeOf } from '@lemmata/shape';
import { cannot, type Task } from '../task.js';

/**
 * Models in the ONNX format, written out: protocol buffers with the field numbers of onnx.proto,
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
type Bytes = readonly number[] | Uint8Array;

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

function join(parts: readonly Bytes[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const integer = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, value: Bytes): Bytes => join([varint(field * 8 + 2), varint(value.length), value]);
const text = (field: number, value: string): Bytes => bytes(field, new TextEncoder().encode(value));
const message = (field: number, ...parts: readonly Bytes[]): Bytes => bytes(field, join(parts));

const FLOAT = 1;
const INT = 2;
const INTS = 7;
const OPSET = 17;

/** An attribute of a node: a whole number or a list of such; fractions are not needed here. */
function attribute(name: string, value: number | readonly number[]): Bytes {
  if (typeof value === 'number') return message(5, text(1, name), integer(3, value), integer(20, INT));
  return message(5, text(1, name), ...value.map((entry) => integer(8, entry)), integer(20, INTS));
}

function valueInfo(field: number, name: string, shape: readonly number[]): Bytes {
  const dims = shape.map((size) => message(1, integer(1, size)));
  return message(field, text(1, name), message(2, message(1, integer(1, FLOAT), message(2, ...dims))));
}

/** A graph under construction: each node returns the name of its output. */
class Graph {
  private readonly nodes: Bytes[] = [];
  private readonly initializers: Bytes[] = [];
  private names = 0;

  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number | readonly number[]>> = {},
  ): string {
    const output = `v${this.names++}`;
    this.nodes.push(
      message(
        1,
        ...inputs.map((name) => text(1, name)),
        text(2, output),
        text(4, op),
        ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      ),
    );
    return output;
  }

  constant(shape: readonly number[], values: Float32Array): string {
    const name = `c${this.names++}`;
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.initializers.push(
      message(5, ...shape.map((size) => integer(1, size)), integer(2, FLOAT), text(8, name), bytes(9, raw)),
    );
    return name;
  }

  model(inputs: readonly (readonly number[])[], output: string, outputShape: readonly number[]): Uint8Array {
    const graph = [
      ...this.nodes,
      text(2, 'graph'),
      ...this.initializers,
      ...inputs.map((shape, i) => valueInfo(11, `x${i}`, shape)),
      valueInfo(12, output, outputShape),
    ];
    return join([integer(1, 8), message(7, ...graph), message(8, text(1, ''), integer(2, OPSET))]);
  }
}

export interface OnnxModel {
  readonly bytes: Uint8Array;
  /** Shapes and seeds of its inputs x0, x1, … */
  readonly inputs: readonly { readonly seed: number; readonly shape: readonly number[] }[];
}

/** The model that does a task's work. */
export function modelOf(task: Task): OnnxModel {
  const graph = new Graph();
  const done = (inputs: OnnxModel['inputs'], output: string, shape: readonly number[]): OnnxModel => ({
    inputs,
    bytes: graph.model(
      inputs.map((input) => input.shape),
      output,
      shape,
    ),
  });
  switch (task.kind) {
    case 'matmul': {
      const shape = [task.size, task.size];
      return done(
        [
          { seed: 1, shape },
          { seed: 2, shape },
        ],
        graph.node('MatMul', ['x0', 'x1']),
        shape,
      );
    }
    case 'conv': {
      const { part, batch, channels, size, filters, kernel, padding, groups } = task;
      const x = [batch, channels, size, size];
      const w = { seed: 2, shape: [filters, channels / groups, kernel, kernel] };
      const out = size + 2 * padding - kernel + 1;
      const y = [batch, filters, out, out];
      const attributes = { kernel_shape: [kernel, kernel], pads: [padding, padding, padding, padding], group: groups };
      if (part === 'forward') return done([{ seed: 1, shape: x }, w], graph.node('Conv', ['x0', 'x1'], attributes), y);
      if (part === 'input')
        return done([{ seed: 4, shape: y }, w], graph.node('ConvTranspose', ['x0', 'x1'], attributes), x);
      return cannot('onnxruntime has no weight gradient of a convolution');
    }
    case 'relu':
      return done([{ seed: 1, shape: [task.length] }], graph.node('Relu', ['x0']), [task.length]);
    case 'add':
    case 'small-add': {
      const shape = [task.length];
      return done(
        [
          { seed: 1, shape },
          { seed: 2, shape },
        ],
        graph.node('Add', ['x0', 'x1']),
        shape,
      );
    }
    case 'softmax':
      return done(
        [{ seed: 3, shape: task.shape }],
        graph.node('Softmax', ['x0'], { axis: task.shape.length - 1 }),
        task.shape,
      );
    case 'infer': {
      const shapes = { batch: task.input[0]!, features: lastWidth(task.network) };
      return done([{ seed: 1, shape: task.input }], network(graph, new Parameters(), task.network, 'x0'), [
        shapes.batch,
        shapes.features,
      ]);
    }
    default:
      return cannot(`onnxruntime runs inference only, not ${task.kind}`);
  }
}

function lastWidth(blocks: readonly Block[]): number {
  const last = blocks.at(-1);
  return last?.op === 'linear' ? last.to : cannot('the network does not end in a linear layer');
}

/** The blocks that networks for inference have here. */
function network(graph: Graph, parameters: Parameters, blocks: readonly Block[], from: string): string {
  return blocks.reduce((x, block) => one(graph, parameters, block, x), from);
}

function one(graph: Graph, parameters: Parameters, block: Block, x: string): string {
  const draw = (shape: readonly number[], fan: number): string =>
    graph.constant(shape, parameters.next(sizeOf(shape), fan));
  switch (block.op) {
    case 'conv': {
      const { kernel: k, padding: p, stride } = block;
      const fan = block.from * k * k;
      const inputs = [x, draw([block.to, block.from, k, k], fan), ...(block.bias ? [draw([block.to], fan)] : [])];
      return graph.node('Conv', inputs, { kernel_shape: [k, k], pads: [p, p, p, p], strides: [stride, stride] });
    }
    case 'batch-norm': {
      const fill = (value: number): string =>
        graph.constant([block.channels], new Float32Array(block.channels).fill(value));
      // In the order scale, shift, mean, variance. The default ε is 10⁻⁵.
      return graph.node('BatchNormalization', [x, fill(1), fill(0), fill(0), fill(1)]);
    }
    case 'relu':
      return graph.node('Relu', [x]);
    case 'max-pool': {
      const { kernel: k, padding: p, stride } = block;
      return graph.node('MaxPool', [x], { kernel_shape: [k, k], pads: [p, p, p, p], strides: [stride, stride] });
    }
    case 'mean':
      return graph.node('Flatten', [graph.node('GlobalAveragePool', [x])]);
    case 'linear':
      return graph.node('Add', [
        graph.node('MatMul', [x, draw([block.from, block.to], block.from)]),
        draw([block.to], block.from),
      ]);
    case 'residual': {
      const body = network(graph, parameters, block.body, x);
      return graph.node('Add', [body, network(graph, parameters, block.shortcut, x)]);
    }
    default:
      return cannot(`${block.op} is not written to ONNX here`);
  }
}
