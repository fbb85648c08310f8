export { Hardtanh, hardtanh, hardtanhLayer, type HardtanhOptions } from './hardtanh.js';
