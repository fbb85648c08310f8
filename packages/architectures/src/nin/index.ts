export * from './nin.js';
