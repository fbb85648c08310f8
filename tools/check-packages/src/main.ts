import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkManifest, checkReadme, type Manifest } from './rules.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const parent = join(root, 'packages');
const folders = readdirSync(parent).filter((name) => existsSync(join(parent, name, 'package.json')));
const read = (name: string): Manifest => JSON.parse(readFileSync(join(parent, name, 'package.json'), 'utf8'));
const { version } = read('tensor');

let problems = 0;
for (const name of folders) {
  const folder = join(parent, name);
  const manifest = read(name);
  const readme = join(folder, 'README.md');
  const found = [
    ...checkManifest(name, manifest, version),
    ...(existsSync(readme) ? checkReadme(readFileSync(readme, 'utf8'), manifest) : ['README.md is missing']),
  ];
  for (const text of found) console.log(`packages/${name}: ${text}`);
  problems += found.length;
}
if (folders.length < 20) throw new Error(`only ${folders.length} packages below ${parent}: expected at least 20`);
console.log(
  `${problems === 0 ? 'package metadata is sound' : `${problems} problems`} (${folders.length} packages read)`,
);
process.exitCode = problems === 0 ? 0 : 1;
