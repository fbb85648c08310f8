import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { PeerId } from './ids.js';
import { peersFolder, versionOf } from './peers/peers.js';

/** Packages of the peers that run in Node. */
const packages: Readonly<Partial<Record<PeerId, readonly string[]>>> = {
  'tfjs-wasm': ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'],
  jax: ['@jax-js/jax'],
  'ort-web': ['onnxruntime-web'],
  'ort-node': ['onnxruntime-node'],
};

/**
 * Installs the peers, unless the ones that are asked for are there in the right versions. They are large, and no part of the
 * workspace: whoever does not compare never fetches them.
 *
 * @returns Why a peer is still missing.
 */
export function installPeers(wanted: readonly PeerId[]): Map<PeerId, string> {
  if (wanted.every((peer) => missing(peer) === undefined)) return new Map();
  console.error('installing the peers (0.7 GB, once)');
  const { status, stderr, error } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: peersFolder,
    encoding: 'utf8',
    // Its script would look for another CPU library than the one in the package.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    shell: process.platform === 'win32',
  });
  if (status !== 0) console.error(`npm ci failed: ${error?.message ?? stderr.trim()}`);
  return new Map(
    wanted.flatMap((peer) => {
      const reason = missing(peer);
      return reason === undefined ? [] : [[peer, reason] as const];
    }),
  );
}

function missing(peer: PeerId): string | undefined {
  const { optionalDependencies } = JSON.parse(readFileSync(`${peersFolder}package.json`, 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  for (const name of packages[peer] ?? []) {
    try {
      const version = versionOf(name);
      if (version !== optionalDependencies[name])
        return `${name} ${version} is installed, not ${optionalDependencies[name]}`;
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}
