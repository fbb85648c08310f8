import { contiguousStrides } from '@lemmata/shape';
import { input, type DType } from '@lemmata/tensor';
import type { Stage } from '../code.js';
import type { Placed } from '../placed.js';
import { elementwiseProgram, elementwiseStage, type ElementwiseProgram } from './kernel.js';

const programs = new Map<DType, ElementwiseProgram>();

/** The elements of a view, packed, to an address. */
export function copyStage(from: Placed, at: number): Stage {
  const { dtype, shape } = from;
  let program = programs.get(dtype);
  if (program === undefined) programs.set(dtype, (program = elementwiseProgram(input(0), [dtype], dtype, 'copy')));
  return elementwiseStage(program, [from], { dtype, shape, strides: contiguousStrides(shape), at });
}
