import type { NdArray } from '@lemmata/laws';

interface Options {
  readonly reduction?: string;
  readonly ignoreIndex?: number;
  readonly labelSmoothing?: number;
}

/**
 * A loss over classes, sample by sample and class by class. `logs` makes the logarithms of the probabilities of one sample
 * from its row of the input.
 */
export function classOracle(
  logs: (row: readonly number[]) => readonly number[],
): (options: Options, x: NdArray, targets: NdArray, weight?: NdArray) => NdArray {
  return ({ reduction = 'mean', ignoreIndex = -100, labelSmoothing = 0 }, x, targets, weight) => {
    const single = x.shape.length === 1;
    const [batch, classes, ...places] = single ? [1, ...x.shape] : x.shape;
    const inner = places.reduce((a, b) => a * b, 1);
    const soft = targets.shape.length === x.shape.length;
    const w = (c: number): number => (weight ? weight.data[c] : 1);
    const losses: number[] = [];
    let divisor = 0;
    for (let n = 0; n < batch; n++) {
      for (let place = 0; place < inner; place++) {
        const at = (c: number): number => (n * classes + c) * inner + place;
        const row = logs(Array.from({ length: classes }, (_, c) => x.data[at(c)]));
        const target = targets.data[n * inner + place];
        let loss = 0;
        if (soft || target !== ignoreIndex) {
          for (let c = 0; c < classes; c++) {
            const q = soft ? targets.data[at(c)] : c === target ? 1 : 0;
            const share = (1 - labelSmoothing) * q + labelSmoothing / classes;
            // What has no share is not read, be it infinite; no more is its weight.
            if (share !== 0 && w(c) !== 0) loss -= w(c) * share * row[c];
          }
          divisor += soft ? 1 : w(target);
        }
        losses.push(loss);
      }
    }
    if (reduction === 'none') return { shape: single ? [] : [batch, ...places], data: losses };
    const total = losses.reduce((a, b) => a + b, 0);
    return { shape: [], data: [reduction === 'sum' ? total : total / divisor] };
  };
}

/** Logarithms of softmax, shifted by the largest logit. */
export function stableLogSoftmax(row: readonly number[]): number[] {
  const largest = Math.max(...row);
  const total = row.reduce((sum, v) => sum + Math.exp(v - largest), 0);
  return row.map((v) => v - largest - Math.log(total));
}

/** Logarithms of softmax, without any care for overflow. */
export function plainLogSoftmax(row: readonly number[]): number[] {
  const total = row.reduce((sum, v) => sum + Math.exp(v), 0);
  return row.map((v) => v - Math.log(total));
}
