export { Huber, huber, type HuberOptions } from './huber.js';
