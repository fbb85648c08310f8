import { type Target } from '@lemmata/backend-wasm';
import { f32x4, type FunctionBuilder, type Local, type V128 } from '@lemmata/backend-wasm/assembler';

/*
 * Winograd's (Toom–Cook) factorisation of the trilinear form of a convolution with 3 taps and m outputs. In one dimension
 *
 *   Σ over j < m, k < 3 of x[j + k] · w[k] · y[j] = Σ over m + 2 points of (Bᵀ x) · (G w) · (A y)
 *
 * and in two dimensions with each of the matrices applied along both axes. Each slot left open is the product of the other two at the
 * points, taken back by the transpose of its own matrix: y = Aᵀ[(G w) · (Bᵀ x)], w = Gᵀ[(Bᵀ x) · (A y)].
 *
 * Row p of A holds the powers of p; row p of G those powers divided by N(p) = Π (p − q) over the other finite points q; row p of Bᵀ
 * the coefficients of Π (z − q) over these, and the row of ∞ those of Π (z − q) over all finite points. Points come as 0, pairs ±p, ∞:
 * both rows of a pair are an even part plus or minus an odd one.
 *
 * Sources: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015, arXiv:1509.09308; Barabasz, Anderson, Soodhalter
 * and Gregg, Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks, 2020, arXiv:1803.10986.
 */

/** Outputs along each axis of a tile. */
export type Tile = 2 | 4;

/**
 * The p of the pairs ±p. For F(4×4, 3×3), 5/8 and 3/2 keep errors at half of those of the usual 1 and 2; all entries of A and B stay
 * exact in float32.
 */
const PAIRS: Readonly<Record<Tile, readonly number[]>> = { 2: [1], 4: [5 / 8, 3 / 2] };

/** The one-dimensional transforms of a tile, on vectors of four lanes. */
export class Transforms {
  private readonly f: FunctionBuilder;
  private readonly madd: Target['madd'];
  private readonly pairs: readonly number[];

  constructor(f: FunctionBuilder, target: Target, tile: Tile) {
    this.f = f;
    this.madd = target.madd;
    this.pairs = PAIRS[tile];
  }

  /** Bᵀ x, of m + 2 elements. */
  input(x: readonly V128[]): Local<'v128'>[] {
    const every = (first: number): V128[] => x.filter((_, i) => i % 2 === first);
    const all = monic(this.pairs);
    const pairs = this.pairs.flatMap((p) => {
      const others = monic(this.pairs.filter((q) => q !== p));
      const even = this.f.let(this.sum(others, every(0).slice(1)));
      const odd = this.f.let(this.sum(others, every(1)));
      return this.both(p, even, odd);
    });
    return [this.sum(all, every(0)), ...pairs, this.sum(all, every(1))].map((v) => this.f.let(v));
  }

  /** G w, of 3 elements. */
  weight(w: readonly V128[]): Local<'v128'>[] {
    const pairs = this.pairs.flatMap((p) => {
      const n = this.scale(p);
      const even = this.f.let(this.sum([1 / n, (p * p) / n], [w[0], w[2]]));
      return this.both(p / n, even, w[1]);
    });
    return [this.sum([1 / this.scale(0)], [w[0]]), ...pairs, w[2]].map((v) => this.f.let(v));
  }

  /** A y, of m elements. */
  output(y: readonly V128[]): Local<'v128'>[] {
    const pairs = this.pairs.flatMap((p) => {
      const powers = this.pairs.map((_, i) => p ** (2 * i));
      const part = (first: number): Local<'v128'> =>
        this.f.let(
          this.sum(
            powers,
            y.filter((_, i) => i % 2 === first),
          ),
        );
      return this.both(p, part(0), part(1));
    });
    return [y[0], ...pairs, y[y.length - 1]].map((v) => this.f.let(v));
  }

  /** Aᵀ of m + 2 products: m outputs. */
  outputBack(products: readonly V128[]): Local<'v128'>[] {
    return this.back(
      products,
      products.length - 2,
      this.pairs.map(() => 1),
      1,
    );
  }

  /** Gᵀ of m + 2 products: 3 weights. */
  weightBack(products: readonly V128[]): Local<'v128'>[] {
    return this.back(
      products,
      3,
      this.pairs.map((p) => 1 / this.scale(p)),
      1 / this.scale(0),
    );
  }

  /** Sums of powers of the points times products: `count` of them. */
  private back(
    products: readonly V128[],
    count: number,
    pairScales: readonly number[],
    zeroScale: number,
  ): Local<'v128'>[] {
    const sides = this.pairs.map((_, i) => [products[1 + 2 * i], products[2 + 2 * i]] as const);
    const even = sides.map(([plus, minus]) => this.f.let(f32x4.add(plus, minus)));
    const odd = sides.map(([plus, minus]) => this.f.let(f32x4.sub(plus, minus)));
    return Array.from({ length: count }, (_, power) => {
      const coefficients = this.pairs.map((p, i) => p ** power * pairScales[i]);
      const values: V128[] = power % 2 === 0 ? [...even] : [...odd];
      if (power === 0) {
        coefficients.push(zeroScale);
        values.push(products[0]);
      }
      if (power === count - 1) {
        coefficients.push(1);
        values.push(products[products.length - 1]);
      }
      return this.f.let(this.sum(coefficients, values));
    });
  }

  /** N(p). */
  private scale(point: number): number {
    const finite = [0, ...this.pairs, ...this.pairs.map((p) => -p)];
    return finite.reduce((product, q) => (q === point ? product : product * (point - q)), 1);
  }

  /** even ± p · odd. */
  private both(p: number, even: V128, odd: V128): [V128, V128] {
    if (p === 1) return [f32x4.add(even, odd), f32x4.sub(even, odd)];
    return [this.madd(this.constant(p), odd, even), this.madd(this.constant(-p), odd, even)];
  }

  /** Σ coefficient · value, begun with a value that is taken as it is, if there is one. */
  private sum(coefficients: readonly number[], values: readonly V128[]): V128 {
    const terms = coefficients
      .map((c, i) => [c, values[i]] as const)
      .sort(([a], [b]) => Number(b === 1) - Number(a === 1));
    return terms.slice(1).reduce(
      (sum: V128, [c, v]) => {
        if (c === 1) return f32x4.add(sum, v);
        if (c === -1) return f32x4.sub(sum, v);
        return this.madd(this.constant(c), v, sum);
      },
      this.product(...terms[0]),
    );
  }

  private product(c: number, v: V128): V128 {
    if (c === 1) return v;
    return c === -1 ? f32x4.neg(v) : f32x4.mul(this.constant(c), v);
  }

  private constant(c: number): V128 {
    return this.f.hoist(f32x4.splat(c));
  }
}

/** Coefficients of Π (z² − p²) in powers of z², the lowest first. */
function monic(pairs: readonly number[]): number[] {
  return pairs.reduce(
    (product: number[], p) =>
      [...product, 0].map((c, i) => (i > 0 ? product[i - 1] : 0) - p * p * (i < product.length ? c : 0)),
    [1],
  );
}
