import { DataError } from './error.js';

/** Whether the bytes start as a gzip member does (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The contents of gzipped bytes, through the platform's DecompressionStream. Of contents that are longer than they say, no more
 * is inflated than shows it: a file of a few kilobytes could fill the memory.
 *
 * @param lengthOf the length that contents with such first bytes, at least `head` of them, have.
 * @throws DataError naming `name` where they are truncated or corrupt; whatever `lengthOf` throws.
 */
export async function gunzip(
  bytes: Uint8Array,
  name: string,
  head: number,
  lengthOf: (first: Uint8Array) => number,
): Promise<Uint8Array<ArrayBuffer>> {
  // A copy: a Blob refuses views of shared memory.
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('gzip'));
  const reader = stream.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  let most = Infinity;
  while (size <= most) {
    const { done, value } = await reader.read().catch((cause: Error) => {
      throw new DataError(
        {
          source: name,
          received: `${bytes.length} bytes of gzip that do not decompress (${cause.message})`,
          expected: 'a whole gzip file',
          fix: 'The file may be truncated or damaged: fetch it again',
        },
        { cause },
      );
    });
    if (done) return joined(parts);
    parts.push(value);
    size += value.length;
    if (most === Infinity && size >= head) most = lengthOf(await joined(parts));
  }
  await reader.cancel();
  return joined(parts);
}

async function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob([...parts]).arrayBuffer());
}
