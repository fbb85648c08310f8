import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { all, parse } from '../test/markup.js';
import { decodePng } from '../test/png.js';
import { ansiImage } from './ansi-image.js';
import { imageGrid } from './image-grid.js';
import { base64, pngDataUri } from './png.js';

const pictures = (html: string): ReturnType<typeof decodePng>[] =>
  all(parse(html), 'img').map((i) => decodePng(i.attributes.src));

test('PNG round trip through a decoder written apart', () => {
  const size = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(
      size,
      size,
      fc.constantFrom(1, 3),
      fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
      (h, w, channels, stream) => {
        const pixels = Uint8Array.from({ length: h * w * channels }, () => stream.next().value as number);
        expect(decodePng(pngDataUri(pixels, h, w))).toEqual({ width: w, height: h, channels, pixels: [...pixels] });
      },
    ),
    { numRuns: 50 },
  );
});

test('PNG sizes that do not fit throw', () => {
  expect(() => pngDataUri(new Uint8Array(5), 2, 2)).toThrow('pngDataUri: pixels has length 5, expected 12');
  expect(() => pngDataUri(new Uint8Array(0), 0, 2)).toThrow('pngDataUri: height is 0, expected an integer ≥ 1');
  expect(() => pngDataUri(new Uint8Array(0), 2, 0)).toThrow('pngDataUri: width is 0, expected an integer ≥ 1');
});

test('base64 equals that of Node for every remainder', () => {
  const equal = fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
    expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
  });
  fc.assert(equal);
});

test('grey: least is black, greatest is white, over all images or each', () => {
  const images = [0, 1, 2, 4];
  expect(pictures(imageGrid({ images, shape: [2, 1, 1, 2] })).map((p) => p.pixels)).toEqual([
    [0, 64],
    [128, 255],
  ]);
  expect(pictures(imageGrid({ images, shape: [2, 1, 1, 2], normalise: 'each' })).map((p) => p.pixels)).toEqual([
    [0, 255],
    [0, 255],
  ]);
});

test('one list an image equals one list of all', () => {
  const flat = Float32Array.from({ length: 12 }, (_, i) => i);
  const list = [flat.subarray(0, 6), flat.subarray(6)];
  expect(imageGrid({ images: list, shape: [2, 1, 2, 3] })).toBe(imageGrid({ images: flat, shape: [2, 1, 2, 3] }));
});

test('RGB planes become pixels', () => {
  const [p] = pictures(imageGrid({ images: [1, 0, 0, 1, 0, 0], shape: [1, 3, 1, 2], normalise: [0, 1] }));
  expect(p).toMatchObject({ channels: 3, width: 2, height: 1, pixels: [255, 0, 0, 0, 255, 0] });
});

test('diverging: zero is white, signs are blue and red, the range symmetric', () => {
  const html = imageGrid({ images: [-1, 0, 2], shape: [1, 1, 1, 3], diverging: true });
  const pixels = pictures(html)[0]?.pixels;
  expect(pixels.slice(3, 6)).toEqual([247, 247, 247]);
  expect(pixels.slice(6)).toEqual([103, 0, 31]);
  expect(pixels[2]).toBeGreaterThan(pixels[0]);
  expect(parse(html).text).toContain('−2  2');
});

test('a constant image is mid grey', () => {
  expect(pictures(imageGrid({ images: [7, 7], shape: [1, 1, 1, 2] }))[0]?.pixels).toEqual([128, 128]);
});

test('diverging takes a range about 0', () => {
  const grid = { images: [-2, 0.5, 2], shape: [1, 1, 1, 3], diverging: true } as const;
  expect(imageGrid({ ...grid, normalise: [-2, 2] })).toBe(imageGrid(grid));
});

test('images on scales of their own have no common bar', () => {
  const grid = { images: [-1, 1, -2, 4], shape: [2, 1, 1, 2], normalise: 'each' } as const;
  expect(parse(imageGrid(grid)).text).toBe('each image on its own scale');
  expect(parse(imageGrid({ ...grid, diverging: true })).text).toBe('each image on its own scale, white is 0');
});

test('a colour whose green and blue agree is no grey', () => {
  const html = imageGrid({ images: [1, 0, 0], shape: [1, 3, 1, 1], normalise: [0, 1] });
  expect(pictures(html)[0]).toMatchObject({ channels: 3, pixels: [255, 0, 0] });
});

