export { check, judge, LawError, repeat, type TestFunction } from './check.js';
export {
  allLaws,
  keepLaws,
  type KnownFailure,
  type Law,
  type Laws,
  type LeftOut,
  type Mutant,
  type SubjectKind,
} from './law.js';
export { COMPILED, type Execution } from './op/compiled.js';
export { functionOp } from './op/function-op.js';
export { opLaws } from './op/op-laws.js';
export type { WorstErrors } from './meter.js';
export { noise, smallIntegers } from './noise.js';
export { readProfile, type Profile } from './profile.js';
export { runLaw, type LawFailure, type LawReport, type MutantReport } from './run-law.js';
export {
  floats,
  floatsOf,
  ints,
  truths,
  type Bound,
  type CaseInput,
  type InputSpec,
  type InvalidSample,
  type NdArray,
  type OpCase,
  type OpSample,
  type OpSamples,
} from './sample.js';
export {
  distinct,
  exactly,
  integers,
  oneOf,
  powersOfTwo,
  truthValues,
  uniform,
  type Keep,
  type Values,
} from './values.js';
export {
  expectClose,
  expectSame,
  indexOf,
  Violation,
  type Compared,
  type Tolerance,
  type ViolationFacts,
} from './violation.js';
export { searchLaws, searchesOn } from './search/search.js';
export { throughLayer } from './search/through.js';
export type { SearchBackend, SearchCall, SearchSamples } from './search/samples.js';
export { layerLaws, type LayerSample, type LayerSamples } from './layer/layer-laws.js';
export { dropoutLaws, type Dropout, type DropoutSamples } from './families/dropout.js';
export { normalisationLaws, type NormalisationSamples, type Normalise } from './families/normalisation.js';
export { optimiserLaws, type OptimiserLike, type OptimiserSamples } from './families/optimiser.js';
export { softmaxLaws, type Softmax } from './families/softmax.js';
