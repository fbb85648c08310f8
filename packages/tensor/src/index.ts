export { Abstract } from './abstract.js';
export { partsOf, type Backend, type Block, type BoundOp, type Kept, type Sequence, type Storage } from './backend.js';
export { type Kernel } from './kernel.js';
export * from './create.js';
export { Eager, eagerValue, isEager, viewOf, type EagerValue } from './eager.js';
export { SCALAR_FUNCTIONS, type ScalarFn, type ScalarFnName } from './elementwise/functions.js';
export { elementwise, scalarOp, type ElementwiseRule } from './elementwise/op.js';
export { SignatureCache } from './elementwise/signature.js';
export { scalarValues, type ScalarValue, type ScalarValues } from './elementwise/values.js';
export { exprDType, exprTypes, operandType, type ExprTypes } from './elementwise/types.js';
export { applyElementwise, broadcastTogether, unify, type Operands } from './elementwise/broadcast.js';
export { ScalarProgram, scalarProgram } from './elementwise/program.js';
export {
  argsOf,
  call,
  castTo,
  constant,
  input,
  nodesOf,
  rewrite,
  substitute,
  type ScalarArg,
  type ScalarExpr,
} from './expr.js';
export { apply, highest, nextLevel, type Interpreter } from './interpreter.js';
export {
  collapse,
  isContiguous,
  isUniform,
  pack,
  packedLayout,
  packedView,
  packInto,
  type Layout,
  type View,
} from './layout.js';
export { attrsKey, NO_ATTRS, type Epilogue, type OpDef, type Prologue, type SideBySide } from './op.js';
export * from './ops/index.js';
export { again, recompute } from './recompute.js';
export { EAGER_REFERENCE, prepare, REFERENCE, ReferenceBackend } from './reference/backend.js';
export { inScope, recording, run, tensorsIn, type Synchronous } from './scope.js';
export {
  arrayOver,
  BYTES_PER_ELEMENT,
  createArray,
  formatSpec,
  isFloat,
  promote,
  sameSpec,
  type DType,
  type Spec,
  type TypedArray,
} from './spec.js';
export { isTensor, Tensor, type NestedArray } from './tensor.js';
