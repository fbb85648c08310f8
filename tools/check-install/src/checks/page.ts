import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { chromium } from 'playwright';
import { build as buildWithVite } from 'vite';
import { mustRun, run } from '../process.js';
import type { Check } from './check.js';
import { LEARNS } from './programs.js';

const SHOWS = `import { result, runsOn } from './learns.js'; document.title = JSON.stringify({ result, runsOn });`;
const HTML = (script: string): string =>
  `<!doctype html><html><head><meta charset="utf-8"></head><body><script type="module" src="${script}"></script></body></html>`;

export const page: Check = {
  name: 'a network that learns: in Node, in a page by esbuild and by Vite, and where WebAssembly is forbidden',
  async run({ root, everything }, tell) {
    const { folder } = everything;
    everything.write({
      'site/learns.js': LEARNS,
      'site/shows.js': SHOWS,
      'site/index.html': HTML('./shows.js'),
      'node.mjs': `import { result } from './site/learns.js'; console.log(result);`,
      'no-wasm.mjs': `
        const warnings = [];
        console.warn = (text) => warnings.push(text);
        const { result, runsOn } = await import('./site/learns.js');
        console.log(JSON.stringify({ result, runsOn, warnings }));
      `,
      'esbuild/index.html': HTML('./shows.js'),
    });
    const losses = new Map([['Node', Number(await mustRun(process.execPath, ['--no-warnings', 'node.mjs'], folder))]]);
    const { path, flags: ofChromium } = JSON.parse(
      (await run(process.execPath, [join(root, 'tools/chromium.mjs'), '--json'], root)).output,
    );
    // Without a compiler there is no WebAssembly, without these instructions it has no SIMD: everything runs in JavaScript.
    const flags = ['--jitless', ...(process.arch === 'x64' ? ['--no-enable-sse4-1'] : [])];
    const fallbacks = new Map<string, Fallback>();
    for (const flag of flags) {
      const output = await mustRun(process.execPath, ['--no-warnings', flag, 'no-wasm.mjs'], folder);
      const fallback = JSON.parse(output.trim().split('\n').at(-1)!) as Fallback;
      losses.set(`Node ${flag}`, fallback.result);
      fallbacks.set(`Node ${flag}`, fallback);
    }
    if (path === undefined) tell('no Chromium: the pages were not opened');
    else {
      await build({
        entryPoints: [join(folder, 'site/shows.js')],
        outfile: join(folder, 'esbuild/shows.js'),
        bundle: true,
        minify: true,
        format: 'esm',
        external: ['node:*'],
        logLevel: 'silent',
      });
      await buildWithVite({
        root: join(folder, 'site'),
        base: './',
        logLevel: 'error',
        build: { outDir: join(folder, 'vite') },
      });
      for (const tool of ['esbuild', 'vite'])
        losses.set(`the page by ${tool}`, (await inPage(path, ofChromium, join(folder, tool))).result);
      const strict = await inPage(path, ofChromium, join(folder, 'vite'), STRICT);
      losses.set('the page under a strict policy', strict.result);
      fallbacks.set('the page under a strict policy', strict);
    }
    tell([...losses].map(([where, loss]) => `${where}: loss ${loss.toFixed(4)}`).join(', '));
    const first = losses.get('Node')!;
    const wrong = [...fallbacks].flatMap(([where, { runsOn, warnings }]) => [
      ...(runsOn === 'reference, plain JavaScript' ? [] : [`${where}: it runs on ${runsOn}, not on plain JavaScript`]),
      ...(warnings.length === 1 ? [] : [`${where}: it says ${warnings.length} times, not once, that it is slower`]),
    ]);
    tell([...fallbacks].map(([where, { warnings }]) => `${where}: ${warnings.join('; ')}`).join('\n  '));
    return wrong.concat(
      [...losses].flatMap(([where, loss]) => [
        ...(loss < 0.2 ? [] : [`${where}: the loss is ${loss} after 60 steps; it must fall below 0.2`]),
        // Engines may round a multiply-add once or twice.
        ...(Math.abs(loss - first) <= 1e-3 * Math.abs(first) + 1e-4
          ? []
          : [`${where}: the loss is ${loss}, and ${first} in Node`]),
      ]),
    );
  },
};

/** A content-security policy that does not let WebAssembly be compiled. */
const STRICT = { 'content-security-policy': "default-src 'self'; script-src 'self'" };

interface Fallback {
  readonly result: number;
  readonly runsOn: string;
  /** What it said on the console. */
  readonly warnings: readonly string[];
}

async function inPage(
  executablePath: string,
  args: string[],
  folder: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Fallback> {
  const server = await serve(folder, headers);
  const browser = await chromium.launch({ executablePath, args });
  try {
    const tab = await browser.newPage();
    const errors: string[] = [];
    const warnings: string[] = [];
    tab.on('pageerror', (error) => errors.push(error.message));
    tab.on('console', (message) => message.text().startsWith('wasmBackend:') && warnings.push(message.text()));
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`);
    await tab.waitForFunction('document.title !== ""', undefined, { timeout: 60_000 }).catch(() => {
      throw new Error(`the page has not learnt within a minute: ${errors.join('; ') || 'without an error'}`);
    });
    return { ...(JSON.parse(await tab.title()) as Fallback), warnings };
  } finally {
    await browser.close();
    server.close();
  }
}

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

function serve(folder: string, headers: Readonly<Record<string, string>>): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    try {
      const body = readFileSync(join(folder, new URL(url, 'http://x').pathname));
      response
        .writeHead(200, { ...headers, 'content-type': TYPES[extname(url)] ?? 'application/octet-stream' })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
