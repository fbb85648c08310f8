export { FormatError, type FormatFault } from './error.js';
export { type Expected, type Loaded, LoadError, loadInto } from './load.js';
export {
  openSafetensors,
  readSafetensors,
  type Safetensors,
  type SafetensorsReader,
  writeSafetensors,
} from './safetensors.js';
export type { SafetensorsEntry } from './safetensors-header.js';
export type { StoredArray, StoredArrays, StoredDtype, StoredTypes } from './stored.js';
export { readNpy, writeNpy } from './npy.js';
export { readNpz, writeNpz } from './npz.js';
