import type { Layer } from '@lemmata/nn';
import { key, type Tensor } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { expect, test } from 'vitest';
import { autoencoder } from './autoencoder/index.js';
import { dcgan } from './dcgan/index.js';
import { fcn } from './fcn/index.js';
import { mobilenetV2 } from './mobilenet-v2/index.js';
import { nin } from './nin/index.js';
import { preactResnet } from './preact-resnet/index.js';
import { resnet } from './resnet/index.js';
import { resnetCifar } from './resnet-cifar/index.js';
import { segnet } from './segnet/index.js';
import { unet } from './unet/index.js';
import { vae } from './vae/index.js';
import { vgg } from './vgg/index.js';
import { visionTransformer } from './vision-transformer/index.js';

/** The deviation from 0 of what a parameter of this shape is drawn with. */
type Deviation = (shape: readonly number[]) => number;
/** Parameters by their names; of several patterns that fit, the first holds. */
type Rules = readonly (readonly [RegExp, Deviation])[];

const fan = (axis: 0 | 1, shape: readonly number[]): number => shape[axis]! * shape.slice(2).reduce((a, b) => a * b, 1);
const kaiming: Deviation = (shape) => Math.sqrt(2 / fan(1, shape));
const kaimingOut: Deviation = (shape) => Math.sqrt(2 / fan(0, shape));
/** What layers draw their weights with by themselves: evenly from ±1/√fan. */
const byDefault: Deviation = (shape) => 1 / Math.sqrt(3 * fan(1, shape));
const xavier: Deviation = ([out, into]) => Math.sqrt(2 / (out! + into!));
const zero: Deviation = () => 0;
/** Cut at two deviations. */
const CUT = 0.87962566;

const norms: Rules = [
  [/(bn\d?|downsample\.1)\.weight$/, () => 1],
  [/(bn\d?|downsample\.1)\.bias$/, zero],
];
/** Convolutions and norms in a row, by their ranks. */
const residual: Rules = [...norms, [/conv\d\.weight|downsample(\.0)?\.weight/, kaimingOut], [/fc\.weight/, byDefault]];
const stacks: Rules = [...norms, [/(enc\d|dec\d|bottleneck)\.conv\d\.weight/, kaiming], [/conv\d\.bias/, zero]];
const encoder: Rules = [
  [/encoder\.conv\d\.weight/, kaiming],
  [/encoder\.conv\d\.bias/, zero],
  [/weight$/, byDefault],
];

test.each<[string, Layer, readonly number[], Rules]>([
  [
    'vgg',
    vgg({ depth: 11, width: 8, hidden: 64, classes: 20 }),
    [3, 32, 32],
    [
      [/features.*weight/, kaimingOut],
      [/classifier.*weight/, () => 0.01],
      [/bias/, zero],
    ],
  ],
  ['resnet', resnet({ depth: 50, width: 8, classes: 20 }), [3, 32, 32], residual],
  ['resnetCifar', resnetCifar({ depth: 8, shortcut: 'projection' }), [3, 8, 8], residual],
  ['preactResnet', preactResnet({ depth: 11, bottleneck: true, width: 8 }), [3, 8, 8], residual],
  [
    'mobilenetV2',
    mobilenetV2({ widthMultiplier: 0.5, classes: 20 }),
    [3, 32, 32],
    [
      [/classifier\.1\.weight/, () => 0.01],
      // A norm's weights are vectors; what a depthwise element reaches are the places of its own channel.
      [/features.*weight/, (shape) => (shape.length === 1 ? 1 : shape[1] === 1 ? Math.sqrt(2 / 9) : kaimingOut(shape))],
      [/bias/, zero],
    ],
  ],
  [
    'nin',
    nin({ width: 24 }),
    [3, 8, 8],
    [
      [/weight/, kaiming],
      [/bias/, zero],
    ],
  ],
  [
    'fcn',
    fcn({ backbone: 'vgg11', width: 4, hidden: 32, classes: 20 }),
    [3, 32, 32],
    [
      [/head.*weight/, kaiming],
      [/(head|to\d+).*bias/, zero],
      [/to\d+.*weight/, kaimingOut],
      [/score.*weight/, byDefault],
    ],
  ],
  [
    'unet',
    unet({ depth: 2, width: 8 }),
    [1, 8, 8],
    [
      ...stacks, // Transposed: what goes in is the first axis.
      [/up\d\.weight/, kaimingOut],
      [/up\d\.bias/, zero],
      [/head.weight/, byDefault],
    ],
  ],
  ['unet with batch norm', unet({ depth: 2, width: 8, batchNorm: true }), [1, 8, 8], stacks],
  ['segnet', segnet({ channels: [8, 16] }), [3, 8, 8], [...stacks, [/head.weight/, byDefault]]],
  ['segnet without norms', segnet({ channels: [8, 16], batchNorm: false }), [3, 8, 8], stacks],
  ['autoencoder', autoencoder({ channels: [8, 16] }), [1, 28, 28], encoder],
  ['vae', vae({ channels: [8, 16] }), [1, 28, 28], encoder],
  [
    'dcgan',
    dcgan({ imageShape: [3, 16, 16], latent: 20, width: 16 }) as Layer,
    [20],
    [[/weight/, (shape) => (shape.length === 1 ? 1 : 0.02)]],
  ],
  [
    'visionTransformer',
    visionTransformer({ imageSize: 32, patchSize: 4, embedDim: 48, depth: 1, numHeads: 4, classes: 20 }),
    [3, 32, 32],
    [
      [/class_token/, zero],
      [/conv_proj\.weight/, (shape) => CUT / Math.sqrt(fan(1, shape))],
      [/(conv_proj|head)\.bias/, zero],
      [/pos_embedding/, () => 0.02],
      [/mlp.*weight|in_proj_weight/, xavier],
      [/mlp.*bias/, () => 1e-6],
      [/head\.weight/, () => 0.02 * CUT],
    ],
  ],
])('%s draws its parameters as its sources do', (_, layer, inputShape, rules) => {
  const params = Object.entries(toRecord(layer.init(key(5), inputShape).params as never) as Record<string, Tensor>);
  for (const [pattern, deviation] of rules) {
    const fits = params.filter(([name]) => rules.find(([other]) => other.test(name))?.[0] === pattern);
    // In parts of what is expected, of all of them together.
    const parts = fits.flatMap(([, t]) => {
      const expected = deviation(t.shape);
      const values = Array.from(t.dataSync() as Float32Array);
      if (expected === 0) for (const v of values) expect(v).toBe(0);
      return expected === 0 ? [] : values.map((v) => v / expected);
    });
    if (parts.length === 0) continue;
    const found = Math.sqrt(parts.reduce((sum, v) => sum + v * v, 0) / parts.length);
    expect([pattern, Math.abs(found - 1) < 3 / Math.sqrt(parts.length) + 1e-6, found]).toEqual([
      pattern,
      true,
      expect.closeTo(found),
    ]);
  }
});
