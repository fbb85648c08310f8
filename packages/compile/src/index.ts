export { compile, type Compiled, type CompileOptions } from './compile.js';
export { NonFiniteError } from './non-finite.js';
export { formatProgram, verify, type Line, type Program, type Value, type ValueId } from './program.js';
export { mergeCommonSubexpressions } from './passes/common-subexpressions.js';
export { dropDeadCode } from './passes/dead-code.js';
export { fuseElementwise } from './passes/fuse.js';
export { planMemory, type Place, type Plan } from './plan.js';
export { Trace } from './trace.js';
