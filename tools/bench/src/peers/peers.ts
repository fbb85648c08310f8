import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The folder with the peers' own package.json. */
export const peersFolder: string = fileURLToPath(new URL('../../peers/', import.meta.url));

/** Requires from what is installed there. */
export const requirePeer: NodeJS.Require = createRequire(`${peersFolder}package.json`);

/** The version of an installed peer. */
export function versionOf(name: string): string {
  const manifest = `${peersFolder}node_modules/${name}/package.json`;
  if (!existsSync(manifest)) throw new Error(`${name} is not installed in ${peersFolder}`);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
