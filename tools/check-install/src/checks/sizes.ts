import { build } from 'esbuild';
import { gzipSync } from 'node:zlib';

export interface Size {
  readonly bytes: number;
  readonly gzip: number;
  /** Packages of which anything was kept. */
  readonly packages: readonly string[];
}

/** What a page would fetch for a program in a folder, minified. */
export async function sizeOf({ folder }: { readonly folder: string }, program: string): Promise<Size> {
  const result = await build({
    stdin: { contents: program, resolveDir: folder },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['module'],
    // Named in branches that a page never takes.
    external: ['node:*'],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const code = result.outputFiles[0]!.contents;
  const kept = Object.values(result.metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  );
  const packages = new Set(
    kept.map(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter((name) => name !== undefined),
  );
  return { bytes: code.length, gzip: gzipSync(code, { level: 9 }).length, packages: [...packages].toSorted() };
}
