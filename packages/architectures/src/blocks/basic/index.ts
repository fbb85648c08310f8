export { basicBlock } from './basic.js';
