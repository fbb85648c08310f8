import { sizeOf, type Shape } from '@lemmata/shape';
import { tensorBrand } from '@lemmata/tree';
import { formatTensor } from './format.js';
import type { Interpreter } from './interpreter.js';
import { formatSpec, type DType, type Spec, type TypedArray } from './spec.js';

/** Raised when tensors of two copies of this package can no longer be mixed. */
const BRAND_VERSION = 1;

/**
 * An n-dimensional array, or a stand-in for one while a gradient is taken or a program traced: its interpreter knows
 * which. Immutable. Nobody disposes of tensors: see `run`.
 */
export class Tensor {
  readonly [tensorBrand]: number = BRAND_VERSION;
  readonly spec: Spec;
  /** @internal */
  readonly interpreter: Interpreter;
  /** What the interpreter knows of this tensor; no one else's business. @internal */
  readonly payload: unknown;

  /** @internal Tensors are made by `tensor(…)` and by ops. */
  constructor(spec: Spec, interpreter: Interpreter, payload: unknown) {
    this.spec = spec;
    this.interpreter = interpreter;
    this.payload = payload;
  }

  get shape(): Shape {
    return this.spec.shape;
  }

  get dtype(): DType {
    return this.spec.dtype;
  }

  get rank(): number {
    return this.spec.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.spec.shape);
  }

  /** The elements in row-major order, copied into an array of the caller's own. */
  dataSync(): TypedArray {
    return this.interpreter.read(this);
  }

  /** As {@link dataSync}, for backends that cannot read synchronously. */
  async data(): Promise<TypedArray> {
    return this.interpreter.read(this);
  }

  /** The one element. Throws if there is more than one. Booleans come as 0 or 1. */
  item(): number {
    if (this.size !== 1) {
      throw new Error(
        `item: the tensor has ${this.size} elements (shape [${this.shape.join(', ')}]); only a tensor of one element has an item`,
      );
    }
    return this.dataSync()[0];
  }

  /** The elements as nested arrays (a plain value for a scalar); booleans as true and false. */
  toArray(): NestedArray {
    const data = this.dataSync();
    const bool = this.dtype === 'bool';
    const { shape } = this.spec;
    let next = 0;
    const build = (axis: number): NestedArray => {
      if (axis === shape.length) {
        const value = data[next++];
        return bool ? value !== 0 : value;
      }
      return Array.from({ length: shape[axis] }, () => build(axis + 1));
    };
    return build(0);
  }

  /**
   * What JSON.stringify writes: {@link toArray}, so that `tensor(JSON.parse(text))` has the same elements. JSON has no dtypes, and
   * no NaN and infinities: these become null, which `tensor` refuses. Throws where there is nothing to read, as {@link dataSync} does.
   */
  toJSON(): NestedArray {
    return this.toArray();
  }

  toString(): string {
    return formatTensor(this);
  }

  /**
   * `${x}` and `'x: ' + x` print it. Where a number is needed, as in `a < b`, JavaScript would go on with the text and answer
   * false or NaN, and TypeScript lets two tensors be compared: so it throws. @internal
   */
  [Symbol.toPrimitive](hint: string): string {
    if (hint !== 'number') return formatTensor(this);
    throw new TypeError(
      `a tensor (${formatSpec(this.spec)}) was used as a number; use item() for its one element, or ops such as add, mul, lt and gt`,
    );
  }

  /** How Node's console prints it. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return formatTensor(this);
  }

  /**
   * How a debugger names it: https://github.com/microsoft/vscode-js-debug reads this symbol. One line, for there is no room
   * for more. @internal
   */
  [Symbol.for('debug.description')](): string {
    return formatTensor(this).replaceAll(/\n\s*/g, ' ');
  }
}

export type NestedArray = number | boolean | NestedArray[];

/**
 * True of a tensor, also of another copy of this package.
 *
 * @throws Error if that copy has another format.
 */
export function isTensor(value: unknown): value is Tensor {
  if (value instanceof Tensor) return true;
  if (typeof value !== 'object' || value === null || !(tensorBrand in value)) return false;
  const version = (value as Record<symbol, unknown>)[tensorBrand];
  if (version !== BRAND_VERSION) {
    throw new Error(
      `two incompatible copies of @lemmata/tensor are loaded (tensor format ${String(version)} and ${BRAND_VERSION}); install one version`,
    );
  }
  return true;
}
