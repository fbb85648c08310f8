export { allCases, edgeCases, type EdgeCase } from './cases.js';
export { findPlaces, type Place } from './find.js';
export { codesIn } from './names.js';
export { runEdgeCases, type CaseResult, type CaseTest } from './run.js';
export { caseTables } from './table.js';
