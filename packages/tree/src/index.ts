export { type Flat, flatten, leaves, paths, type TreeDef, type TreeNode, unflatten } from './flatten.js';
export { type Branded, isLeaf, type Leaf, tensorBrand } from './leaf.js';
export { map, mapWithPath } from './map.js';
export { combine, filter, partition } from './partition.js';
export { get, set } from './path.js';
export { fromRecord, type Refusal, toRecord } from './record.js';
export { sameStructure } from './structure.js';
export { TreeError } from './tree-error.js';
export type { LeafOf, LeavesOf, MapLeaves, Tree } from './types.js';
