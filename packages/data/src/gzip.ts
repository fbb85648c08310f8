import { DataError } from './error.js';

/** Whether the bytes start as a gzip member does (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The contents of gzipped bytes, through the platform's DecompressionStream.
 *
 * @throws DataError naming `name` where they are truncated or corrupt.
 */
export async function gunzip(bytes: Uint8Array, name: string): Promise<Uint8Array<ArrayBuffer>> {
  // A copy: a Blob refuses views of shared memory.
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw new DataError(
      {
        source: name,
        received: `${bytes.length} bytes of gzip that do not decompress (${(cause as Error).message})`,
        expected: 'a whole gzip file',
        fix: 'The file may be truncated or damaged: fetch it again',
      },
      { cause },
    );
  }
}
