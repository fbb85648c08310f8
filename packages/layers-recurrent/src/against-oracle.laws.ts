import {
  keepLaws,
  floats,
  functionOp,
  type InputSpec,
  ints,
  integers,
  type Laws,
  type NdArray,
  opLaws,
} from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import type { RecurrentOptions } from './network.js';
import { type PlainCell, plainNetwork, type PlainStep } from './oracle.laws.js';
import { cellOf, type CellParams, type NetworkParams, networkShapes, type Structure } from './params.js';

/** A network, whatever its cell: options with the initial states in a list. */
export type Network = (
  x: Tensor,
  params: NetworkParams,
  options?: Omit<RecurrentOptions, 'h0'> & { readonly initial?: readonly Tensor[] | undefined },
) => { readonly output: Tensor; readonly states: readonly Tensor[] };

/** What the laws of a family need. */
export interface Family {
  readonly name: string;
  readonly gates: number;
  readonly network: Network;
  readonly cell: (x: Tensor, states: readonly Tensor[], params: CellParams) => readonly Tensor[];
  readonly oracle: PlainStep;
  /** Sizes of the states: [R], or [R, H] of an LSTM. */
  readonly states: readonly number[];
  readonly hiddenSize: number;
  readonly bias?: boolean;
}

/** Features of the input. */
const I = 2;

/** Values, shapes and compilation. Gradients are compared with those of the cell, and measured by the layer's laws. */
const aboutValues = /^(infers|agrees|float32|compiled)/;

/** The network as an op of x, lengths, initial states and parameters, against a program that goes unit by unit. */
export function againstOracle(family: Family): Laws {
  const { name, network, oracle, states, gates, hiddenSize, bias = true } = family;
  const structureOf = ({ numLayers, directions }: Pick<Structure, 'numLayers' | 'directions'>): Structure => ({
    inputSize: I,
    hiddenSize,
    outputSize: states[0],
    numLayers,
    directions,
    bias,
  });
  type Attrs = Pick<Structure, 'numLayers' | 'directions'>;
  const asOp = functionOp<Attrs>(name, (attrs, x, lengths, ...rest) => {
    const names = Object.keys(networkShapes(gates, structureOf(attrs)));
    const params = Object.fromEntries(names.map((key, i) => [key, rest[states.length + i]])) as NetworkParams;
    const ran = network(x, params, { lengths, initial: rest.slice(0, states.length) });
    return [ran.output, ...ran.states];
  });
  const sample = (attrs: Attrs, batch: number, steps: number) => {
    const shapes = Object.values(networkShapes(gates, structureOf(attrs)));
    const inputs: InputSpec[] = [
      floats([batch, steps, I]),
      ints([batch], integers(1, steps)),
      ...states.map((size) => floats([attrs.numLayers * attrs.directions, batch, size])),
      ...shapes.map((shape) => floats(shape)),
    ];
    return { attrs, inputs };
  };
  const laws = opLaws(asOp, {
    samples: [
      sample({ numLayers: 1, directions: 1 }, 2, 3),
      sample({ numLayers: 2, directions: 2 }, 2, 2),
      sample({ numLayers: 1, directions: 2 }, 1, 1),
    ],
    invalid: [],
    float32Bound: { relative: 1e-4, absolute: 1e-4, reason: 'three products in a row, with weights up to 2' },
    oracle(attrs, x, lengths, ...rest) {
      const names = Object.keys(networkShapes(gates, structureOf(attrs)));
      const params = Object.fromEntries(names.map((key, i) => [key, rest[states.length + i]]));
      const cells = Array.from({ length: attrs.numLayers }, (_, layer) =>
        Array.from(
          { length: attrs.directions },
          (_, direction) => cellOf(params as never, layer, direction === 1) as unknown as PlainCell,
        ),
      );
      const initial = rest.slice(0, states.length);
      const ran = plainNetwork(oracle, cells, x, initial, Array.from(lengths.data));
      const flat = (nested: number[][][], width: number): NdArray => ({
        shape: [nested.length, nested[0].length, width],
        data: nested.flat(2),
      });
      return [flat(ran.output, attrs.directions * states[0]), ...ran.states.map((s, i) => flat(s, states[i]))];
    },
  });
  return keepLaws(laws, aboutValues, 'the ops that it is made of are held to it, and its layer');
}
