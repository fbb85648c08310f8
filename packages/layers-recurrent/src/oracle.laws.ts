import type { NdArray } from '@lemmata/laws';
import type { CellParams } from './params.js';

type Vector = readonly number[];

/** A cell's parameters as plain arrays. */
export type PlainCell = { readonly [name in keyof CellParams]: NdArray };

/** The next states from one input vector and the states before, unit by unit. */
export type PlainStep = (x: Vector, states: readonly Vector[], params: PlainCell) => number[][];

const sigma = (x: number): number => 1 / (1 + Math.exp(-x));

/** Element `row` of W v + b. */
function affine(weight: NdArray, bias: NdArray | undefined, v: Vector, row: number): number {
  return v.reduce((sum, value, i) => sum + weight.data[row * v.length + i] * value, bias?.data[row] ?? 0);
}

const units = (count: number, f: (unit: number) => number): number[] => Array.from({ length: count }, (_, u) => f(u));

export const rnnStep =
  (nonlinearity: 'tanh' | 'relu'): PlainStep =>
  (x, [h], p) => [
    units(h.length, (u) => {
      const sum = affine(p.weight_ih, p.bias_ih, x, u) + affine(p.weight_hh, p.bias_hh, h, u);
      return nonlinearity === 'tanh' ? Math.tanh(sum) : Math.max(0, sum);
    }),
  ];

export const lstmStep: PlainStep = (x, [h, c], p) => {
  const H = c.length;
  const gate = (number: number, u: number): number =>
    affine(p.weight_ih, p.bias_ih, x, number * H + u) + affine(p.weight_hh, p.bias_hh, h, number * H + u);
  const next = units(H, (u) => sigma(gate(1, u)) * c[u] + sigma(gate(0, u)) * Math.tanh(gate(2, u)));
  const output = units(H, (u) => sigma(gate(3, u)) * Math.tanh(next[u]));
  const projection = p.weight_hr;
  return [projection === undefined ? output : units(h.length, (r) => affine(projection, undefined, output, r)), next];
};

export const gruStep =
  (resetAfter: boolean): PlainStep =>
  (x, [h], p) => {
    const H = h.length;
    const input = (gate: number, u: number): number => affine(p.weight_ih, p.bias_ih, x, gate * H + u);
    const hidden = (gate: number, v: Vector, u: number): number => affine(p.weight_hh, p.bias_hh, v, gate * H + u);
    const r = units(H, (u) => sigma(input(0, u) + hidden(0, h, u)));
    const reset = h.map((value, u) => r[u] * value);
    return [
      units(H, (u) => {
        const z = sigma(input(1, u) + hidden(1, h, u));
        const n = Math.tanh(input(2, u) + (resetAfter ? r[u] * hidden(2, h, u) : hidden(2, reset, u)));
        return (1 - z) * n + z * h[u];
      }),
    ];
  };

/**
 * A network over [N, T, I], sequence by sequence: each is cut to its length, and turned around for the reverse direction.
 * `states` are [numLayers · directions, N, ·]. `between` maps what a layer, from the second on, reads at step t of sequence n.
 */
export function plainNetwork(
  step: PlainStep,
  cells: readonly (readonly PlainCell[])[],
  x: NdArray,
  initial: readonly NdArray[],
  lengths: readonly number[],
  between: (layer: number, t: number, n: number, values: Vector) => Vector = (_layer, _t, _n, values) => values,
): { readonly output: number[][][]; readonly states: number[][][][] } {
  const [N, T, I] = x.shape;
  const states: number[][][][] = initial.map(() => []);
  const output = Array.from({ length: N }, (_, n) => {
    let sequence: Vector[] = units(lengths[n], (t) => t).map((t) => units(I, (i) => x.data[(n * T + t) * I + i]));
    cells.flat().forEach((_, k) => states.forEach((s) => (s[k] ??= [])));
    let k = 0;
    for (const [layer, directions] of cells.entries()) {
      if (layer > 0) sequence = sequence.map((values, t) => between(layer, t, n, values));
      const made = directions.map((params, direction) => {
        let now = initial.map((s) => {
          const width = s.shape[2];
          return units(width, (u) => s.data[(k * N + n) * width + u]);
        });
        const walk = direction === 0 ? sequence : sequence.toReversed();
        const outputs = walk.map((v) => (now = step(v, now, params))[0]);
        now.forEach((s, i) => (states[i][k][n] = s));
        k++;
        return direction === 0 ? outputs : outputs.reverse();
      });
      sequence = sequence.map((_, t) => made.flatMap((outputs) => outputs[t]));
    }
    const width = sequence[0].length;
    return units(T, (t) => t).map((t) => [...(sequence[t] ?? new Array<number>(width).fill(0))]);
  });
  return { output, states };
}
