export { CATALOGUE } from './catalogue.js';
