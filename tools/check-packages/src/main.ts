import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packedFiles } from './pack.js';
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
  const { messages, pkg } = await publint({
    pkgDir: folder,
    pack: { files: packedFiles(folder, manifest) },
    strict: true,
  });
  const found = [
    ...checkManifest(name, manifest, version),
    ...(existsSync(readme) ? checkReadme(readFileSync(readme, 'utf8'), manifest) : ['README.md is missing']),
    ...messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code),
    ...(await loads(join(folder, 'dist', 'index.js'))),
  ];
  for (const text of found) console.log(`packages/${name}: ${text}`);
  problems += found.length;
}
if (folders.length < 20) throw new Error(`only ${folders.length} packages below ${parent}: expected at least 20`);
console.log(
  `${problems === 0 ? 'package metadata is sound' : `${problems} problems`} (${folders.length} packages read)`,
);
process.exitCode = problems === 0 ? 0 : 1;

/** Whether the built entry can be imported, by way of the built entries of the packages that it stands on. */
async function loads(entry: string): Promise<string[]> {
  try {
    await import(pathToFileURL(entry).href);
    return [];
  } catch (error) {
    return [`the built entry cannot be imported: ${String(error)}`];
  }
}
