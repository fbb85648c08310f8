import type { Layer } from '@lemmata/nn';
import type { Shape } from '@lemmata/shape';
import { cast, key, type Tensor } from '@lemmata/tensor';
import type { Call, Result } from '../adapter.js';

/**
 * A layer of this library with the parameters and buffers of PyTorch's module, which have the same names and shapes. A
 * case that has to be refused may come without parameters: then the layer draws its own.
 *
 * @param inputShape without the batch. Default: that of the input after its first axis.
 * @param input the argument that is the input.
 */
export function applyLayer(call: Call, layer: Layer, inputShape?: Shape, input = 'input'): Result {
  const x = call.args.tensor(input);
  const { params, state } = layer.init(key(0), inputShape ?? x.shape.slice(1));
  const [output, after] = layer.apply(
    filled('parameter', params, call.params, x),
    filled('buffer', state, call.buffers, x),
    x,
    { train: call.training },
  );
  return { out: { output }, after };
}

type Tensors = Readonly<Record<string, Tensor>>;

/** The tensors that the layer asks for, from PyTorch's. */
export function filled(what: string, own: Tensors, theirs: Tensors, x: Tensor): Tensors {
  const extra = Object.keys(theirs).filter((name) => !(name in own) && name !== 'num_batches_tracked');
  if (extra.length > 0) throw new Error(`the layer has no ${what} ${extra.join(', ')}`);
  return Object.fromEntries(
    Object.entries(own).map(([name, tensor]) => {
      const given = theirs[name];
      if (given === undefined) return [name, tensor.dtype === 'int32' ? tensor : cast(tensor, x.dtype)];
      if (given.shape.join() !== tensor.shape.join()) {
        throw new Error(`${what} ${name} is [${tensor.shape.join(', ')}] here, [${given.shape.join(', ')}] in PyTorch`);
      }
      return [name, given];
    }),
  );
}
