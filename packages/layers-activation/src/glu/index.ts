export { glu, gluLayer, type GluOptions } from './glu.js';
