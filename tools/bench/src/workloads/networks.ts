import {
  lenet5,
  resnet,
  resnetCifar,
  sequenceClassifier,
  unet as unetOf,
  VIT_32,
  visionTransformer,
} from '@lemmata/architectures';
import { compile, type Compiled } from '@lemmata/compile';
import { bceWithLogits, crossEntropy } from '@lemmata/losses';
import { fold, infer, type Layer } from '@lemmata/nn';
import { adam, type OptimizerState, sgd } from '@lemmata/optim';
import { sizeOf } from '@lemmata/shape';
import { key, type Tensor } from '@lemmata/tensor';
import { initialState, trainingStep, type Sums, type TrainState } from '@lemmata/train';
import { fingerprint, labels, mask } from '../data.js';
import { lenet, lstm, resnet18, resnet20, unet, vit } from '../networks.js';
import { asDescribed, onBackend } from '../peers/lemmata-parameters.js';
import type { Library } from '../peers/lemmata.js';
import type { Prepared, TrainTask } from '../task.js';
import type { Workload } from '../workload.js';

type State = TrainState<any, any, OptimizerState>;

/** A compiled training step, what it starts from, and its batch. */
export interface Step {
  readonly step: Compiled<[State, Tensor, Tensor], [State, Sums]>;
  readonly state: State;
  readonly x: Tensor;
  readonly y: Tensor;
}

const LOSSES = { 'cross-entropy': crossEntropy, 'binary-cross-entropy': bceWithLogits };
const OPTIMIZERS = { sgd: () => sgd({ learningRate: 0.01, momentum: 0.9 }), adam: () => adam({ learningRate: 1e-3 }) };

/** The step that a task describes, of the network of ours that it describes. */
export function firstStep(library: Library, model: Layer<any, any>, task: TrainTask): Step {
  const { network, input, loss } = task;
  const optimizer = OPTIMIZERS[task.optimizer]();
  const step = trainingStep({ model, loss: LOSSES[loss], optimizer });
  const fresh = initialState(model, optimizer, input.slice(1), 0);
  const state = { ...fresh, params: asDescribed(library, network, fresh.params) };
  const n = input[0]!;
  const places = [n, 1, ...input.slice(2)];
  const y = loss === 'cross-entropy' ? library.tensor(labels(n), [n]) : library.tensor(mask(2, sizeOf(places)), places);
  return { step, state, x: library.draw(1, ...input), y };
}

/** Steps of one of our networks, one a call. */
export function trained(library: Library, model: Layer<any, any>, task: TrainTask): Prepared {
  const { step, x, y, ...start } = firstStep(library, model, task);
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

type Trained = 'lenet' | 'resnet20' | 'lstm' | 'vit' | 'unet';

/** Ours of the networks that are trained, as ../networks.ts describes them. */
export const models: Readonly<Record<Trained, () => Layer<any, any>>> = {
  lenet: () => lenet5(),
  resnet20: () => resnetCifar({ shortcut: 'projection' }),
  lstm: () => sequenceClassifier({ classes: 10 }),
  vit: () => visionTransformer({ ...VIT_32, pool: 'mean', eps: 1e-5 }),
  unet: () => unetOf({ classes: 1, depth: 3, width: 16 }),
};

function training(id: Trained, title: string, task: TrainTask): Workload {
  return { id, title, task: () => task, lemmata: (library) => trained(library, models[id](), task) };
}

/** Into 10 classes. */
const byClass = (
  network: TrainTask['network'],
  input: readonly number[],
  optimizer: TrainTask['optimizer'],
): TrainTask => ({
  kind: 'train',
  network,
  input,
  loss: 'cross-entropy',
  optimizer,
});

export const lenetTask: TrainTask = byClass(lenet, [64, 1, 28, 28], 'sgd');
export const resnet20Task: TrainTask = resnet20On([32, 3, 32, 32]);

export function resnet20On(input: readonly number[]): TrainTask {
  return byClass(resnet20, input, 'sgd');
}

export const lenetStep: Workload = training('lenet', 'LeNet-5 step, batch 64', lenetTask);
export const resnet20Step: Workload = training('resnet20', 'ResNet-20 step, batch 32', resnet20Task);
export const lstmStep: Workload = training(
  'lstm',
  'LSTM step (2×128, 28 steps), batch 64',
  byClass(lstm, [64, 28, 28], 'adam'),
);
export const vitStep: Workload = training(
  'vit',
  'vision transformer step (128 wide, 4 deep), batch 32',
  byClass(vit, [32, 3, 32, 32], 'adam'),
);
export const unetStep: Workload = training('unet', 'U-Net step (4,3,64,64)', {
  kind: 'train',
  network: unet,
  input: [4, 3, 64, 64],
  loss: 'binary-cross-entropy',
  optimizer: 'adam',
});

const photo: readonly number[] = [1, 3, 224, 224];

/** ResNet-18 without its norms, compiled for parameters that stay the same. */
export function resnet18On(library: Library, input: readonly number[]): Prepared {
  const net = resnet({ depth: 18 });
  const fresh = net.init(key(0), input.slice(1));
  const drawn = asDescribed(library, resnet18, fresh.params);
  const { layer, params, state } = fold(net, drawn, onBackend(library, fresh.state), input.slice(1));
  const forward = compile((p: unknown, x: Tensor) => infer(layer, p, state, x), { constant: 1 });
  const x = library.draw(1, ...input);
  return {
    call() {
      forward(params, x);
    },
    check: () => fingerprint(forward(params, x).dataSync()),
  };
}

export const resnet18Inference: Workload = {
  id: 'resnet18-infer',
  title: 'ResNet-18 inference (1,3,224,224)',
  task: () => ({ kind: 'infer', network: resnet18, input: photo }),
  // Of its convolutions and its linear layer; He et al. 2015, table 1, count 1.8·10⁹ multiply-adds.
  flops: () => 2 * 1.814e9,
  lemmata: (library) => resnet18On(library, photo),
};
