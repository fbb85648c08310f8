import {
  floats,
  integers,
  ints,
  type Laws,
  type NdArray,
  type OpSample,
  searchLaws,
  throughLayer,
} from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import { bernoulli, foldIn, key, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import type { Network } from './against-oracle.laws.js';
import type { RecurrentLayerOptions } from './layer.js';
import { type PlainCell, plainNetwork, type PlainStep } from './oracle.laws.js';
import { cellOf, type NetworkParams, networkShapes, type Structure } from './params.js';

/** What sets the networks of one cell apart in a search. */
export interface RecurrentSearch {
  readonly gates: number;
  readonly network: Network;
  readonly layer: (options: RecurrentLayerOptions & { readonly projSize?: number | undefined }) => Layer<any, any>;
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
  /** Between the layers; which elements, a key from the seed says. */
  readonly dropout: { readonly p: number; readonly seed: number } | null;
  /** As a layer: batch in front, without lengths and initial states. */
  readonly layer: {
    readonly train: boolean;
    /** It is told the features of its input. */
    readonly told: boolean;
    readonly returnSequences: boolean;
    /** What is as it is by default is left out. */
    readonly brief: boolean;
  } | null;
}

const dropouts: fc.Arbitrary<Search['dropout']> = fc.oneof(
  fc.constant(null),
  fc.record({ p: fc.constantFrom(0.3, 0.8, 0, 1), seed: fc.nat(1e6) }),
);
const layers: fc.Arbitrary<Search['layer']> = fc.option(
  fc.record({ train: fc.boolean(), told: fc.boolean(), returnSequences: fc.boolean(), brief: fc.boolean() }),
  { freq: 2 },
);

/** A search's network as a layer. */
function asLayer(a: Search, make: RecurrentSearch['layer']): Layer<any, any> {
  const { hiddenSize, inputSize, outputSize, numLayers, bias, dropout, directions } = a;
  const { told, returnSequences, brief } = a.layer!;
  const unless = (usual: unknown, options: object): object =>
    brief && Object.values(options)[0] === usual ? {} : options;
  return make({
    hiddenSize,
    ...unless(1, { numLayers }),
    ...unless(true, { bias }),
    ...unless(false, { bidirectional: directions === 2 }),
    ...unless(true, { returnSequences }),
    ...unless(undefined, { dropout: dropout?.p }),
    ...(outputSize === hiddenSize ? {} : { projSize: outputSize }),
    ...(told ? { inputSize } : {}),
  });
}

/** What the dropout of a search, which falls to none in inference, does to what a layer reads. */
function dropping({ dropout, layer, directions, outputSize }: Search, steps: number, batch: number) {
  const width = directions * outputSize;
  if (dropout === null || dropout.p === 0 || layer?.train === false) return undefined;
  const { p, seed } = dropout;
  return (level: number, t: number, n: number, values: readonly number[]): number[] => {
    if (p === 1) return values.map(() => 0);
    const mask = bernoulli(foldIn(key(seed), level), 1 - p, [steps, batch, width]).dataSync();
    return values.map((v, i) => (mask[(t * batch + n) * width + i] ? v / (1 - p) : 0));
  };
}

/** A search over sizes, layers, directions, biases, projections, lengths, initial states, dropout and the order of the axes. */
export function recurrentSearch(name: string, kind: RecurrentSearch): Laws {
  const { gates, network, layer, oracle, carries, projects } = kind;
  const statesOf = ({ hiddenSize, outputSize }: Structure): number[] =>
    carries ? [outputSize, hiddenSize] : [outputSize];
  /** Inputs by their place: x, lengths, initial states, parameters. */
  const apart = <T>(a: Search, inputs: readonly T[]) => {
    const [x, ...rest] = inputs;
    const lengths = a.hasLengths ? rest.shift() : undefined;
    const initial = a.hasStates ? rest.splice(0, statesOf(a).length) : [];
    const names = Object.keys(networkShapes(gates, a));
    return { x, lengths, initial, params: Object.fromEntries(names.map((key, i) => [key, rest[i]!])) };
  };
  return searchLaws<Search>(
    name,
    (a, ...inputs: Tensor[]) => {
      const { x, lengths, initial, params } = apart(a, inputs);
      if (a.layer !== null) return throughLayer(asLayer(a, layer), Object.values(params), x, { train: a.layer.train });
      const { batchFirst } = a;
      const dropout = a.dropout && { p: a.dropout.p, key: key(a.dropout.seed) };
      const options = { batchFirst, lengths, dropout, ...(a.hasStates ? { initial } : {}) };
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
          dropout: dropouts,
          layer: layers,
        })
        .map(({ batch, steps, projected, layer: as, dropout, ...all }): OpSample<Search> => {
          const plain = { single: false, batchFirst: true, hasLengths: false, hasStates: false };
          const drawn = as === null ? all : { ...all, ...plain };
          const { hiddenSize, single, numLayers } = drawn;
          // A layer refuses dropout where nothing lies between, and draws from the key that it is given: that of the search.
          const between = as !== null && numLayers === 1 && dropout !== null ? { ...dropout, p: 0 } : dropout;
          const outputSize = projects && projected && hiddenSize > 1 ? hiddenSize - 1 : hiddenSize;
          const attrs: Search = {
            ...drawn,
            layer: as,
            dropout: as === null ? between : between && { ...between, seed: 2 },
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
      oracle(a, ...inputs: NdArray[]): NdArray | NdArray[] {
        const { x: given, lengths, initial, params } = apart(a, inputs);
        const x = a.single ? { shape: [1, ...given.shape], data: given.data } : a.batchFirst ? given : exchanged(given);
        const [batch, steps] = x.shape;
        const cells = a.numLayers * a.directions;
        const zeros = statesOf(a).map((size) => ({
          shape: [cells, batch, size],
          data: new Array<number>(cells * batch * size).fill(0),
        }));
        const start = a.hasStates ? initial.map((s, i) => ({ shape: zeros[i].shape, data: s.data })) : zeros;
        const of = Array.from({ length: a.numLayers }, (_, layer) =>
          Array.from(
            { length: a.directions },
            (_d, direction) => cellOf(params as never, layer, direction === 1) as unknown as PlainCell,
          ),
        );
        const all = Array.from({ length: batch }, () => steps);
        const each = lengths === undefined ? all : Array.from(lengths.data);
        const ran = plainNetwork(oracle, of, x, start, each, dropping(a, steps, batch));
        if (a.layer?.returnSequences === false) {
          // The states of the last layer after its last step, directions side by side.
          const last = (ran.states[0] ?? []).slice(-a.directions);
          const rows = Array.from({ length: batch }, (_, n) => last.flatMap((states) => states[n]));
          return { shape: [batch, a.directions * a.outputSize], data: rows.flat() };
        }
        const output: NdArray = { shape: [batch, steps, a.directions * a.outputSize], data: ran.output.flat(2) };
        if (a.layer !== null) return output;
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
  const [A, B, C] = [a, b, c];
  const out = Array.from(data, (_, i) => {
    const [k, rest] = [i % C, Math.floor(i / C)];
    return data[((rest % A) * B + Math.floor(rest / A)) * C + k];
  });
  return { shape: [B, A, C], data: out };
}
