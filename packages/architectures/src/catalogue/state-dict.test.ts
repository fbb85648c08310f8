import { readSafetensors, type StoredArrays, writeSafetensors } from '@lemmata/formats';
import { key } from '@lemmata/tensor';
import { decodeModel, encodeModel } from '@lemmata/train';
import { toRecord } from '@lemmata/tree';
import { expect, test } from 'vitest';
import { resnet } from '../resnet/index.js';

const model = resnet({ depth: 18, width: 1, classes: 2 });
const like = model.init(key(0), [1, 8, 8]);

/** As PyTorch saves it: each batch norm also counts its batches, in int64. */
const saved = (): Record<string, StoredArrays[string]> => {
  const { arrays } = readSafetensors(encodeModel(model.init(key(7), [1, 8, 8])));
  const counts = Object.keys(arrays)
    .filter((name) => name.endsWith('running_mean'))
    .map((name) => [
      name.replace('running_mean', 'num_batches_tracked'),
      { dtype: 'int64', shape: [], data: BigInt64Array.of(3n) } as StoredArrays[string],
    ]);
  return { ...arrays, ...Object.fromEntries(counts) };
};

test('a state dictionary of PyTorch’s loads strictly, its counts of batches left aside', () => {
  const entries = saved();
  expect(Object.keys(entries).filter((name) => name.endsWith('num_batches_tracked'))).toHaveLength(20);
  const { params } = decodeModel(writeSafetensors(entries), like);
  const loaded = toRecord(params) as Record<string, { dataSync(): ArrayLike<number> }>;
  for (const [name, tensor] of Object.entries(loaded)) {
    expect(Array.from(tensor.dataSync())).toEqual(Array.from(entries[name]!.data as Float32Array));
  }
});

test('all that is missing, unexpected and misshapen is listed at once', () => {
  const { 'fc.bias': bias, 'bn1.running_var': _, ...rest } = saved();
  const wrong = {
    ...rest,
    'fc.biases': bias!,
    'conv1.weight': { ...rest['conv1.weight']!, shape: [1, 1, 49, 1] } as StoredArrays[string],
  };
  expect(() => decodeModel(writeSafetensors(wrong), like, { name: 'resnet18.safetensors' })).toThrow(
    /^resnet18\.safetensors: [^]*missing: fc\.bias, expected float32 \[2\][^]*missing: bn1\.running_var[^]*unexpected: fc\.biases[^]*mismatched: conv1\.weight, received float32 \[1, 1, 49, 1\], expected float32 \[1, 1, 7, 7\]/,
  );
});
