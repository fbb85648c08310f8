import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, withoutSources } from './rules.js';

/** One file of a package as it would be published. */
export interface PackedFile {
  readonly name: string;
  readonly data: Uint8Array;
}

/** What `npm pack` takes from a package whose `files` is `["dist"]`. */
export function packedFiles(folder: string, manifest: Manifest): PackedFile[] {
  const dist = join(folder, 'dist');
  const built = existsSync(dist) ? readdirSync(dist, { recursive: true, withFileTypes: true }) : [];
  const paths = built.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = [join(folder, 'README.md'), ...paths].filter((path) => existsSync(path));
  const packageJson = new TextEncoder().encode(JSON.stringify(withoutSources(manifest)));
  return [
    { name: join(folder, 'package.json'), data: packageJson },
    ...files.map((name) => ({ name, data: new Uint8Array(readFileSync(name)) })),
  ];
}
