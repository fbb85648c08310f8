export { smoothL1, type SmoothL1Options } from './smooth-l1.js';
