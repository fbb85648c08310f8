import { CATALOGUE } from '@lemmata/architectures/catalogue';
import { infer } from '@lemmata/nn';
import { key, randomNormal, run, type Tensor, tensor } from '@lemmata/tensor';
import { map } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { backendOption } from './backend.js';

/** Every network by name, made in the size in which it is published, on one input. */
describe('one forward pass at the published size', () => {
  const { put } = backendOption();
  for (const [name, { make, inputShape, outputShape, parameters }] of Object.entries(CATALOGUE)) {
    test(`${name}`, () => {
      const model = make();
      const { params, state } = model.init(key(1), inputShape);
      let count = 0;
      map((leaf: any) => ((count += (leaf as Tensor).size), leaf), params);
      expect(count).toBe(parameters);
      const shape = [1, ...inputShape];
      const x = name.startsWith('char_')
        ? tensor(new Int32Array(inputShape[0]!), { shape })
        : randomNormal(key(2), shape);
      const y = run(() => infer(model, put(params), put(state), put(x)));
      expect(y.shape).toEqual([1, ...outputShape]);
      expect(y.dataSync().every(Number.isFinite)).toBe(true);
    });
  }
});
