import { formatValue, OptionError } from '@lemmata/shape';
import { add, cast, div, full, lerp, stopGradient, type Tensor } from '@lemmata/tensor';

export interface RunningOptions {
  /**
   * The weight of the new batch in the running statistics, default 0.1; null: all batches count alike. Any finite number, though
   * only from 0 to 1 are they means. What Keras calls momentum is 1 minus this.
   */
  readonly momentum?: number | null;
  /** Keep statistics for inference; without them inference takes those of its own input. */
  readonly trackRunningStats?: boolean;
}

/** How many batches there were; only with `momentum: null`. */
export interface BatchCount {
  readonly num_batches_tracked?: Tensor;
}

export function momentumReasons(momentum: number | null): string[] {
  if (momentum === null || Number.isFinite(momentum)) return [];
  return [`momentum must be a finite number, or null, received ${formatValue(momentum)}`];
}

export function startCount(momentum: number | null): BatchCount {
  return momentum === null ? { num_batches_tracked: full([], 0, 'int32') } : {};
}

/** Running statistics after a batch: running + momentum · (batch − running), through which no gradient passes. */
export function advance<K extends string>(
  op: string,
  running: Readonly<Record<K, Tensor>>,
  batch: Readonly<Record<K, Tensor>>,
  momentum: number | null,
  { num_batches_tracked: before }: BatchCount,
): Record<K, Tensor> & BatchCount {
  if (momentum === null && before === undefined) {
    throw new OptionError(op, ['momentum null needs num_batches_tracked in the state; init makes it']);
  }
  const count = momentum === null ? add(before!, 1) : null;
  const next = {} as Record<K, Tensor>;
  for (const name of Object.keys(running) as K[]) {
    const { [name]: from } = running;
    const share = count === null ? momentum! : div(1, cast(count, from.dtype));
    next[name] = lerp(from, cast(stopGradient(batch[name]), from.dtype), share);
  }
  return count === null ? next : { ...next, num_batches_tracked: count };
}
