export { l1 } from './l1.js';
