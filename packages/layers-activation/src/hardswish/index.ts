export { Hardswish, hardswish, hardswishLayer } from './hardswish.js';
