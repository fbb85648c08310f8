export { mse } from './mse.js';
