#!/usr/bin/env node
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { differences, type Reports } from './differences.js';
import { entriesOf, packageFolders } from './entries.js';
import { REPORT, reportsOf } from './report.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

const usage = `usage: npm run api [-- --check]

Writes what every entry exports, with its types, into ${REPORT} beside its source. With --check it writes nothing and says
which reports are out of date.`;

/** What should be there, and what is, by paths from the root. */
function read(): { readonly wanted: Reports; readonly found: Reports; readonly entries: number } {
  const wanted = new Map<string, string>();
  const found = new Map<string, string>();
  let count = 0;
  for (const name of packageFolders(root)) {
    const folder = join(root, 'packages', name);
    const entries = entriesOf(folder);
    count += entries.length;
    for (const [file, text] of reportsOf(entries, join(folder, 'dist')))
      wanted.set(`packages/${name}/src/${file}`, text);
    for (const file of readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })) {
      const path = file.replaceAll('\\', '/');
      if (path === REPORT || path.endsWith(`/${REPORT}`))
        found.set(`packages/${name}/src/${path}`, readFileSync(join(folder, 'src', file), 'utf8'));
    }
  }
  return { wanted, found, entries: count };
}

function main(words: readonly string[]): number {
  const check = words.includes('--check');
  if (words.includes('--help')) {
    console.log(usage);
    return 0;
  }
  if (words.some((word) => word !== '--check')) {
    console.error(usage);
    return 2;
  }
  const { wanted, found, entries } = read();
  if (entries < 100) throw new Error(`only ${entries} entries were found: expected at least 100`);
  const stale = differences(wanted, found);
  if (check) {
    for (const { path, what } of stale) console.log(`${path}: ${what}`);
    console.log(
      stale.length === 0 ? `${entries} entries are as reported` : 'run `npm run api`, and look at what changed',
    );
    return stale.length === 0 ? 0 : 1;
  }
  for (const { path } of stale) {
    const text = wanted.get(path);
    if (text !== undefined) writeFileSync(join(root, path), text);
    else if (existsSync(join(root, path))) rmSync(join(root, path));
  }
  console.log(`${stale.length} of ${wanted.size} reports written, about ${entries} entries`);
  return 0;
}

process.exitCode = main(process.argv.slice(2));
