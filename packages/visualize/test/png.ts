import { inflateSync } from 'node:zlib';

/** Decodes an 8-bit grey or RGB PNG data URI by the specification (https://www.w3.org/TR/png-3/), sharing nothing with the encoder. */
export function decodePng(uri: string): { width: number; height: number; channels: number; pixels: number[] } {
  const prefix = 'data:image/png;base64,';
  if (!uri.startsWith(prefix)) throw new Error('not a PNG data URI');
  const bytes = Buffer.from(uri.slice(prefix.length), 'base64');
  if (bytes.toString('hex', 0, 8) !== '89504e470d0a1a0a') throw new Error('no PNG signature');
  const parts: Buffer[] = [];
  let width = 0;
  let height = 0;
  let channels = 0;
  let ended = false;
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const kind = bytes.toString('latin1', at + 4, at + 8);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (crc(bytes.subarray(at + 4, at + 8 + length)) !== bytes.readUInt32BE(at + 8 + length))
      throw new Error(`${kind}: wrong CRC`);
    if (kind === 'IHDR') {
      [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
      if (data[8] !== 8 || data[12] !== 0) throw new Error('not 8 bits, or interlaced');
      channels = data[9] === 0 ? 1 : data[9] === 2 ? 3 : 0;
    }
    if (kind === 'IDAT') parts.push(data);
    ended = kind === 'IEND';
    at += 12 + length;
  }
  if (!ended) throw new Error('no IEND');
  const raw = inflateSync(Buffer.concat(parts));
  const row = width * channels;
  const out = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)] as number;
    for (let x = 0; x < row; x++) {
      const left = x >= channels ? (out[y * row + x - channels] as number) : 0;
      const up = y > 0 ? (out[(y - 1) * row + x] as number) : 0;
      const corner = x >= channels && y > 0 ? (out[(y - 1) * row + x - channels] as number) : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] as number;
      out[y * row + x] = (raw[y * (row + 1) + 1 + x] as number) + guess;
    }
  }
  return { width, height, channels, pixels: [...out] };
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let k = 0; k < 8; k++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}
