import type { Workload } from '../workload.js';
import { conv1x28 } from './conv.js';

/** From the start of a process to its first convolution, less the start of a process that does nothing. See ../run/coldstart.ts. */
export const coldstart: Workload = {
  id: 'coldstart',
  title: 'start to first convolution',
  special: 'coldstart',
  task: () => conv1x28.task!('forward'),
};
