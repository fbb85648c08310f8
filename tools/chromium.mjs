// Where the browser tests and the pictures of the docs find a Chromium. None is ever downloaded.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Flags with which Chromium starts as root, without a screen and without calling anyone. */
export const chromiumFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Looks for a Chromium: at CHROMIUM_PATH if that is set, else in the usual places.
 *
 * @returns {{ path: string | undefined, looked: string[] }} `path` is undefined when none of `looked` exists.
 */
export function findChromium(env = process.env) {
  const looked = env.CHROMIUM_PATH ? [env.CHROMIUM_PATH] : usual;
  const path = looked.find((candidate) => existsSync(candidate));
  if (path === undefined && env.CHROMIUM_PATH) {
    throw new Error(`CHROMIUM_PATH is ${env.CHROMIUM_PATH}, where there is nothing: correct it or unset it`);
  }
  return { path, looked };
}

// `node tools/chromium.mjs` prints the path, with `--json` the flags too; it fails where there is no Chromium.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { path, looked } = findChromium();
  if (process.argv.includes('--json')) console.log(JSON.stringify({ path, flags: chromiumFlags }));
  else console.log(path ?? `no Chromium found (looked at ${looked.join(', ')})`);
  process.exitCode = path === undefined ? 1 : 0;
}
