import { tensor, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  nadam,
  radam,
  rmsprop,
  sgd,
  type Optimizer,
  type OptimizerState,
} from './index.js';

const start = [0.5, -1.25, 2];
const gradients = [
  [0.5, -1, 2],
  [0.25, -0.75, -1.5],
  [-0.5, 0.1, 0],
  [1, 0.4, 0.3],
  [0.75, -0.2, -0.6],
  [0.1, 0, 1.2],
  [-0.3, 0.9, 0.05],
  [0.6, -0.35, -0.8],
];

/** Where each optimiser is after these gradients, by PyTorch 2.13.0 in float64. */
const golden: readonly [name: string, optimizer: Optimizer<OptimizerState>, expected: readonly number[]][] = [
  ['sgd({ learningRate: 0.1 })', sgd({ learningRate: 0.1 }), [0.26, -1.1600000000000001, 1.935]],
  [
    'sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.1 })',
    sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.1 }),
    [-0.4635328360770561, -0.3115470071299048, 0.9909281547520257],
  ],
  [
    'sgd({ learningRate: 0.1, momentum: 0.9, dampening: 0.3 })',
    sgd({ learningRate: 0.1, momentum: 0.9, dampening: 0.3 }),
    [-0.20034328749999997, -0.6010890124999997, 1.288873575],
  ],
  [
    'sgd({ learningRate: 0.1, momentum: 0.8, nesterov: true, maximize: true })',
    sgd({ learningRate: 0.1, momentum: 0.8, nesterov: true, maximize: true }),
    [1.3082708480000003, -1.718523136, 2.373033792],
  ],
  ['adam()', adam(), [0.49524515690656945, -1.2461674529355808, 1.998330256214049]],
  [
    'adam({ learningRate: 0.05, betas: [0.5, 0.9], eps: 0.01, weightDecay: 0.1 })',
    adam({ learningRate: 0.05, betas: [0.5, 0.9], eps: 0.01, weightDecay: 0.1 }),
    [0.2718989543904851, -1.1172703314292487, 1.8972971667890621],
  ],
  [
    'adam({ learningRate: 0.05, betas: [0.5, 0.6], amsgrad: true })',
    adam({ learningRate: 0.05, betas: [0.5, 0.6], amsgrad: true }),
    [0.30518032342163437, -1.1641427193079121, 1.9537057077465112],
  ],
  ['adamw()', adamw(), [0.495205346407579, -1.2460676539240942, 1.9981703508203186]],
  [
    'adamw({ learningRate: 0.05, weightDecay: 0.3, amsgrad: true })',
    adamw({ learningRate: 0.05, weightDecay: 0.3, amsgrad: true }),
    [0.2189625363817012, -0.9303227133490514, 1.6951594992536547],
  ],
  ['adagrad()', adagrad(), [0.47664456933764604, -1.2398065492676182, 1.995444814127473]],
  [
    'adagrad({ learningRate: 0.5, rateDecay: 0.1, weightDecay: 0.1, initialSum: 0.5, eps: 0.01 })',
    adagrad({ learningRate: 0.5, rateDecay: 0.1, weightDecay: 0.1, initialSum: 0.5, eps: 0.01 }),
    [-0.22182803264552925, -0.686705639195957, 1.6075609668000774],
  ],
  ['rmsprop()', rmsprop(), [0.2655580667743831, -1.1486025004801517, 1.9547863371218686]],
  [
    'rmsprop({ alpha: 0.8, momentum: 0.5, centered: true, weightDecay: 0.1, eps: 0.001 })',
    rmsprop({ alpha: 0.8, momentum: 0.5, centered: true, weightDecay: 0.1, eps: 0.001 }),
    [0.3692831672660362, -1.1689809642097828, 1.9444088948455143],
  ],
  ['adadelta()', adadelta(), [0.4871118060482626, -1.247071873205163, 1.9994993772941536]],
  [
    'adadelta({ learningRate: 0.5, rho: 0.8, eps: 0.01, weightDecay: 0.1 })',
    adadelta({ learningRate: 0.5, rho: 0.8, eps: 0.01, weightDecay: 0.1 }),
    [0.05807606667817214, -1.0504127064690014, 1.8883465899854424],
  ],
  ['adamax()', adamax(), [0.4930447803638348, -1.2438617989656933, 1.9971505913296834]],
  [
    'adamax({ learningRate: 0.1, betas: [0.5, 0.9], weightDecay: 0.1 })',
    adamax({ learningRate: 0.1, betas: [0.5, 0.9], weightDecay: 0.1 }),
    [0.12800814851476083, -0.9977732600682928, 1.81534002809347],
  ],
  ['nadam()', nadam(), [0.4932004444364578, -1.2473836071621103, 1.9987628686507415]],
  [
    'nadam({ learningRate: 0.05, weightDecay: 0.1, decoupledWeightDecay: true, momentumDecay: 0.01 })',
    nadam({ learningRate: 0.05, weightDecay: 0.1, decoupledWeightDecay: true, momentumDecay: 0.01 }),
    [0.3137573102499858, -1.137970807637669, 1.8916686207823468],
  ],
  ['radam()', radam(), [0.49828093562667275, -1.2471291254942958, 1.9975996138742527]],
  [
    'radam({ learningRate: 0.05, betas: [0.5, 0.9], weightDecay: 0.1, decoupledWeightDecay: true })',
    radam({ learningRate: 0.05, betas: [0.5, 0.9], weightDecay: 0.1, decoupledWeightDecay: true }),
    [0.3749806077067858, -1.110527447504132, 1.8520946342860183],
  ],
];

function follow(optimizer: Optimizer<OptimizerState>, dtype: 'float32' | 'float64'): number[] {
  let params: { w: Tensor } = { w: tensor(start, { dtype }) };
  let state = optimizer.init(params);
  for (const g of gradients) [params, state] = optimizer.update({ w: tensor(g, { dtype }) }, state, params);
  expect(state.step.item()).toBe(gradients.length);
  return [...params.w.dataSync()];
}

/** Float64 leaves rounding alone; NAdam's momentum product is float32 in PyTorch. */
const float64Bound = (name: string): number => (name.startsWith('nadam') ? 1e-8 : 1e-13);

test.each(golden)('O2, O4: %s goes where PyTorch goes', (name, optimizer, expected) => {
  follow(optimizer, 'float64').forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(float64Bound(name));
  });
  // Eight steps of a few operations each: some tens of roundings of 2^-24 on numbers up to 2.
  follow(optimizer, 'float32').forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(4e-6));
});
