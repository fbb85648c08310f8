import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { chromium, type Page } from 'playwright';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const HOST = 'http://localhost';

/** What Chromium is started with: its path, and its flags. */
export interface Browser {
  readonly path: string;
  readonly flags: readonly string[];
}

/**
 * Opens the page that trains in a built site, has it train, and draws a one: what a reader does.
 *
 * @returns What it said at the end.
 * @throws Error if the page writes errors, does not end, tells fewer than 95 of 100 digits right, or reads something else.
 */
export async function checkDemo(site: string, { path, flags }: Browser): Promise<string> {
  const browser = await chromium.launch({ executablePath: path, args: [...flags] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    const failed = new Promise<never>((_, reject) => {
      const fail = (text: string): void => reject(new Error(`the page that trains: ${text}`));
      page.on('pageerror', ({ message }) => fail(message));
      page.on('console', (message) => message.type() === 'error' && fail(message.text()));
    });
    await page.context().route(`${HOST}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      const file = [pathname, `${pathname}.html`].map((each) => join(site, each)).find(isFile);
      return file === undefined
        ? route.fulfill({ status: 404 })
        : route.fulfill({ body: readFileSync(file), contentType: TYPES[extname(file)] ?? 'application/octet-stream' });
    });
    const learn = async (): Promise<string> => {
      await page.goto(`${HOST}/try`);
      await page.click('.train-here .train');
      const said = page.locator('.train-here .said');
      await said.filter({ hasText: /never seen|failed/ }).waitFor({ timeout: 120_000 });
      await drawOne(page);
      const read = await page.locator('.train-here .answer .lm-title').first().textContent({ timeout: 10_000 });
      return `${await said.textContent()} ${read}.`;
    };
    const said = await Promise.race([learn(), failed]);
    const right = Number(/^[\d.]+/.exec(said)?.[0]);
    if (!(right >= 95) || !said.endsWith('It says 1.'))
      throw new Error(`the page that trains: expected 95% or more, and a one to be read; it said '${said}'`);
    return said;
  } finally {
    await browser.close();
  }
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

async function drawOne(page: Page): Promise<void> {
  const canvas = page.locator('.train-here canvas');
  await canvas.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await canvas.boundingBox())!;
  await page.mouse.move(x + width * 0.52, y + height * 0.2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.48, y + height * 0.8, { steps: 8 });
  await page.mouse.up();
}
