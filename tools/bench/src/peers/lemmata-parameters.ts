import { sizeOf } from '@lemmata/shape';
import { isTensor, type Tensor } from '@lemmata/tensor';
import { map } from '@lemmata/tree';
import type { Block } from '../networks.js';
import type { Library } from './lemmata.js';
import { Parameters } from './parameters.js';

/** A parameter as the description has it: drawn within ±1/√fan, or the constant start of a norm. */
type Described = { readonly fan: number; readonly transposed?: true } | { readonly constant: 0 | 1 };

/** The parameters that every side starts from, see ../networks.ts; ours come in the order of the description. */
export function asDescribed(library: Library, network: readonly Block[], params: unknown): unknown {
  const parameters = new Parameters();
  const described = network.flatMap(parametersOf);
  let count = 0;
  const placed = map((leaf: unknown) => {
    if (!isTensor(leaf)) return leaf;
    const now = described[count++];
    return now === undefined ? leaf : library.tensor(valuesOf(now, leaf.shape, parameters), leaf.shape);
  }, params as never);
  if (count !== described.length)
    throw new Error(`the network has ${count} parameters, its description ${described.length}`);
  return placed;
}

/** The same tree with its tensors on the chosen backend. */
export function onBackend<T>(library: Library, tree: T): T {
  const moved = (t: Tensor): Tensor => library.tensor(t.dataSync() as Float32Array | Int32Array, t.shape);
  return map((leaf: unknown) => (isTensor(leaf) ? moved(leaf) : leaf), tree as never) as T;
}

function valuesOf(described: Described, shape: readonly number[], parameters: Parameters): Float32Array {
  if ('constant' in described) return new Float32Array(sizeOf(shape)).fill(described.constant);
  const drawn = parameters.next(sizeOf(shape), described.fan);
  return described.transposed === true ? transposed(drawn, shape[1]!, shape[0]!) : drawn;
}

/** [rows, columns] to [columns, rows]. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

function parametersOf(block: Block): readonly Described[] {
  switch (block.op) {
    case 'conv': {
      const fan = block.from * block.kernel ** 2;
      return block.bias ? [{ fan }, { fan }] : [{ fan }];
    }
    case 'batch-norm':
    case 'layer-norm':
      return [{ constant: 1 }, { constant: 0 }];
    case 'linear':
      return linear(block.from);
    case 'residual':
      return [...block.body, ...block.shortcut].flatMap(parametersOf);
    case 'lstm': {
      const fan = block.hidden;
      const layer: Described[] = [{ fan, transposed: true }, { fan, transposed: true }, { fan }, { fan }];
      return Array.from({ length: block.layers }, () => layer).flat();
    }
    case 'tokens':
      return [{ fan: block.features }];
    case 'attention':
      return [...linear(block.features), ...linear(block.features)];
    case 'level': {
      const fan = block.from * 4;
      return [
        ...[...block.encode, ...block.inner].flatMap(parametersOf),
        { fan },
        { fan },
        ...block.decode.flatMap(parametersOf),
      ];
    }
    default:
      return [];
  }
}

function linear(fan: number): Described[] {
  return [{ fan, transposed: true }, { fan }];
}
