export { LENET5, lenet5, type Lenet5Options } from './lenet5.js';
