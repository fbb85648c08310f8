import type { Layer } from '@lemmata/nn';
import { Eager } from '@lemmata/tensor';
import { libraryOn } from '../peers/lemmata.js';
import type { TrainTask } from '../task.js';
import type { Workload } from '../workload.js';
import { EmptyReference, emptyWasm } from './empty.js';
import { firstStep, lenetTask, models, resnet20Task } from './networks.js';

const parts = ['resnet20', 'lenet'];

function networkOf(part: string): [Layer<any, any>, TrainTask] {
  return part === 'lenet' ? [models.lenet(), lenetTask] : [models.resnet20(), resnet20Task];
}

/** A call of a compiled step without its kernels, for each line of its program. */
export const replay: Workload = {
  id: 'replay',
  title: 'one line of a compiled step with empty kernels',
  parts,
  peers: ['lemmata'],
  async lemmata({ name, threads }, part) {
    const backend = name === 'wasm' ? await emptyWasm(threads) : new EmptyReference();
    const { step, x, y, ...start } = firstStep(libraryOn(new Eager(backend, 1), name), ...networkOf(part));
    let { state } = start;
    [state] = step(state, x, y);
    return {
      call() {
        [state] = step(state, x, y);
      },
      check: () => [],
      units: backend.lines,
    };
  },
};

/** The first call of a step in a new process, less the second. */
export const compileTime: Workload = {
  id: 'compile-time',
  title: 'compiling a training step, in a new process',
  parts,
  peers: ['lemmata'],
  special: 'compile-time',
  lemmata(library, part) {
    const { step, x, y, ...start } = firstStep(library, ...networkOf(part));
    let { state } = start;
    return {
      call() {
        [state] = step(state, x, y);
      },
      check: () => [],
    };
  },
};
