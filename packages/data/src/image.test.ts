import { deflateSync } from 'node:zlib';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import jpeg from 'jpeg-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from './image.js';
import { byCodePoint, findImageFolder, findImages, foldersIn, loadImageFolder, loadImages } from './node.js';
import { resizeByArea } from './resize.js';

/** A PNG file of rows that are packed already (PNG specification, section 5). */
function png(
  width: number,
  height: number,
  depth: number,
  type: number,
  rows: number[][],
  more: Uint8Array[] = [],
  interlaced = false,
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = depth;
  header[9] = type;
  header[12] = Number(interlaced);
  const data = deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row])));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return new Uint8Array(
    Buffer.concat([signature, chunk('IHDR', header), ...more, chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]),
  );
}

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  let crc = -1;
  for (const byte of out.subarray(4, 8 + data.length)) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  out.writeUInt32BE((crc ^ -1) >>> 0, 8 + data.length);
  return out;
}

const pixels = (bytes: Uint8Array, options: Parameters<typeof decodeImage>[1] = {}): number[] => [
  ...decodeImage(bytes, options).data,
];

describe('decodeImage', () => {
  test('grey of 1, 2, 4, 8 and 16 bits', () => {
    // Ten pixels a row: the second byte is filled up with what is no pixel.
    const bits = png(10, 2, 1, 0, [
      [0b10101010, 0b10111111],
      [0xff, 0xc0],
    ]);
    const expected = [255, 0, 255, 0, 255, 0, 255, 0, 255, 0, ...Array<number>(10).fill(255)];
    expect(pixels(bits, { channels: 1 })).toEqual(expected);
    expect(pixels(png(3, 1, 2, 0, [[0b00011000]]), { channels: 1 })).toEqual([0, 85, 170]);
    expect(pixels(png(3, 1, 4, 0, [[0x0f, 0x80]]), { channels: 1 })).toEqual([0, 255, 136]);
    expect(pixels(png(2, 1, 8, 0, [[7, 200]]), { channels: 1 })).toEqual([7, 200]);
    expect(pixels(png(2, 1, 16, 0, [[0xff, 0xff, 0x80, 0x00]]), { channels: 1 })).toEqual([255, 128]);
  });

  test('colour comes in planes; grey is its luma; opacity is kept, or laid over the background', () => {
    const rgb = png(2, 1, 8, 2, [[10, 20, 30, 40, 50, 60]]);
    expect(pixels(rgb)).toEqual([10, 40, 20, 50, 30, 60]);
    expect(pixels(rgb, { channels: 1 })).toEqual([18, 48]);
    const rgba = png(1, 1, 8, 6, [[100, 0, 0, 51]]);
    expect(pixels(rgba, { channels: 4 })).toEqual([100, 0, 0, 51]);
    expect(pixels(rgba)).toEqual([224, 204, 204]);
    expect(pixels(rgba, { background: 0 })).toEqual([20, 0, 0]);
    expect(pixels(png(1, 1, 8, 4, [[100, 0]]), { channels: 1 })).toEqual([255]);
    expect(pixels(png(1, 1, 16, 4, [[0x80, 0, 0x40, 0]]), { channels: 4 })).toEqual([128, 128, 128, 64]);
  });

  test('palettes, and one colour that is declared transparent', () => {
    const palette = [chunk('PLTE', Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255)), chunk('tRNS', Uint8Array.of(0))];
    expect(pixels(png(3, 1, 4, 3, [[0x01, 0x20]], palette), { channels: 4 })).toEqual([
      255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 255,
    ]);
    // A palette that is merely suggested (PNG specification, section 11.2.2) says nothing of the pixels.
    const suggested = chunk('PLTE', Uint8Array.of(1, 2, 3, 4, 5, 6));
    expect(pixels(png(2, 1, 8, 2, [[0, 1, 0, 9, 8, 7]], [suggested]))).toEqual([0, 9, 1, 8, 0, 7]);
    expect(pixels(png(1, 1, 8, 6, [[0, 1, 0, 255]], [suggested]))).toEqual([0, 1, 0]);
    const clear = [chunk('tRNS', Uint8Array.of(0, 7))];
    expect(pixels(png(2, 1, 8, 0, [[7, 8]], clear), { channels: 4 }).slice(-2)).toEqual([0, 255]);
    const blue = [chunk('tRNS', Uint8Array.of(0, 1, 0, 2, 0, 3))];
    expect(pixels(png(3, 1, 8, 2, [[1, 2, 3, 1, 2, 4, 0, 2, 3]], blue), { channels: 4 }).slice(-3)).toEqual([
      0, 255, 255,
    ]);
  });

  test('a colour that the palette does not have is damage, not black', () => {
    const palette = chunk('PLTE', Uint8Array.of(10, 20, 30, 40, 50, 60));
    expect(pixels(png(2, 1, 8, 3, [[1, 0]], [palette]))).toEqual([40, 10, 50, 20, 60, 30]);
    for (const [depth, row] of [
      [8, [0, 2]],
      [2, [0b00100000]],
    ] as const)
      expect(() => pixels(png(2, 1, depth, 3, [[...row]], [palette]), { name: 'p.png' })).toThrow(
        'p.png: received bytes that do not decode (colour 2 of a palette of 2); expected a whole image',
      );
    // What fills a row up is no pixel.
    expect(pixels(png(1, 1, 2, 3, [[0b01111111]], [palette]))).toEqual([40, 50, 60]);
  });

  test('JPEG', () => {
    const data = Buffer.alloc(8 * 8 * 4, 255);
    for (let i = 0; i < 64; i++) data.set([200, 100, 50], 4 * i);
    const {
      channels,
      height,
      width,
      data: out,
    } = decodeImage(new Uint8Array(jpeg.encode({ width: 8, height: 8, data }, 95).data));
    expect([channels, height, width]).toEqual([3, 8, 8]);
    for (const [plane, value] of [200, 100, 50].entries())
      expect(Math.abs(out[plane * 64 + 20]! - value)).toBeLessThan(4);
    const opaque = decodeImage(new Uint8Array(jpeg.encode({ width: 8, height: 8, data }, 95).data), { channels: 4 });
    expect(opaque.data.subarray(192)).toEqual(new Uint8Array(64).fill(255));
  });

  test('a JPEG of few bytes cannot have many pixels, and nothing is set aside for them', () => {
    // One colour is what takes the fewest bytes.
    const file = new Uint8Array(jpeg.encode({ width: 640, height: 480, data: new Uint8Array(640 * 480 * 4) }, 1).data);
    expect(decodeImage(file).width).toBe(640);
    const frame = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0);
    // 9,000 × 9,000, which the decoder itself would take.
    const large = Uint8Array.from([
      ...file.subarray(0, frame + 5),
      0x23,
      0x28,
      0x23,
      0x28,
      ...file.subarray(frame + 9),
    ]);
    expect(() => decodeImage(large, { name: 'j' })).toThrow(
      /^j: received bytes that do not decode \(maxResolutionInMP/,
    );
  });

  test('a photograph stands upright, however the camera was held', () => {
    // Dark at its left and darkest at the left of its top: every one of the eight ways looks different.
    const [width, height] = [32, 16];
    const data = new Uint8Array(width * height * 4);
    for (let i = 0; i < width * height; i++)
      data.fill(i % width < 16 ? (i < 8 * width ? 0 : 90) : 255, 4 * i, 4 * i + 3);
    // A TIFF header, and a directory with a tag before the one sought; in both orders of bytes.
    const tiff = (orientation: number, little: boolean): Uint8Array => {
      const view = new DataView(new ArrayBuffer(1 + 8 + 2 + 24 + 4), 1);
      view.setUint16(0, little ? 0x4949 : 0x4d4d);
      view.setUint16(2, 42, little);
      view.setUint32(4, 8, little);
      view.setUint16(8, 2, little);
      [0x10f, 274].forEach((tag, i) => {
        view.setUint16(10 + 12 * i, tag, little);
        view.setUint16(12 + 12 * i, 3, little);
        view.setUint32(14 + 12 * i, 1, little);
        view.setUint16(18 + 12 * i, orientation, little);
      });
      return new Uint8Array(view.buffer);
    };
    const seen = (exifBuffer?: Uint8Array): unknown[] => {
      const file = jpeg.encode({ width, height, data, exifBuffer } as never, 100).data;
      const image = decodeImage(new Uint8Array(file), { channels: 1 });
      const at = (x: number, y: number): number => {
        const value = image.data[Math.floor(y * image.height) * image.width + Math.floor(x * image.width)]!;
        return value < 45 ? 0 : value < 170 ? 1 : 2;
      };
      // The corners, from the upper left by rows.
      return [image.width, image.height, at(0.1, 0.1), at(0.9, 0.1), at(0.1, 0.9), at(0.9, 0.9)];
    };
    const [wide, high] = [
      [32, 16],
      [16, 32],
    ];
    expect(seen()).toEqual([...wide, 0, 2, 1, 2]);
    for (const little of [true, false])
      expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map((o) => seen(tiff(o, little)))).toEqual([
        [...wide, 0, 2, 1, 2],
        [...wide, 2, 0, 2, 1],
        [...wide, 2, 1, 2, 0],
        [...wide, 1, 2, 0, 2],
        [...high, 0, 1, 2, 2],
        [...high, 1, 0, 2, 2],
        [...high, 2, 2, 1, 0],
        [...high, 2, 2, 0, 1],
        [...wide, 0, 2, 1, 2],
        [...wide, 0, 2, 1, 2],
      ]);
    for (const damaged of [
      new Uint8Array(3),
      tiff(6, true).subarray(0, 20),
      tiff(6, true).map((v, i) => (i < 3 ? 1 : v)),
    ])
      expect(seen(damaged)).toEqual([...wide, 0, 2, 1, 2]);
  });

  test('says what is wrong', () => {
    expect(() => decodeImage(Uint8Array.of(0x68, 0x69), { name: 'a' })).toThrow(
      'a: received a file that begins with 68 69; expected a PNG or JPEG image',
    );
    for (const [begins, kind] of [
      ['GIF89a', 'a GIF'],
      ['RIFF....WEBP', 'a WebP'],
      ['\0\0\0\x18ftypheic', 'a HEIC or AVIF'],
      ['<svg', 'an SVG or other text'],
    ] as const) {
      const bytes = Uint8Array.from(begins, (c) => c.charCodeAt(0));
      expect(() => decodeImage(bytes)).toThrow(
        new RegExp(`^image: received ${kind} that begins with (.. ){3}..; expe`),
      );
    }
    const whole = png(
      4,
      4,
      8,
      0,
      Array.from({ length: 4 }, () => [1, 2, 3, 4]),
    );
    expect(() => decodeImage(whole.subarray(0, 40), { name: 'cut.png' })).toThrow(
      /^cut\.png: received bytes that do not decode \(.+\); expected a whole image$/,
    );
    expect(() => decodeImage(whole.subarray(0, 32))).toThrow('image: received 32 bytes; expected a PNG, whose header');
    // The sums of the header, of the pixels and of the end.
    for (const at of [23, 29, 45, whole.length - 2])
      expect(() => decodeImage(whole.with(at, whole[at]! ^ 1), { name: 'p' })).toThrow(
        /^p: received bytes that do not dec/,
      );
    for (const [width, height] of [
      [30_000, 30_000],
      [2 ** 31, 2 ** 31],
      [0, 4],
      [4, 0],
    ] as const)
      expect(() => decodeImage(png(width, height, 8, 0, [[1]]), { name: 'p' })).toThrow(
        new RegExp(
          String.raw`^p: received \d+ bytes that say they are ${width}×${height} pixels of 8 bits; expected at le`,
        ),
      );
    expect(() => decodeImage(png(1, 1, 4, 0, [[0x50]], [], true), { name: 'p' })).toThrow(
      'p: received an interlaced PNG of 4 bits; expected one that is not interlaced, or of 8 or 16 bits. Save it',
    );
    expect(pixels(png(1, 1, 8, 0, [[9]], [], true), { channels: 1 })).toEqual([9]);
    for (const [type, depth] of [
      [0, 3],
      [2, 4],
      [3, 16],
      [4, 1],
      [5, 8],
      [6, 2],
    ] as const)
      expect(() => decodeImage(png(1, 1, depth, type, [[1, 2, 3, 4]]), { name: 'p' })).toThrow(
        `p: received a PNG of colour type ${type} and ${depth} bits; expected 1, 2, 4, 8, 16 bits of type 0; 8, 16 bits of type 2; 1`,
      );
    // A second header would be decoded by, of which nothing was checked; Apple's own files begin with another part.
    const second = Buffer.alloc(13);
    second.writeUInt32BE(30_000, 0);
    second.writeUInt32BE(30_000, 4);
    second[8] = 8;
    expect(() => decodeImage(png(1, 1, 8, 0, [[1]], [chunk('IHDR', second)]), { name: 'a.png' })).toThrow(
      "a.png: received 'IHDR' as the first part of a PNG, and 2 'IHDR' in all; expected one 'IHDR', before all else",
    );
    const apple = png(1, 1, 8, 0, [[1]]);
    const first = Buffer.concat([apple.subarray(0, 8), chunk('CgBI', new Uint8Array(4)), apple.subarray(8)]);
    expect(() => decodeImage(new Uint8Array(first))).toThrow("received 'CgBI' as the first part of a PNG");
    expect(() => decodeImage(png(1, 1, 8, 3, [[1]]))).toThrow('that do not decode (colours by number, and no palette)');
    for (const background of [-1, 256, NaN])
      expect(() => decodeImage(whole, { background })).toThrow(
        `decodeImage: received background = ${background}; expected a number from 0 to 255`,
      );
    for (const [begin, shown] of [
      [[], 'nothing'],
      [[0x89, 0x0a], '89 0a'],
      [[0x00, 0x50], '00 50'],
      [[0xff, 0x00], 'ff 00'],
      [[0x00, 0xd8], '00 d8'],
    ] as const)
      expect(() => decodeImage(Uint8Array.from(begin))).toThrow(`image: received a file that begins with ${shown};`);
    expect(() => decodeImage(whole, { channels: 2 as never })).toThrow('received channels = 2; expected 1, 3 or 4');
    expect(() => decodeImage(whole, { chanels: 1 } as never)).toThrow("decodeImage: received unknown option 'chanels'");
  });
});

