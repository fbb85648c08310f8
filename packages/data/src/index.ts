export { type Cifar10, type Cifar100, readCifar10, readCifar100 } from './cifar.js';
export { type Column, type Columns, concat, gather, sampleCount, stack, type Values } from './columns.js';
export { arrayDataset, type Dataset, subset } from './dataset.js';
export { DataError, type DataFault } from './error.js';
export { type Idx, type IdxArrays, readIdx, writeIdx } from './idx.js';
export { checkLabels } from './labels.js';
export { type EpochOptions, type Loader, loader, type LoaderOptions } from './loader.js';
export { type StreamDataset, streamLoader, type StreamLoader, type StreamLoaderOptions } from './stream.js';
export { type BatchPlace, type Normalization, type Normalized, normalize, type Transform } from './transform.js';
