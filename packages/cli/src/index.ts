export { fullBackend, type FullBackendOptions } from './backend.js';
export { runClassification, type ClassificationRecipe, type ImageSet } from './classification.js';
export { command, UserError } from './failure.js';