test('resizing by areas: halves are means, thirds share pixels, larger repeats', () => {
  const resize = (data: number[], height: number, width: number, to: [number, number]): number[] =>
    [...resizeByArea(data, { channels: 1, height, width, to })].map((v) => Math.round(v * 1e9) / 1e9);
  expect(resize([1, 3, 5, 7], 2, 2, [1, 1])).toEqual([4]);
  expect(resize([0, 3, 6], 1, 3, [1, 2])).toEqual([1, 5]);
  expect(resize([1, 2], 1, 2, [2, 4])).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
  expect(() => resizeByArea([1], { chanels: 1, height: 1, width: 1, to: [1, 1] } as never)).toThrow(
    'resizeByArea: received channels = undefined; expected an integer of at least 1',
  );
  expect(() => resize([1], 1, 1, [1, 0.5])).toThrow('resizeByArea: received to[1] = 0.5');
  expect(() => resize([1, 2, 3], 1, 2, [1, 1])).toThrow('resizeByArea: received 3 values; expected 1 · 1 · 2 = 2');
});

describe('folders of images', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lemmata-images-'));
    const image = (value: number, size: number): Uint8Array =>
      encode({ width: size, height: size, channels: 1, depth: 8, data: new Uint8Array(size * size).fill(value) });
    for (const [path, value, size] of [
      ['b/2.png', 20, 4],
      ['b/10.PNG', 10, 8],
      ['B/deep/x.png', 90, 4],
      ['😀/a.png', 30, 4],
      ['\uff5e/a.png', 40, 4],
      ['b/.hidden.png', 1, 4],
      ['.git/a.png', 1, 4],
    ] as const) {
      await mkdir(join(dir, path, '..'), { recursive: true });
      await writeFile(join(dir, path), image(value, size));
    }
    await writeFile(join(dir, 'notes.txt'), 'no class');
    await writeFile(join(dir, 'b/notes.txt'), 'no image');
  });
  afterAll(() => rm(dir, { recursive: true }));

  test('D2: classes are numbered by code point, beyond U+FFFF too', async () => {
    const { classes, files } = await findImageFolder(dir);
    expect(classes).toEqual(['B', 'b', '\uff5e', '😀']);
    expect(files.map(({ path, label }) => [path.slice(dir.length + 1), label])).toEqual([
      ['B/deep/x.png', 0],
      ['b/10.PNG', 1],
      ['b/2.png', 1],
      ['\uff5e/a.png', 2],
      ['😀/a.png', 3],
    ]);
    // As UTF-16 units the last two stand the other way round.
    expect(['\uff5e', '😀'].sort()).toEqual(['😀', '\uff5e']);
    expect(['a', 'ab', ''].sort(byCodePoint)).toEqual(['', 'a', 'ab']);
  });

  test('loads them in one size', async () => {
    const { image, label, classes } = await loadImageFolder(dir, { decode: decodeImage, shape: [3, 4, 4] });
    expect(image.shape).toEqual([5, 3, 4, 4]);
    expect([0, 1, 2, 3, 4].map((i) => image.data[i * 48])).toEqual([90, 10, 20, 40, 30]);
    expect([...label.data]).toEqual([0, 1, 1, 2, 3]);
    expect(classes.length).toBe(4);
  });

  test('finds and loads images without labels, however deep', async () => {
    const paths = await findImages(dir);
    expect(paths.map((path) => path.slice(dir.length + 1))).toEqual([
      'B/deep/x.png',
      'b/10.PNG',
      'b/2.png',
      '\uff5e/a.png',
      '😀/a.png',
    ]);
    const { data, shape } = await loadImages(paths.slice(1, 3), { decode: decodeImage, shape: [1, 2, 2] });
    expect([shape, ...data]).toEqual([[2, 1, 2, 2], 10, 10, 10, 10, 20, 20, 20, 20]);
  });

  test('a link to a folder is a class, one that leads nowhere is none', async () => {
    const linked = join(dir, '.linked');
    await mkdir(linked);
    await symlink(join(dir, 'B'), join(linked, 'ant'));
    await symlink(join(dir, 'nowhere'), join(linked, 'bee'));
    expect(await foldersIn(linked)).toEqual(['ant']);
    expect((await findImageFolder(linked)).files).toEqual([{ path: join(linked, 'ant/deep/x.png'), label: 0 }]);
  });

  test('says what is missing', async () => {
    await expect(findImages(join(dir, 'nowhere'))).rejects.toThrow(
      /nowhere: received ENOENT.*; expected a folder of im/,
    );
    await expect(loadImages([join(dir, 'gone.png')], { decode: decodeImage, shape: [1, 2, 2] })).rejects.toThrow(
      /gone\.png: received ENOENT.*; expected an image file/,
    );
    await expect(
      loadImages([join(dir, 'b/2.png')], { decode: (bytes) => decodeImage(bytes, { channels: 3 }), shape: [1, 4, 4] }),
    ).rejects.toThrow(/b\/2\.png: received 3 channels from decode; expected 1, as it was asked for/);
    await expect(findImageFolder(join(dir, 'nowhere'))).rejects.toThrow(
      /nowhere: received ENOENT.*; expected a folder with one folder a class/,
    );
    await expect(findImageFolder(join(dir, 'B/deep'))).rejects.toThrow(
      'received no folder in it; expected one folder of images a class',
    );
    await mkdir(join(dir, 'x/empty'), { recursive: true });
    await mkdir(join(dir, 'x/void'), { recursive: true });
    await expect(findImageFolder(join(dir, 'x'))).rejects.toThrow('received no PNG or JPEG file in empty, void');
    await rm(join(dir, 'x'), { recursive: true });
  });
});
