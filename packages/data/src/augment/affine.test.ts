import { foldIn, key } from '@lemmata/random';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grey, rows } from '../../test/images.js';
import { holder } from './image.js';
import { affine, type Image, type ImageChange, randomAffine, randomRotation } from './index.js';

const K = key(7);

describe('by hand', () => {
  const three = grey([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]);

  test('a quarter turn, counter-clockwise; a shift; twice as large', () => {
    expect(rows(affine(three, { degrees: 90 }))).toEqual([
      [3, 6, 9],
      [2, 5, 8],
      [1, 4, 7],
    ]);
    expect(rows(affine(three, { translate: [1 / 3, 0] }, { fill: -1 }))).toEqual([
      [-1, 1, 2],
      [-1, 4, 5],
      [-1, 7, 8],
    ]);
    for (const [y, x] of [
      [1, 0],
      [-1, 0],
      [0, -1],
    ] as const) {
      const moved = affine(three, { translate: [x / 3, y / 3] }, { fill: -1 });
      const there = (r: number, c: number): number => rows(three)[r - y]?.[c - x] ?? -1;
      expect(rows(moved)).toEqual([0, 1, 2].map((r) => [0, 1, 2].map((c) => there(r, c))));
    }
    const two = grey([
      [0, 4],
      [8, 12],
    ]);
    // The four middles of the enlarged pixels lie a quarter from the centre.
    expect(rows(affine(two, { scale: 2 }))).toEqual([
      [3, 5],
      [7, 9],
    ]);
  });

  test('shear slides the upper rows to the right', () => {
    const wide = grey([
      [0, 0, 1, 0, 0],
      [0, 0, 1, 0, 0],
      [0, 0, 1, 0, 0],
    ]);
    expect(rows(affine(wide, { shear: 45 }))).toEqual([
      [0, 0, 0, 1, 0],
      [0, 0, 1, 0, 0],
      [0, 1, 0, 0, 0],
    ]);
  });

  test('bytes are rounded and stay bytes', () => {
    const bytes: Image = { data: Uint8Array.of(0, 255, 10, 13), channels: 1, height: 2, width: 2 };
    const { data } = affine(bytes, { scale: 2 });
    expect(data).toBeInstanceOf(Uint8Array);
    expect([...data]).toEqual(
      [0.75 * 0.75 * 0 + 0.1875 * 255 + 0.1875 * 10 + 0.0625 * 13].map(Math.round).concat([...data].slice(1)),
    );
  });
});

test.each<[Image['data'], number, number]>([
  [Uint8Array.of(1), 0, 255],
  [Int8Array.of(1), -128, 127],
  [Uint16Array.of(1), 0, 65_535],
  [Int16Array.of(1), -32_768, 32_767],
  [Uint32Array.of(1), 0, 4_294_967_295],
  [Int32Array.of(1), -2_147_483_648, 2_147_483_647],
  [Float64Array.of(1), -1e12, 1e12],
])('what a computed pixel or a fill may be, of %o', (data, low, high) => {
  expect([holder(data)(-1e12), holder(data)(1e12)]).toEqual([low, high]);
  const away = (fill: number): number =>
    affine({ data, channels: 1, height: 1, width: 1 }, { translate: [2, 0] }, { fill }).data[0]!;
  expect([away(low), away(high)]).toEqual([low, high]);
  if (!(data instanceof Float64Array))
    for (const fill of [low - 1, high + 1, 0.5])
      expect(() => away(fill)).toThrow(`affine: received fill ${fill}; expected`);
});

test('turning by a multiple of a right angle and back loses nothing', () => {
  const square = fc.integer({ min: 1, max: 7 }).chain((n) =>
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: n * n, maxLength: n * n }).map((values) => ({
      data: Uint8Array.from(values),
      channels: 1,
      height: n,
      width: n,
    })),
  );
  fc.assert(
    fc.property(square, fc.integer({ min: -4, max: 4 }), (image, quarters) => {
      expect(affine(affine(image, { degrees: 90 * quarters }), { degrees: -90 * quarters })).toEqual(image);
    }),
  );
});

