export { CATALOGUE, FAMILIES } from './catalogue.js';
