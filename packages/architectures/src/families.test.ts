import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { valueAndGrad, vjp } from '@lemmata/autograd';
import { compile } from '@lemmata/compile';
import { recomputed } from '@lemmata/nn';
import { adam } from '@lemmata/optim';
import { cast, key, randomNormal, splitKey, type Tensor, tensor } from '@lemmata/tensor';
import { leaves, map, paths } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { family as alexnet } from './alexnet/laws.js';
import { family as autoencoder } from './autoencoder/laws.js';
import { families as characterModels } from './character-model/laws.js';
import { discriminator, family as generator } from './dcgan/laws.js';
import type { Family } from './family.laws.js';
import { family as fcn } from './fcn/laws.js';
import { family as lenet5 } from './lenet5/laws.js';
import { family as mobilenetV2 } from './mobilenet-v2/laws.js';
import { family as nin } from './nin/laws.js';
import { family as preactResnet } from './preact-resnet/laws.js';
import { family as resnet } from './resnet/laws.js';
import { family as resnetCifar } from './resnet-cifar/laws.js';
import { family as segnet } from './segnet/laws.js';
import { families as sequenceClassifiers } from './sequence-classifier/laws.js';
import { family as unet } from './unet/laws.js';
import { family as vae } from './vae/laws.js';
import { family as vgg } from './vgg/laws.js';
import { type Variant, VARIANTS } from './variants.laws.js';
import { families as visionTransformers } from './vision-transformer/laws.js';

const FAMILIES: readonly Family[] = [
  lenet5,
  alexnet,
  vgg,
  nin,
  resnetCifar,
  resnet,
  preactResnet,
  mobilenetV2,
  fcn,
  segnet,
  unet,
  autoencoder,
  vae,
  generator,
  discriminator,
  ...characterModels,
  ...sequenceClassifiers,
  ...visionTransformers,
];

const BATCH = 6;

function inputOf({ inputShape, classes = 1, dtype }: Variant, seed = 11): Tensor {
  const shape = [BATCH, ...inputShape];
  const x = randomNormal(key(seed), shape);
  // No sequence begins as another: what follows could not be told.
  const character = (i: number): number => (Math.floor(i / inputShape[0]!) + 5 * (i % inputShape[0]!)) % classes;
  return dtype === 'int32'
    ? tensor(
        Int32Array.from({ length: x.size }, (_, i) => character(i)),
        { shape },
      )
    : x;
}

const widened = (t: Tensor): Tensor => (t.dtype === 'float32' ? cast(t, 'float64') : t);

const isClassifier = (family: Variant): family is Variant & { readonly classes: number } =>
  family.classes !== undefined;

test('no family is left out', () => {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const folders = readdirSync(here).filter((name) => existsSync(join(here, name, 'laws.ts')));
  const of = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const names = FAMILIES.map(({ name }) => of(name.split(' ')[0]!));
  expect(folders.length).toBeGreaterThan(15);
  expect(folders.filter((folder) => !names.includes(of(folder)))).toEqual([]);
});

describe('what options make of a family, at its smallest size', () => {
  for (const family of VARIANTS) {
    const { name, layer, inputShape, withoutGradient = {} } = family;
    test(`${name} gives what it declares, and every parameter gets a gradient but those declared`, () => {
      const { params, state, outputShape } = layer.init(key(1), inputShape);
      for (const train of [true, false]) {
        const [y, next] = layer.apply(params, state, inputOf(family), { train, key: key(2) });
        expect(y.shape).toEqual([BATCH, ...outputShape]);
        expect(y.dataSync().every(Number.isFinite)).toBe(true);
        expect(paths(next)).toEqual(paths(state));
      }
      // In float64 what rounding leaves of a gradient that batch norm takes away is far below every other.
      const wide = map(widened as never, state);
      const largest = new Map<string, number>();
      for (const seed of [11, 12, 13, 14]) {
        const x = widened(inputOf(family, seed));
        const drawn = map(widened as never, layer.init(key(seed), inputShape).params);
        const { value, pullback } = vjp((p: any) => layer.apply(p, wide, x, { train: true, key: key(seed) })[0], drawn);
        const gradients = leaves(pullback(widened(randomNormal(key(seed + 1), value.shape)))[0]) as Tensor[];
        paths(drawn).forEach((path, i) => {
          const most = Math.max(...Array.from(gradients[i]!.dataSync(), Math.abs));
          largest.set(path, Math.max(largest.get(path) ?? 0, most));
        });
      }
      const least = 1e-10 * Math.max(...largest.values());
      const idle = [...largest].filter(([, most]) => most <= least).map(([path]) => path);
      expect(idle).toEqual(Object.keys(withoutGradient));
    });
  }
});

describe('every family at its smallest size', () => {
  for (const family of [...FAMILIES, ...VARIANTS].filter(isClassifier)) {
    const { name, layer, inputShape, classes, learning } = family;
    test(`${name} starts within 0.5 of ln ${classes}`, () => {
      const { params, state, outputShape } = layer.init(key(1), inputShape);
      const x = inputOf(family);
      const [y] = layer.apply(params, state, x, { train: true, key: key(2) });
      const loss = learning.loss(y, learning.target(x, outputShape)).item();
      expect(Math.abs(loss - Math.log(classes))).toBeLessThan(0.5);
    });
  }

  for (const family of FAMILIES) {
    const { name, layer, inputShape, learning } = family;
    test(`${name} has the same bits when it runs again on the way back`, () => {
      const { params, state, outputShape } = layer.init(key(1), inputShape);
      const x = inputOf(family);
      const target = learning.target(x, outputShape);
      const bits = (net: typeof layer): readonly (readonly number[])[] => {
        const result = valueAndGrad((p: any) => {
          const [y, next] = net.apply(p, state, x, { train: true, key: key(2) });
          return [learning.loss(y, target), next] as const;
        })(params);
        return (leaves(result as never) as unknown as Tensor[]).map((leaf) => Array.from(leaf.dataSync()));
      };
      expect(bits(recomputed(layer))).toEqual(bits(layer));
    });
  }

  for (const family of [...FAMILIES, ...VARIANTS]) {
    const { name, layer, inputShape, learning, learningRate = 0.01 } = family;
    test(`${name} learns one batch by heart`, () => {
      const { params, state, outputShape } = layer.init(key(1), inputShape);
      const x = inputOf(family);
      const target = learning.target(x, outputShape);
      const optimizer = adam({ learningRate });
      const step = compile(
        (params: any, memory: any, seed: Tensor): [any, any, Tensor, Tensor] => {
          const [next, own] = splitKey(seed, 2) as [Tensor, Tensor];
          const { value, grads } = valueAndGrad((p: any) =>
            learning.loss(layer.apply(p, state, x, { train: true, key: own })[0], target),
          )(params);
          const [moved, kept] = optimizer.update(grads, memory, params);
          return [moved, kept, next, value];
        },
        { donate: 3 },
      );
      let now: [any, any, Tensor] = [params, optimizer.init(params), key(4)];
      let loss = Infinity;
      for (let i = 0; i < 300 && loss > 0.05; i++) {
        const [p, m, k, value] = step(...now);
        now = [p, m, k];
        loss = value.item();
      }
      expect(loss).toBeLessThanOrEqual(0.05);
    });
  }
});
