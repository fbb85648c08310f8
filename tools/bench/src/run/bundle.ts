import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { PeerId, Side } from '../ids.js';
import { peersFolder } from '../peers/peers.js';
import { LAYER_KERNELS } from '../peers/lemmata-wasm.js';

interface Entry {
  /** What a page would import, from the folder `from`. */
  readonly code: string;
  readonly from: string;
  /** Files that it fetches besides, relative to `from`. */
  readonly fetched?: readonly string[];
}

/** This package, whose dependencies ours are. */
const here = fileURLToPath(new URL('../../', import.meta.url));

const entries: Readonly<Partial<Record<PeerId, Entry>>> = {
  'tfjs-wasm': {
    from: peersFolder,
    code: `import '@tensorflow/tfjs-backend-wasm'; export { conv2d, grad, matMul, setBackend, ready } from '@tensorflow/tfjs-core';`,
    fetched: ['node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'],
  },
  jax: { from: peersFolder, code: `export { numpy, lax, grad, init, defaultDevice } from '@jax-js/jax';` },
  'ort-web': {
    from: peersFolder,
    code: `export { InferenceSession, Tensor } from 'onnxruntime-web/wasm';`,
    fetched: ['node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'],
  },
};

const ours = `export { matmul, tensor } from '@lemmata/tensor'; export { conv2d } from '@lemmata/layers-conv'; export { grad } from '@lemmata/autograd';`;

function entryOf({ peer, backend }: Side): Entry {
  if (peer !== 'lemmata') return entries[peer]!;
  // The kernels of what is used; those of the core come with the backend.
  const wasm = [
    `export { wasmBackend } from '@lemmata/backend-wasm';`,
    ...LAYER_KERNELS.filter(({ entry }) => entry.startsWith('@lemmata/layers-conv/')).map(
      ({ entry, name }) => `export { ${name} } from '${entry}';`,
    ),
  ];
  return { from: here, code: [ours, ...(backend === 'wasm' ? wasm : [])].join(' ') };
}

/** Bytes that a page fetches: the bundle, minified and gzipped, and what it loads besides, gzipped. */
export async function bundleBytes(side: Side): Promise<{ bytes: number; note: string }> {
  const { code, from, fetched = [] } = entryOf(side);
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: dirname(`${from}package.json`) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
    // Named in branches for Node that a page never takes.
    external: ['node:*', 'fs', 'path', 'util', 'crypto', 'os', 'perf_hooks', 'worker_threads', 'module'],
  });
  const size = (content: Uint8Array): number => gzipSync(content, { level: 9 }).length;
  const script = outputFiles.reduce((sum, { contents }) => sum + size(contents), 0);
  const rest = fetched.reduce((sum, file) => sum + size(readFileSync(from + file)), 0);
  const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
  return {
    bytes: script + rest,
    note: rest > 0 ? `${kib(script)} script, ${kib(rest)} wasm` : `${kib(script)} script`,
  };
}
