import { encode } from 'fast-png';
import { checkInteger, checkLength } from './options.js';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 of bytes (RFC 4648 §4); Node and browsers share no function that does it for byte arrays. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i], bytes[i + 1] ?? 0, bytes[i + 2] ?? 0];
    const group = (a << 16) | (b << 8) | c;
    for (const shift of [18, 12, 6, 0]) text += BASE64[(group >> shift) & 63];
  }
  const spare = (3 - (bytes.length % 3)) % 3;
  return spare === 0 ? text : text.slice(0, -spare) + '='.repeat(spare);
}

/**
 * 8-bit pixels as a PNG data URI.
 * @param pixels height × width × channels, row by row; channels 1 (grey) or 3 (RGB), known by the length.
 * @throws RangeError where the length is neither, or a size is not a positive integer.
 */
export function pngDataUri(pixels: Uint8Array, height: number, width: number): string {
  checkInteger('pngDataUri', 'height', height, 1);
  checkInteger('pngDataUri', 'width', width, 1);
  const channels = pixels.length === height * width ? 1 : 3;
  checkLength('pngDataUri', 'pixels', pixels.length, height * width * channels);
  return `data:image/png;base64,${base64(encode({ width, height, data: pixels, channels, depth: 8 }))}`;
}
