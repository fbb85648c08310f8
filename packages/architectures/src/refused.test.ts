import { key, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import * as dcganParts from './dcgan/index.js';
import * as blocks from './blocks/index.js';
import { FAMILIES } from './catalogue/index.js';
import { fcn } from './fcn/index.js';
import { preactResnet } from './preact-resnet/index.js';
import { resnetCifar } from './resnet-cifar/index.js';
import { resnetStages } from './resnet/index.js';
import { segnet } from './segnet/index.js';
import { negativeElbo } from './vae/index.js';
import { vggStages } from './vgg/index.js';
import { visionTransformer } from './vision-transformer/index.js';

test('patches must divide the image', () => {
  expect(() => visionTransformer({ imageSize: 224, patchSize: 15 })).toThrow(
    'visionTransformer: patchSize 15 must divide imageSize, received 224',
  );
  expect(() => visionTransformer({ embedDim: 0 })).toThrow(/embedDim must be a positive integer, received 0/);
});

test.each([[[3, 64, 32]], [[3, 4, 4]], [[3, 36, 36]]])(
  'images of DCGAN [%s] have a side of four to seven times a power of two',
  (imageShape) => {
    expect(() => dcganParts.dcgan({ imageShape })).toThrow(/imageShape must be \[C, S, S\] with S 4, 5, 6 or 7 times/);
  },
);

test('a list that is no option is shown as a list', () => {
  expect(() => dcganParts.dcgan({ width: [1, 2] as never })).toThrow(/width .*received \[1, 2\]/);
});

test('every network and block refuses unknown options by its name, without options too', () => {
  const { dcganGenerator, dcganDiscriminator } = dcganParts;
  const { transformerEncoder: _, ...layers } = blocks;
  const makers: Record<string, (options: never) => unknown> = {
    ...FAMILIES,
    ...layers,
    dcganGenerator,
    dcganDiscriminator,
    fcn,
  };
  expect(Object.keys(makers).length).toBeGreaterThan(20);
  for (const [name, make] of Object.entries(makers)) {
    expect(() => make({ colour: 1 } as never)).toThrow(`${name}: unknown option 'colour'`);
    expect(() => make(7 as never)).toThrow(`${name}: options are an object with any of`);
  }
});

test('what options must be together', () => {
  expect(() => segnet({ channels: [4, 8], convolutions: [1] })).toThrow(
    'segnet: convolutions must have one number for each of the 2 stages, received 1',
  );
  for (const depth of [8 + 1, 2]) {
    expect(() => resnetCifar({ depth })).toThrow(
      `resnetCifar: depth is 6n + 2 for n blocks a stage (20, 32, 44, 56, 110), received ${depth}`,
    );
    expect(() => preactResnet({ depth })).toThrow(
      `preactResnet: depth is 6n + 2 for n blocks a stage, received ${depth}`,
    );
  }
  expect(() => preactResnet({ depth: 20 - 6, bottleneck: true })).toThrow('depth is 9n + 2');
});

test('parts of networks refuse unknown options, and values that are none of theirs', () => {
  for (const stages of [vggStages, resnetStages] as ((options?: object) => unknown)[]) {
    expect(() => stages({ widht: 8 })).toThrow(`${stages.name}: unknown option 'widht'; did you mean 'width'?`);
    expect(() => stages({ depth: 17 })).toThrow(new RegExp(`^${stages.name}: depth is one of .*, received 17$`));
  }
  const x = zeros([1, 2, 4]);
  expect(() => negativeElbo(x, x, { betta: 1 } as never)).toThrow("negativeElbo: unknown option 'betta'");
  const masks = { keyPadding: zeros([1, 2]) } as never;
  expect(() => blocks.transformerEncoder(x, {}, { embedDim: 4, numHeads: 1 }, masks)).toThrow(
    "transformerEncoder, masks: unknown option 'keyPadding'; did you mean 'keyPaddingMask'?",
  );
});

test('the backbone of an FCN may be a ResNet', () => {
  const network = fcn({ variant: '8s', backbone: 'resnet18', width: 2, classes: 3 });
  expect(network.init(key(1), [3, 64, 64]).outputShape).toEqual([3, 64, 64]);
});
