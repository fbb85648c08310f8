export { dice, type DiceOptions } from './dice.js';
