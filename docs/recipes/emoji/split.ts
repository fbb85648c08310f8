import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command, pixelsOf, UserError } from '@lemmata/cli';
import { encode } from 'fast-png';
import { emoji, emojiFolder } from './drawings.js';

/**
 * `node docs/recipes/dist/emoji/split.js DIR`: the training vendor's drawings alone as `DIR/train/CLASS` and `DIR/test/CLASS`,
 * every fifth emoji of a class held out. Settings are chosen there: `npm run recipe -- emoji --data DIR`.
 */
await command(async () => {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new UserError('expected a folder to write to');
  const { train, classes } = await emoji(emojiFolder());
  const seen = classes.map(() => 0);
  const [channels, height, width] = train.image.shape.slice(1) as [number, number, number];
  for (const [i, label] of Array.from(train.label.data).entries()) {
    const path = join(folder, seen[label]!++ % 5 === 4 ? 'test' : 'train', classes[label]!);
    await mkdir(path, { recursive: true });
    const planes = pixelsOf(train.image, i);
    const data = Uint8Array.from(planes, (_, p) => planes[(p % channels) * height * width + Math.floor(p / channels)]!);
    await writeFile(join(path, `${i}.png`), encode({ width, height, data, channels, depth: 8 }));
  }
  return 0;
});
