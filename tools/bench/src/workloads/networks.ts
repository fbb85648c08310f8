import { lenet5, resnetCifar } from '@lemmata/architectures';
import type { Compiled } from '@lemmata/compile';
import { crossEntropy } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import { sgd, type OptimizerState } from '@lemmata/optim';
import { sizeOf } from '@lemmata/shape';
import { isTensor, type Tensor } from '@lemmata/tensor';
import { initialState, trainingStep, type Sums, type TrainState } from '@lemmata/train';
import { map } from '@lemmata/tree';
import { labels } from '../data.js';
import { lenet, lstm, resnet18, resnet20, unet, vit } from '../networks.js';
import type { Library } from '../peers/lemmata.js';
import { Parameters } from '../peers/parameters.js';
import type { Prepared, TrainTask } from '../task.js';
import { notBuilt, type Workload } from '../workload.js';

function training(
  id: string,
  title: string,
  task: Omit<TrainTask, 'kind'>,
  lemmata: NonNullable<Workload['lemmata']>,
): Workload {
  return { id, title, task: () => ({ kind: 'train', ...task }), lemmata };
}

type State = TrainState<any, any, OptimizerState>;

/** A compiled training step, what it starts from, and its batch. */
export interface Step {
  readonly step: Compiled<[State, Tensor, Tensor], [State, Sums]>;
  readonly state: State;
  readonly x: Tensor;
  readonly y: Tensor;
}

/** A step of one of our networks, with SGD and momentum. */
export function sgdStep(library: Library, model: Layer<any, any>, input: readonly number[]): Step {
  const step = trainingStep({ model, loss: crossEntropy, optimizer: sgd({ learningRate: 0.01, momentum: 0.9 }) });
  const fresh = initialState(model, sgd({ learningRate: 0.01, momentum: 0.9 }), input.slice(1), 0);
  const state = { ...fresh, params: asDescribed(library, fresh.params) };
  return { step, state, x: library.draw(1, ...input), y: library.tensor(labels(input[0]!), [input[0]!]) };
}

/** Steps of one of our networks, one a call. */
export function trainedBySgd(library: Library, model: Layer<any, any>, input: readonly number[]): Prepared {
  const { step, x, y, ...start } = sgdStep(library, model, input);
  let { state } = start;
  const losses: number[] = [];
  return {
    call() {
      const [next, { loss }] = step(state, x, y);
      state = next;
      const value = loss.item();
      if (losses.length < 3) losses.push(value);
    },
    check: () => losses,
  };
}

/**
 * The parameters that every side starts from, see ../networks.ts: ours come in the same order. A batch norm's scale and shift,
 * which are not drawn, are the ones that the network's own start holds constant.
 */
function asDescribed(library: Library, params: unknown): unknown {
  const parameters = new Parameters();
  let fan = 1;
  return map((leaf: unknown) => {
    if (!isTensor(leaf)) return leaf;
    const { shape } = leaf;
    const own = leaf.dataSync();
    if (shape.length === 1 && own.every((value) => value === own[0]) && (own[0] === 0 || own[0] === 1))
      return library.tensor(Float32Array.from(own), shape);
    if (shape.length > 1) fan = sizeOf(shape.slice(1));
    const drawn = parameters.next(sizeOf(shape), fan);
    return library.tensor(shape.length === 2 ? transposed(drawn, shape[1]!, shape[0]!) : drawn, shape);
  }, params as never);
}

/** [rows, columns] to [columns, rows]. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

export const lenetInput: readonly number[] = [64, 1, 28, 28];
export const resnet20Input: readonly number[] = [32, 3, 32, 32];

export const lenetStep: Workload = training(
  'lenet',
  'LeNet-5 step, batch 64',
  { network: lenet, input: lenetInput, loss: 'cross-entropy', optimizer: 'sgd' },
  (library) => trainedBySgd(library, lenet5(), lenetInput),
);

export const resnet20Step: Workload = training(
  'resnet20',
  'ResNet-20 step, batch 32',
  { network: resnet20, input: resnet20Input, loss: 'cross-entropy', optimizer: 'sgd' },
  (library) => trainedBySgd(library, resnetCifar({ shortcut: 'projection' }), resnet20Input),
);

export const lstmStep: Workload = training(
  'lstm',
  'LSTM step (2×128, 28 steps), batch 64',
  { network: lstm, input: [64, 28, 28], loss: 'cross-entropy', optimizer: 'adam' },
  () => notBuilt('the LSTM'),
);

export const vitStep: Workload = training(
  'vit',
  'vision transformer step (128 wide, 4 deep), batch 32',
  { network: vit, input: [32, 3, 32, 32], loss: 'cross-entropy', optimizer: 'adam' },
  () => notBuilt('the vision transformer'),
);

export const unetStep: Workload = training(
  'unet',
  'U-Net step (4,3,64,64)',
  { network: unet, input: [4, 3, 64, 64], loss: 'binary-cross-entropy', optimizer: 'adam' },
  () => notBuilt('the U-Net'),
);

export const resnet18Inference: Workload = {
  id: 'resnet18-infer',
  title: 'ResNet-18 inference (1,3,224,224)',
  task: () => ({ kind: 'infer', network: resnet18, input: [1, 3, 224, 224] }),
  // Of its convolutions and its linear layer; He et al. 2015, table 1, count 1.8·10⁹ multiply-adds.
  flops: () => 2 * 1.814e9,
  lemmata: () => notBuilt('ResNet-18'),
};
