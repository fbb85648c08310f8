import { expect, test } from 'vitest';
import { FormatError } from './error.js';
import { readNpz } from './npz.js';

/** `np.savez_compressed(f, a=np.array([[1.5, -2]], '<f4'))` of NumPy 2.4.6. */
const NUMPY =
  'UEsDBC0AAAAIAAAAIQD9z6UI//////////8FABQAYS5ucHkBABAAiAAAAAAAAABNAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKu' +
  'o6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CkaaOgq1CmQDLgaGA/YMQAIAUEsBAi0DLQAAAAgAAAAhAP3PpQhNAAAAiAAAAAUA' +
  'AAAAAAAAAAAAAIABAAAAAGEubnB5UEsFBgAAAAABAAEAMwAAAIQAAAAAAA==';

test('a deflated file is read by a browser’s own decompression', async () => {
  const bytes = Uint8Array.from(atob(NUMPY), (char) => char.charCodeAt(0));
  expect(await readNpz(bytes)).toEqual({ a: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1.5, -2) } });
  bytes[55] = 0xff;
  await expect(readNpz(bytes)).rejects.toThrow(FormatError);
});
