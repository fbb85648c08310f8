import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sizeTables } from '@lemmata/check-install/size-page';
import { caseTables, runEdgeCases } from '@lemmata/edge-cases';
import { assemble } from './assemble.js';
import { type Browser, checkDemo } from './check-demo.js';
import { checkSite } from './check-links.js';
import { writeReference } from './reference.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const docs = join(root, 'docs');
const site = join(docs, '.site');
const built = join(docs, '.vitepress', 'dist');

/** Runs VitePress, whose output is shown only if it fails or goes on. */
function vitepress(words: readonly string[], quiet: boolean): Promise<void> {
  const bin = join(docs, 'node_modules', 'vitepress', 'bin', 'vitepress.js');
  const child = spawn(process.execPath, [bin, ...words], { cwd: docs, stdio: quiet ? 'pipe' : 'inherit' });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      said += chunk;
    });
  }
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(`${said}vitepress ${words[0]} failed`))));
  });
}

function findChromium(): Browser | undefined {
  const found = spawnSync(process.execPath, [join(root, 'tools', 'chromium.mjs'), '--json'], { encoding: 'utf8' });
  const { path, flags } = JSON.parse(found.stdout);
  return path === undefined ? undefined : { path, flags };
}

const usage = `usage: npm run docs [-- --serve]

Builds the site, a page for each layer and package, into docs/.vitepress/dist. With --serve it goes on to show it.`;

const [option, ...others] = process.argv.slice(2);
if (option === '--help') {
  console.log(usage);
  process.exit(0);
}
if ((option !== undefined && option !== '--serve') || others.length > 0) {
  console.error(`unknown option ${[option, ...others].join(' ')}\n${usage}`);
  process.exit(2);
}
try {
  // The tables tell results: these tests run now, and sizes are measured.
  const packages = await assemble(root, site, caseTables(await runEdgeCases(root)), await sizeTables(root));
  await writeReference(root, site, packages);
  await vitepress(['build'], true);
  const { broken, pages } = checkSite(built);
  if (pages < packages.length) throw new Error(`only ${pages} pages built for ${packages.length} packages`);
  if (broken.length > 0) throw new Error(`${broken.join('\n')}\n${broken.length} broken links`);
  console.log(`${pages} pages in docs/.vitepress/dist, all links lead somewhere`);
  const chromium = findChromium();
  if (chromium === undefined) console.log('no Chromium: the page that trains was not opened');
  else console.log(`the page that trains: ${await checkDemo(built, chromium)}`);
  if (option === '--serve') await vitepress(['preview'], false);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
