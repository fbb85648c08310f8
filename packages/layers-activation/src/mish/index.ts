export { Mish, mish, mishLayer } from './mish.js';
