export { Hinge, hinge, type HingeOptions } from './hinge.js';
