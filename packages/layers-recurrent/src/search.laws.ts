import { floats, integers, ints, type Laws, type NdArray, type OpSample, searchLaws } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import type { Network } from './against-oracle.laws.js';
import { type PlainCell, plainNetwork, type PlainStep } from './oracle.laws.js';
import { cellOf, type NetworkParams, networkShapes, type Structure } from './params.js';

/** What sets the networks of one cell apart in a search. */
export interface RecurrentSearch {
  readonly gates: number;
  readonly network: Network;
  readonly oracle: PlainStep;
  /** The cell carries a second state, of the hidden size. */
  readonly carries?: true;
  /** The output may be projected to fewer features. */
  readonly projects?: true;
  /** Why differences may meet kinks. */
  readonly kinks?: string;
}

interface Search extends Structure {
  readonly batchFirst: boolean;
  readonly single: boolean;
  readonly hasLengths: boolean;
  readonly hasStates: boolean;
}

/** A search over sizes, layers, directions, biases, projections, lengths, initial states and the order of the axes. */
export function recurrentSearch(name: string, kind: RecurrentSearch): Laws {
  const { gates, network, oracle, carries, projects } = kind;
  const statesOf = ({ hiddenSize, outputSize }: Structure): number[] =>
    carries ? [outputSize, hiddenSize] : [outputSize];
  /** Inputs by their place: x, lengths, initial states, parameters. */
  const apart = <T>(a: Search, inputs: readonly T[]) => {
    const [x, ...rest] = inputs as [T, ...T[]];
    const lengths = a.hasLengths ? rest.shift() : undefined;
    const initial = a.hasStates ? rest.splice(0, statesOf(a).length) : [];
    const names = Object.keys(networkShapes(gates, a));
    return { x, lengths, initial, params: Object.fromEntries(names.map((key, i) => [key, rest[i]!])) };
  };
  return searchLaws<Search>(
    name,
    (a, ...inputs: Tensor[]) => {
      const { x, lengths, initial, params } = apart(a, inputs);
      const { batchFirst } = a;
      const options = { batchFirst, lengths, ...(a.hasStates ? { initial } : {}) };
      const { output, states } = network(x, params as NetworkParams, options);
      return [output, ...states];
    },
    {
      samples: fc
        .record({
          batch: fc.constantFrom(1, 2, 1, 3, 0),
          steps: fc.integer({ min: 1, max: 3 }),
          inputSize: fc.integer({ min: 1, max: 3 }),
          hiddenSize: fc.integer({ min: 1, max: 3 }),
          projected: fc.boolean(),
          numLayers: fc.integer({ min: 1, max: 2 }),
          directions: fc.constantFrom<(1 | 2)[]>(1, 2),
          bias: fc.boolean(),
          batchFirst: fc.boolean(),
          single: fc.constantFrom(false, false, true),
          hasLengths: fc.boolean(),
          hasStates: fc.boolean(),
        })
        .map(({ batch, steps, projected, ...drawn }): OpSample<Search> => {
          const { hiddenSize, single } = drawn;
          const outputSize = projects && projected && hiddenSize > 1 ? hiddenSize - 1 : hiddenSize;
          const attrs: Search = {
            ...drawn,
            outputSize,
            // One sequence has no batch whose place could be chosen.
            batchFirst: single || drawn.batchFirst,
            hasLengths: drawn.hasLengths && !single,
          };
          const x = single
            ? [steps, attrs.inputSize]
            : attrs.batchFirst
              ? [batch, steps, attrs.inputSize]
              : [steps, batch, attrs.inputSize];
          const cells = attrs.numLayers * attrs.directions;
          const states = statesOf(attrs).map((size) => floats(single ? [cells, size] : [cells, batch, size]));
          return {
            attrs,
            inputs: [
              floats(x),
              ...(attrs.hasLengths ? [ints([batch], integers(1, steps))] : []),
              ...(attrs.hasStates ? states : []),
              ...Object.values(networkShapes(gates, attrs)).map((shape) => floats(shape)),
            ],
          };
        }),
      ...(kind.kinks === undefined ? {} : { kinks: kind.kinks }),
      float32Bound: { relative: 1e-4, absolute: 1e-4, reason: 'three products in a row, with weights up to 2' },
      oracle(a, ...inputs: NdArray[]) {
        const { x: given, lengths, initial, params } = apart(a, inputs);
        const x = a.single ? { shape: [1, ...given.shape], data: given.data } : a.batchFirst ? given : exchanged(given);
        const [batch, steps] = x.shape as [number, number];
        const cells = a.numLayers * a.directions;
        const zeros = statesOf(a).map((size) => ({
          shape: [cells, batch, size],
          data: new Array<number>(cells * batch * size).fill(0),
        }));
        const start = a.hasStates ? initial.map((s, i) => ({ shape: zeros[i]!.shape, data: s.data })) : zeros;
        const of = Array.from({ length: a.numLayers }, (_, layer) =>
          Array.from(
            { length: a.directions },
            (_d, direction) => cellOf(params as never, layer, direction === 1) as unknown as PlainCell,
          ),
        );
        const all = Array.from({ length: batch }, () => steps);
        const ran = plainNetwork(oracle, of, x, start, lengths === undefined ? all : Array.from(lengths.data));
        const output: NdArray = { shape: [batch, steps, a.directions * a.outputSize], data: ran.output.flat(2) };
        const ends = zeros.map(({ shape }, i): NdArray => ({ shape, data: (ran.states[i] ?? []).flat(2) }));
        if (a.single)
          return [output, ...ends].map(({ shape, data }, k) => ({ shape: shape.toSpliced(k === 0 ? 0 : 1, 1), data }));
        return [a.batchFirst ? output : exchanged(output), ...ends];
      },
    },
  );
}

/** The first two of three axes exchanged. */
function exchanged({ shape: [a, b, c], data }: NdArray): NdArray {
  const [A, B, C] = [a!, b!, c!];
  const out = Array.from(data, (_, i) => {
    const [k, rest] = [i % C, Math.floor(i / C)];
    return data[((rest % A) * B + Math.floor(rest / A)) * C + k]!;
  });
  return { shape: [B, A, C], data: out };
}