describe('randomAffine', () => {
  /** Where the pixel in the middle of 9×9, and those beside and below it, come from, by what stands there. */
  const lookedUp = (
    change: ImageChange,
    i: number,
  ): { readonly at: number[]; readonly beside: number[]; readonly below: number[] } => {
    const [across, down] = [(_y: number, x: number) => x, (y: number) => y].map((value) => {
      const data = Float64Array.from({ length: 81 }, (_, k) => value(Math.floor(k / 9) - 4, (k % 9) - 4));
      return change({ data, channels: 1, height: 9, width: 9 }, foldIn(K, i)).data;
    }) as [Image['data'], Image['data']];
    const from = (k: number): number[] => [across[k]!, down[k]!];
    return { at: from(40), beside: from(41), below: from(49) };
  };
  const ranges = (change: ImageChange, measure: (from: ReturnType<typeof lookedUp>) => number): number[] => {
    const values = Array.from({ length: 1500 }, (_, i) => measure(lookedUp(change, i)));
    return [Math.min(...values), values.reduce((a, b) => a + b) / values.length, Math.max(...values)];
  };
  const close = (...values: number[]): unknown[] => values.map((value) => expect.closeTo(value, 1));

  test('shifts by up to a share of width and height', () => {
    const change = randomAffine({ translate: [1 / 3, 2 / 9] });
    expect(ranges(change, ({ at }) => -at[0]!)).toEqual(close(-3, 0, 3));
    expect(ranges(change, ({ at }) => -at[1]!)).toEqual(close(-2, 0, 2));
    const tilt = ({ at }: ReturnType<typeof lookedUp>): number => Math.abs(at[0]! / 3 - at[1]! / 2);
    expect(ranges(change, tilt)[2]).toBeGreaterThan(1);
  });

  test('turns, scales and shears by amounts from their ranges', () => {
    const angle = ({ beside }: ReturnType<typeof lookedUp>): number => (Math.asin(beside[1]!) * 180) / Math.PI / 10;
    expect(ranges(randomAffine({ degrees: 30 }), angle)).toEqual(close(-3, 0, 3));
    expect(ranges(randomRotation([10, 40]), angle)).toEqual(close(1, 2.5, 4));
    const size = ({ beside }: ReturnType<typeof lookedUp>): number => 1 / beside[0]!;
    expect(ranges(randomAffine({ scale: [1, 1.5] }), size)).toEqual(close(1, 1.25, 1.5));
    const slide = ({ below }: ReturnType<typeof lookedUp>): number => below[0]!;
    expect(ranges(randomAffine({ shear: 45 }), slide).map(Math.round)).toEqual([-1, 0, 1]);
  });

  test('without options leaves an image as it is, and NaN where it is', () => {
    const data = Float64Array.of(0, 1, 4, 9, NaN, 25);
    const image = { data, channels: 1, height: 2, width: 3 };
    expect(randomAffine({})(image, K)).toEqual(image);
  });

  test('turned, scaled and sheared at once: the centre of an oblong image stays, and each pixel comes from where M⁻¹ says', () => {
    // On a ramp, interpolation gives back the place that it is asked for.
    const [height, width] = [13, 21];
    const ramp = (f: (y: number, x: number) => number): Image => ({
      data: Float64Array.from({ length: height * width }, (_, k) => f(Math.floor(k / width), k % width)),
      channels: 1,
      height,
      width,
    });
    const motion = { degrees: 20, translate: [0.1, -0.05], scale: 1.3, shear: 15 } as const;
    const [xs, ys] = [ramp((_y, x) => x), ramp((y) => y)].map((image) => affine(image, motion).data) as [
      Image['data'],
      Image['data'],
    ];
    const [turn, slide] = [(20 * Math.PI) / 180, Math.tan((15 * Math.PI) / 180)];
    for (const [y, x] of [
      [6, 10],
      [5, 12],
      [7, 9],
    ] as const) {
      const [u, v] = [xs[y * width + x]! - 10, ys[y * width + x]! - 6];
      // Forward: sheared (those above to the right), turned counter-clockwise, scaled, shifted.
      const s = u - slide * v;
      const [a, b] = [s * Math.cos(turn) + v * Math.sin(turn), -s * Math.sin(turn) + v * Math.cos(turn)];
      expect([1.3 * a + 0.1 * width + 10, 1.3 * b - 0.05 * height + 6]).toEqual([
        expect.closeTo(x, 9),
        expect.closeTo(y, 9),
      ]);
    }
  });
});

