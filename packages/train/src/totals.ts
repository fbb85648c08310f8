import { cast, sum, type Tensor } from '@lemmata/tensor';
import type { Metric } from './metrics/index.js';

/** What a program reports of a batch: its mean loss, and the sum of each metric. */
export interface Sums {
  readonly loss: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
}

export interface Means {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** The sum over a batch of each metric, which gives one value a sample. */
export function sumsOf(
  metrics: Readonly<Record<string, Metric>>,
  output: Tensor,
  target: Tensor,
): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, total(metric(output, target))]));
}

/** The sum of the values of a batch's samples. */
export function total(values: Tensor): Tensor {
  return sum(cast(values, 'float32'));
}

/** Means over samples: a last, smaller batch counts by its size. */
export class Totals {
  size = 0;
  private loss = 0;
  private readonly sums: Record<string, number> = {};

  /** Adds a batch and returns its own means. */
  add(sums: Sums, size: number): Means {
    const loss = sums.loss.item();
    this.size += size;
    this.loss += loss * size;
    const metrics: Record<string, number> = {};
    for (const [name, value] of Object.entries(sums.metrics)) {
      const sumOfBatch = value.item();
      this.sums[name] = (this.sums[name] ?? 0) + sumOfBatch;
      metrics[name] = sumOfBatch / size;
    }
    return { loss, metrics };
  }

  means(): Means {
    const metrics = Object.fromEntries(Object.entries(this.sums).map(([name, value]) => [name, value / this.size]));
    return { loss: this.loss / this.size, metrics };
  }
}
