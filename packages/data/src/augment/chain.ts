import type { Columns } from '../columns.js';
import type { Transform } from '../transform.js';

/** Transforms one after the other. */
export function chain<A extends Columns, B extends Columns, C extends Columns>(
  first: Transform<A, B>,
  second: Transform<B, C>,
): Transform<A, C>;
export function chain<A extends Columns, B extends Columns, C extends Columns, D extends Columns>(
  first: Transform<A, B>,
  second: Transform<B, C>,
  third: Transform<C, D>,
): Transform<A, D>;
export function chain(...transforms: Transform<any, any>[]): Transform<any, any> {
  return (batch, place) => transforms.reduce((result, transform) => transform(result, place), batch);
}
