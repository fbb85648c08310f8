import { infer, summary } from '@lemmata/nn';
import { key, randomNormal } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { autoencoder } from './index.js';

const options = { imageShape: [1, 5, 6], channels: [2, 4], latent: 3 } as const;

test('each convolution halves the size, rounded up, and each of the decoder gives back what was halved', () => {
  const { rows } = summary(autoencoder(options), [1, 5, 6]);
  expect(
    rows.filter(({ innermost }) => innermost).map(({ name, outputShape }) => `${name} ${outputShape.join('×')}`),
  ).toEqual([
    'encoder.conv1 2×3×3',
    'encoder.relu1 2×3×3',
    'encoder.conv2 4×2×2',
    'encoder.relu2 4×2×2',
    'encoder.flatten 16',
    'encoder.fc 3',
    'decoder.fc 16',
    'decoder.relu 16',
    'decoder.reshape 4×2×2',
    'decoder.conv1 2×3×3',
    'decoder.relu1 2×3×3',
    // No ReLU behind the last: values of both signs.
    'decoder.conv2 1×5×6',
    'sigmoid 1×5×6',
  ]);
});

test('the output is from 0 to 1 through a sigmoid, and of both signs if it is linear', () => {
  const extremes = (output: 'sigmoid' | 'linear'): number[] => {
    const model = autoencoder({ ...options, output });
    const { params, state } = model.init(key(1), [1, 5, 6]);
    const y = infer(model, params, state, randomNormal(key(2), [50, 1, 5, 6])).dataSync() as Float32Array;
    return [Math.min(...y), Math.max(...y)];
  };
  const [low, high] = extremes('sigmoid') as [number, number];
  expect([low > 0, high < 1]).toEqual([true, true]);
  expect(extremes('linear')[0]).toBeLessThan(0);
});

test('images of another shape are refused', () => {
  expect(() => autoencoder(options).init(key(1), [1, 6, 5])).toThrow(
    'encoder > autoencoder: the input must be imageShape (received [1, 6, 5], expected [1, 5, 6]). Give imageShape, or images of that shape.',
  );
});
