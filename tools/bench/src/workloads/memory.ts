import type { Workload } from '../workload.js';
import { lenetStep, resnet20Step } from './networks.js';

const networks: Readonly<Record<string, Workload>> = { resnet20: resnet20Step, lenet: lenetStep };

/** Peak resident memory of a new process that trains: five steps. */
export const memory: Workload = {
  id: 'memory',
  title: 'peak memory of training',
  parts: Object.keys(networks),
  special: 'memory',
  task: (part) => networks[part]!.task!(''),
  lemmata: (library, part) => networks[part]!.lemmata!(library, ''),
};