test('an image without a finite value takes no part in the scale of all, and is not grey on its own', () => {
  const text = (images: number[], normalise: 'each' | 'all'): string =>
    parse(imageGrid({ images, shape: [images.length, 1, 1, 1], normalise })).text;
  expect(text([NaN, 5, 7], 'all')).toBe('5  7 · magenta: 1 NaN');
  expect(text([NaN], 'all')).toBe('0  1 · magenta: 1 NaN');
  expect(text([NaN, 5, 7], 'each')).toBe(
    'each image on its own scale · 2 grey all over: of one value · magenta: 1 NaN',
  );
});

test('values outside a given range and non-finite values are shown and counted', () => {
  const html = imageGrid({ images: [-5, 0, 1, 9, Number.NaN, Infinity], shape: [1, 1, 1, 6], normalise: [0, 1] });
  expect(parse(html).text).toContain('2 values outside the range, drawn as its ends · magenta: 1 NaN, 1 ∞');
  const pixels = pictures(html)[0]?.pixels;
  expect(pixels.slice(0, 12)).toEqual([0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255]);
  expect(pixels.slice(12)).toEqual([255, 0, 255, 255, 0, 255]);
});

test('all NaN, huge values, no images', () => {
  expect(pictures(imageGrid({ images: [Number.NaN], shape: [1, 1, 1, 1] }))[0]?.pixels).toEqual([255, 0, 255]);
  const huge = [-Number.MAX_VALUE, 0, Number.MAX_VALUE];
  expect(pictures(imageGrid({ images: huge, shape: [1, 1, 1, 3] }))[0]?.pixels).toEqual([0, 128, 255]);
  expect(parse(imageGrid({ images: [], shape: [0, 1, 28, 28] })).text).toContain('no images');
});

test('captions are escaped, images pixelated and described', () => {
  const html = imageGrid({ images: [0, 1], shape: [1, 1, 1, 2], labels: ['true <4> & "9"'], title: 'a < b' });
  const root = parse(html);
  expect(all(root, 'figcaption')[0]?.text).toBe('true <4> & "9"');
  expect(all(root, 'img')[0]?.attributes).toMatchObject({ alt: 'true <4> & "9"', width: '96' });
  expect(all(root, 'img')[0]?.attributes.style).toContain('image-rendering:pixelated');
  expect(imageGrid({ images: [0, 1], shape: [1, 1, 1, 2] })).toBe(imageGrid({ images: [0, 1], shape: [1, 1, 1, 2] }));
});

test.each<readonly [object, string]>([
  [
    { images: [1], shape: [1, 6, 1, 1] },
    'imageGrid: shape[1] is 6 channels, expected 1 or 3; to see each channel as an image of its own, pass shape [6, 1, 1, 1]',
  ],
  [{ images: [1, 2, 3], shape: [1, 1, 2, 2] }, 'imageGrid: images has length 3, expected 4'],
  [{ images: [[1, 2], [1]], shape: [2, 1, 1, 2] }, 'imageGrid: image 1 has length 1, expected 2'],
  [{ images: [[1], [2]], shape: [3, 1, 1, 1] }, 'imageGrid: images has length 2, expected 3'],
  [{ images: [], shape: [2, 1, 1, 3] }, 'imageGrid: images has length 0, expected 6'],
  [{ images: [1], shape: [1, 1, 1] }, 'imageGrid: shape is [1,1,1], expected [n, c, h, w]'],
  [{ images: [1], shape: [1, 1, 1, 1], labels: [] }, 'imageGrid: labels has length 0, expected 1'],
  [{ images: [1, 1, 1], shape: [1, 3, 1, 1], diverging: true }, 'imageGrid: diverging needs 1 channel, received 3'],
  [
    { images: [1], shape: [1, 1, 1, 1], normalise: [1, 0] },
    'imageGrid: normalise is [1,0], expected two finite numbers, the lower first',
  ],
  [
    { images: [1], shape: [1, 1, 1, 1], normalise: [0, 1], diverging: true },
    'imageGrid: normalise is [0, 1], expected [-r, r] with diverging',
  ],
  [
    { images: [1], shape: [1, 1, 1, 1], normalise: 'none' },
    "imageGrid: normalise is 'none', expected 'each', 'all' or [low, high]",
  ],
  ...[[1], [1, 1], [0, 1, 2], [0, Infinity], [-Infinity, 1]].map(
    (normalise) =>
      [
        { images: [1], shape: [1, 1, 1, 1], normalise },
        `imageGrid: normalise is [${normalise.join()}], expected two`,
      ] as const,
  ),
  [{ images: [1] }, 'imageGrid: shape is [undefined], expected [n, c, h, w]'],
  [{ images: [], shape: [-1, 1, 1, 1] }, 'imageGrid: shape[0] (images) is -1, expected an integer ≥ 0'],
  [{ images: [], shape: [1, 1, 0, 1] }, 'imageGrid: shape[2] (height) is 0, expected an integer ≥ 1'],
  [{ images: [], shape: [1, 1, 1, 0.5] }, 'imageGrid: shape[3] (width) is 0.5, expected an integer ≥ 1'],
  [{ images: [1], shape: [1, 1, 1, 1], scale: 1001 }, 'imageGrid: scale is 1001, expected more than 0, at most 1000'],
  [{ images: [1], shape: [1, 1, 1, 1], scale: 0 }, 'imageGrid: scale is 0'],
  [{ images: [1], shape: [1, 1, 1, 1], columns: 0 }, 'imageGrid: columns is 0'],
  [{ images: [1], shape: [1, 1, 1, 1], normalize: 'all' }, 'imageGrid: unknown option normalize'],
])('image grid %# refuses: %o', (options, message) => {
  expect(() => imageGrid(options as never)).toThrow(message);
});

