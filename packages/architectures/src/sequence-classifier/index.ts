export * from './sequence-classifier.js';
