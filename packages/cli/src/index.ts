export { fullBackend, type FullBackendOptions } from './backend.js';
export { classification, type ClassificationRecipe, type NamedNetwork } from './classification/classification.js';
export { bordered } from './classification/border.js';
export { testImages, type Judgement } from './classification/report.js';
export {
  imageFolder,
  imageSet,
  plainImages,
  type ImageShape,
  type PlainImages,
  type Provenance,
} from './classification/folder.js';
export { DIGITS, judge, pixelsOf, softmaxOf, type ImageSet, type Judged } from './classification/images.js';
export { command, UserError } from './failure.js';
export { profile } from './profile.js';
export { duration } from './progress.js';
export { type HistoryEntry } from './recipe/history.js';
export { type Asked, type Job, type Outcome, type Recipe, type Settings, type Training } from './recipe/recipe.js';
export { runRecipe } from './recipe/run-recipe.js';
export { curves, filtersSection, layersSection, learningSection, type CurvesOptions } from './recipe/sections.js';
export { eachOf, sideBySide, whileFinite, type Held, type Learner } from './recipe/side-by-side.js';
export { limited, objectiveJob } from './recipe/supervised.js';
