import { expect, test } from 'vitest';
import { brokenLinks } from './check-links.js';
import { rewriteLinks } from './links.js';

const map = {
  pages: new Map([
    ['packages/shape/README.md', '/packages/shape'],
    ['packages/layers-conv/src/conv2d/docs.md', '/layers/layers-conv/conv2d'],
  ]),
  exists: (path: string) => path.startsWith('packages/shape') || path.includes('conv2d') || path === 'LICENSE',
  asset: (path: string) => `/assets/${path}`,
};
const rewrite = (text: string): string => rewriteLinks('packages/tensor/README.md', text, map);

test('links to files of the repository become links to pages', () => {
  expect(rewrite('a [b](../shape/README.md#size) [c](../shape) [d](../layers-conv/src/conv2d/) [`e`](../shape)')).toBe(
    'a [b](/packages/shape#size) [c](/packages/shape) [d](/layers/layers-conv/conv2d) [`e`](/packages/shape)',
  );
});

test('links to files without a page become text; pictures move along', () => {
  expect(rewrite('[licence](../../LICENSE), ![a](../shape/a.svg)')).toBe('licence, ![a](/assets/packages/shape/a.svg)');
});

test('other links and code blocks stay', () => {
  const text = '[a](https://x.org) [b](#b) [c](/c) `x[0](y)`\n```md\n[d](nowhere)\n```\n````\n```\n[e](nowhere)\n````';
  expect(rewrite(text)).toBe(text);
});

test('a link to nothing is an error with file and line', () => {
  expect(() => rewrite('a\n[b](./nowhere.md)')).toThrow(
    'packages/tensor/README.md:2: the link to "./nowhere.md" leads to nothing',
  );
});

test('links of the built site lead to files and to headings that are there', () => {
  const pages = new Map([
    ['index.html', '<a href="/a.html#one">1</a><a href="/a#two">2</a><a href="https://x.org">3</a><img src="/no.png">'],
    ['a.html', '<h2 id="one">1</h2><a href="#one">up</a><a href="./b.html">b</a><a href="/dir/">d</a>'],
    ['dir/index.html', '<a href="../index.html">home</a><link href="/style.css" rel="stylesheet">'],
  ]);
  expect(brokenLinks(pages, new Set(['style.css']))).toEqual([
    'index.html: "/a#two" has no heading "two"',
    'index.html: "/no.png" leads to nothing',
    'a.html: "./b.html" leads to nothing',
  ]);
});
