export * from './mobilenet-v2.js';
