export { Softsign, softsign, softsignLayer } from './softsign.js';
