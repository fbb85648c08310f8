export {
  type Code,
  type F32,
  type F64,
  type I32,
  type I64,
  type Operand,
  type Statement,
  type V128,
  type Value,
  type ValueType,
} from './code.js';
export { select } from './families.js';
export { FunctionBuilder, type FunctionRef, type Local } from './function.js';
export { ModuleBuilder, type Locals, type MemoryType } from './module.js';
export { atomics, f32, f64, i32, i64, memory } from './scalar.js';
export { f32x4, f64x2, i16x8, i32x4, i8x16, v128 } from './simd.js';
