import type { PeerId } from './ids.js';
import type { Measurement } from './measurement.js';
import { allParts } from './workloads/index.js';

/** The measurements of one run, which alone may be compared with each other. */
export class Figures {
  readonly measurements: readonly Measurement[];

  constructor(measurements: readonly Measurement[]) {
    this.measurements = measurements;
  }

  find(workload: string, peer: PeerId, threads: number): Measurement | undefined {
    return this.measurements.find(
      (each) => each.workload === workload && each.peer === peer && each.threads === threads,
    );
  }

  /** What is compared: milliseconds (the median, or the minimum where the workload says so), or bytes. */
  value(workload: string, peer: PeerId, threads: number): number | undefined {
    const found = this.find(workload, peer, threads);
    return found === undefined ? undefined : compared(found);
  }

  /** Ours ÷ theirs. */
  ratio(workload: string, peer: PeerId, threads: number): number | undefined {
    return divide(this.value(workload, 'lemmata', threads), this.value(workload, peer, threads));
  }

  roofShare(workload: string, threads: number): number | undefined {
    const found = this.find(workload, 'lemmata', threads);
    return divide(found?.gflops, found?.roofGflops);
  }
}

export function divide(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

export function compared(measurement: Measurement): number | undefined {
  const by = allParts.find(({ name }) => name === measurement.workload)?.workload.by;
  return measurement.bytes ?? (by === 'min' ? measurement.min : measurement.ms);
}