test('terminal, colour: two pixels a character, escapes only where colours change, reset at the end of each line', () => {
  const text = ansiImage([0, 0, 1, 1, 1, 1], 3, 2);
  expect(text).toBe('\u{1B}[38;2;0;0;0;48;2;255;255;255m▀▀\u{1B}[0m\n\u{1B}[38;2;255;255;255;49m▀▀\u{1B}[0m');
  expect(ansiImage([1, 0, 0, 0, 0, 1], 2, 1)).toBe('\u{1B}[38;2;255;0;0;48;2;0;0;255m▀\u{1B}[0m');
  expect(ansiImage([Number.NaN, 0], 2, 1)).toContain('38;2;255;0;255');
});

test('terminal, plain: ASCII only, dark to bright', () => {
  const text = ansiImage([0, 0.5, 1, Number.NaN, 0, 0.5, 1, 0], 2, 4, { color: false });
  expect(text).toBe(' +@?');
  expect(ansiImage([1, 0, 0], 1, 3, { color: false })).toBe('@');
  expect(ansiImage([0.5], 1, 1, { color: false, normalise: [0, 1] })).toMatch(/^[\u{20}-\u{7E}]$/u);
});

test('terminal pictures that cannot be', () => {
  expect(() => ansiImage([1, 2], 2, 2)).toThrow('ansiImage: pixels has length 2, expected 4');
  expect(() => ansiImage([1], 1, 1, { colour: true } as never)).toThrow('ansiImage: unknown option colour');
  for (const normalise of [
    [1, 1],
    [0, Infinity],
  ] as const)
    expect(() => ansiImage([1], 1, 1, { normalise })).toThrow(`ansiImage: normalise is [${normalise.join(', ')}]`);
  expect(() => ansiImage([], 0, 1)).toThrow('ansiImage: h is 0, expected an integer ≥ 1');
  expect(() => ansiImage([], 1, 0)).toThrow('ansiImage: w is 0, expected an integer ≥ 1');
});

test('colour images have no scale of grey: none for a given range, else the range in words', () => {
  const images = [1, 0, 0, 1, 0, 0];
  const given = imageGrid({ images, shape: [1, 3, 1, 2], normalise: [0, 1] });
  expect(given).not.toContain('linear-gradient');
  expect(all(parse(given), 'p')).toEqual([]);
  expect(parse(given).text).toBe('');
  const own = imageGrid({ images: images.map((v) => 3 * v - 1), shape: [1, 3, 1, 2] });
  expect(own).not.toContain('linear-gradient');
  expect(own).toContain('each colour from −1 to 2</p>');
  expect(imageGrid({ images: [2, 0, 0, 1, 0, 0], shape: [1, 3, 1, 2], normalise: [0, 1] })).toContain(
    '1 value outside the range',
  );
});

test('an image of one value has no scale of its own, and the picture says why it is grey', () => {
  const dead = (images: number[]): string => imageGrid({ images, shape: [2, 1, 1, 2], normalise: 'each' });
  expect(dead([0, 0, 1, 2])).toContain('each image on its own scale · 1 grey all over: of one value');
  expect(dead([0, 3, 1, 2])).not.toContain('grey all over');
});

test('a pixel is drawn up to 1000 wide', () => {
  const [image] = all(parse(imageGrid({ images: [1], shape: [1, 1, 1, 1], scale: 1000 })), 'img');
  expect(image.attributes.width).toBe('1000');
});

test('one image alone is as large as one of many', () => {
  const least = (n: number): string => {
    const html = imageGrid({ images: new Float32Array(n), shape: [n, 1, 1, 1], scale: 84 });
    return /minmax\((.*?),1fr\)/.exec(html)![1];
  };
  expect([least(1), least(20)]).toEqual(['min(84px,26vw)', 'min(84px,26vw)']);
});
