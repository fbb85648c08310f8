import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

// The pages are put together by tools/docs, which lists them for the sidebar as well.
const sidebar = fileURLToPath(new URL('../.site/sidebar.json', import.meta.url));
if (!existsSync(sidebar)) throw new Error('docs/.site is missing: run "npm run docs" at the root of the repository');

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g fill="#5672cd">' +
  '<circle cx="16" cy="8" r="5"/><circle cx="7" cy="24" r="5"/><circle cx="25" cy="24" r="5"/></g></svg>';

export default defineConfig({
  title: 'Lemmata',
  description: 'Convolutional neural networks in small packages, with laws that run.',
  lang: 'en',
  srcDir: '.site',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  // Prefetching trips over links inside an SVG, such as the package graph.
  router: { prefetchLinks: false },
  cleanUrls: true,
  ignoreDeadLinks: false,
  // The worker of the page that trains is a module, as all of this is.
  vite: { worker: { format: 'es' } },
  markdown: { math: true },
  themeConfig: {
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Course', link: '/course' },
      { text: 'Try it', link: '/try' },
      { text: 'Packages', link: '/packages/', activeMatch: '^/packages/' },
      { text: 'Architecture', link: '/architecture' },
      { text: 'Performance', link: '/performance' },
    ],
    sidebar: JSON.parse(readFileSync(sidebar, 'utf8')),
    search: { provider: 'local' },
  },
});