test('channels are moved each by itself', () => {
  const planes = [1, 2].map((seed) => Float64Array.from({ length: 20 }, (_, i) => Math.sin(seed + i * i)));
  const image = (data: Float64Array, channels: number): Image => ({ data, channels, height: 4, width: 5 });
  for (const interpolation of ['bilinear', 'nearest'] as const) {
    const moved = (data: Float64Array, channels: number): number[] => [
      ...affine(image(data, channels), { degrees: 20, scale: 1.3 }, { interpolation }).data,
    ];
    const both = Float64Array.from(planes.flatMap((plane) => [...plane]));
    expect(moved(both, 2)).toEqual(planes.flatMap((plane) => moved(plane, 1)));
  }
});

test('between pixels: the nearest one, or what lies between them', () => {
  const column = grey([[0], [10], [20]]);
  const row = grey([[0, 10, 20]]);
  for (const [shift, nearest, between] of [
    [0.25, [0, 10, 20], [0, 7.5, 17.5]],
    [0.5, [0, 10, 20], [0, 5, 15]],
    [0.75, [-1, 0, 10], [0, 2.5, 12.5]],
  ] as const) {
    const near = { interpolation: 'nearest', fill: -1 } as const;
    expect([...affine(row, { translate: [shift / 3, 0] }, near).data]).toEqual(nearest);
    expect([...affine(column, { translate: [0, shift / 3] }, near).data]).toEqual(nearest);
    const exact = between.map((v) => expect.closeTo(v, 6));
    expect([...affine(row, { translate: [shift / 3, 0] }).data]).toEqual(exact);
    expect([...affine(column, { translate: [0, shift / 3] }).data]).toEqual(exact);
  }
});

test('NaN spreads to what lies between pixels alone, after right angles too', () => {
  const image = grey([
    [1, NaN],
    [3, 4],
  ]);
  const three = grey([
    [1, NaN, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]);
  // After many turns the sine of a right angle is further off.
  expect(rows(affine(three, { degrees: 36_090 }))).toEqual([
    [3, 6, 9],
    [NaN, 5, 8],
    [1, 4, 7],
  ]);
  expect(rows(affine(image, { translate: [0, 0.25] }))).toEqual([
    [0.5, NaN],
    [2, NaN],
  ]);
});

test('a motion that is none is refused', () => {
  const image: Image = { data: Uint8Array.of(1), channels: 1, height: 1, width: 1 };
  for (const [motion, received] of [
    [{ scale: 0 }, 'scale = 0; expected a positive, finite number'],
    [{ scale: -1 }, 'scale = -1; expected a positive'],
    [{ degrees: NaN }, 'degrees = NaN; expected a finite number'],
    [{ shear: Infinity }, 'shear = Infinity'],
    [{ translate: [0, NaN] }, 'translate[1] = NaN'],
    [{ translate: [0] as never }, 'translate = [0]; expected a list of 2 numbers'],
  ] as const)
    expect(() => affine(image, motion)).toThrow(`affine: received ${received}`);
});

test('ranges and ways to sample are refused by the name of the option', () => {
  const refused: [Parameters<typeof randomAffine>[0], string][] = [
    [{ degrees: -1 }, 'degrees = -1'],
    [{ scale: [2, 1] }, 'scale = [2, 1]'],
    [{ shear: NaN }, 'shear = NaN'],
    [{ translate: [0, -0.1] }, 'translate = -0.1'],
    [{ translate: 0.1 as never }, 'translate = 0.1'],
    [{ interpolation: 'cubic' as never }, "interpolation 'cubic'"],
  ];
  for (const [options, received] of refused)
    expect(() => randomAffine(options)).toThrow(`randomAffine: received ${received}; expected`);
});

test('scale is of two numbers, and shifts of one to each side', () => {
  expect(() => randomAffine({ scale: 2 } as never)).toThrow(
    'randomAffine: received scale = 2; expected a list of 2 numbers',
  );
  for (const translate of [
    [[0, 1], 0],
    [-1, 0],
    [0, Infinity],
  ])
    expect(() => randomAffine({ translate } as never)).toThrow(
      /randomAffine: received translate = .*; expected two numbers of at least 0/,
    );
});
