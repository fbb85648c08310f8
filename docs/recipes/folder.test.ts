import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runRecipe } from '@lemmata/cli';
import { encode } from 'fast-png';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { recipe as autoencoder } from './autoencoder-mnist/recipe.js';
import { recipe as dcgan } from './dcgan-mnist/recipe.js';
import { recipe as vae } from './vae-mnist/recipe.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lemmata-pictures-'));
  await mkdir(join(folder, 'pebbles/more'), { recursive: true });
  for (let i = 0; i < 12; i++) {
    const data = Uint8Array.from({ length: 3 * 30 * 20 }, (_, p) => (p * (i + 3)) % 251);
    const path = join(folder, 'pebbles', i < 6 ? 'more' : '', `${i}.png`);
    await writeFile(path, encode({ width: 30, height: 20, data, channels: 3, depth: 8 }));
  }
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  [autoencoder, 'test PSNR '],
  [vae, 'test ELBO '],
  [dcgan, 'distance between samples, of that between real images '],
])('$name learns from a few images of a folder, without labels', async (recipe, result) => {
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true));
  const out = join(folder, recipe.name);
  const options = ['--quick', '--data', join(folder, 'pebbles'), '--out', out, '--threads', '1'];
  expect(await runRecipe(recipe, options).finally(() => write.mockRestore())).toBe(0);
  expect(printed).toContain('pebbles: 10 training images, 2 test images');
  expect(printed.trimEnd().split('\n').at(-1)!.startsWith(result)).toBe(true);
  const report = await readFile(join(out, 'report.html'), 'utf8');
  expect(report).toContain('pebbles: the images in ');
  expect(report).toMatch(/<h1>[\w ]+ on pebbles<\/h1>/);
  const words = report.replaceAll(/base64,[^"]*/g, '');
  expect(/.{30}(NaN|undefined|digit)/.exec(words)?.[0]).toBe(undefined);
});
