export * from './embedding/index.js';
export * from './positions/index.js';
