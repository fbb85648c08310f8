export * from './character-model.js';
