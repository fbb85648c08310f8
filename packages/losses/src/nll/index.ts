export { nll, type NllOptions } from './nll.js';
