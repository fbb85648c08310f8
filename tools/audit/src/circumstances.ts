import { execFileSync } from 'node:child_process';
import { wasmBackend } from '@lemmata/backend-wasm';
import type { Circumstances } from './findings.js';

export function circumstancesOf(
  root: string,
  threads: number,
  profile: string,
  only: string | undefined,
): Circumstances {
  const git = (...args: readonly string[]): string => {
    try {
      return execFileSync('git', ['-C', root, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return '';
    }
  };
  const changed = git('status', '--porcelain') === '' ? '' : ', with changes that are not committed';
  const backend = wasmBackend({ threads: 1 });
  const simd = String(backend);
  backend.stop();
  return {
    commit: `${git('rev-parse', '--short', 'HEAD') || 'not a git checkout'}${changed}`,
    date: git('log', '-1', '--format=%cs'),
    engine: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    simd,
    threads,
    profile,
    only: only ?? null,
  };
}
