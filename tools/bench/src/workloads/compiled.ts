import type { Layer } from '@lemmata/nn';
import { type BoundOp, Eager, ReferenceBackend, type Sequence } from '@lemmata/tensor';
import { libraryOn } from '../peers/lemmata.js';
import type { TrainTask } from '../task.js';
import type { Workload } from '../workload.js';
import { firstStep, lenetTask, models, resnet20Task } from './networks.js';

/** Kernels that do nothing, each called: what is left is the cost of running a program. */
class EmptyBackend extends ReferenceBackend {
  /** How many ops there are to run. */
  bound = 0;

  override sequence(lines: readonly BoundOp[]): Sequence {
    this.bound = lines.length;
    const steps = lines.map(() => () => {});
    return {
      run() {
        for (const step of steps) step();
      },
      runLine: () => {},
    };
  }
}

const parts = ['resnet20', 'lenet'];

function networkOf(part: string): [Layer<any, any>, TrainTask] {
  return part === 'lenet' ? [models.lenet(), lenetTask] : [models.resnet20(), resnet20Task];
}

/** A call of a compiled step without its kernels, for each of its operations. */
export const replay: Workload = {
  id: 'replay',
  title: 'one operation of a compiled step with empty kernels',
  parts,
  peers: ['lemmata'],
  lemmata(_library, part) {
    const backend = new EmptyBackend();
    const { step, x, y, ...start } = firstStep(libraryOn(new Eager(backend, 1), 'reference'), ...networkOf(part));
    let { state } = start;
    [state] = step(state, x, y);
    return {
      call() {
        [state] = step(state, x, y);
      },
      check: () => [],
      units: backend.bound,
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
