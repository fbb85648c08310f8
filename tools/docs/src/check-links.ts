import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/**
 * The links within a built site that lead nowhere, to a missing file or to a missing heading.
 *
 * @param pages The text of every HTML file, by its path in the site.
 * @param others The paths of all other files.
 */
export function brokenLinks(pages: ReadonlyMap<string, string>, others: ReadonlySet<string>): string[] {
  const ids = new Map(
    [...pages].map(([path, html]) => [path, new Set([...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]))]),
  );
  const broken: string[] = [];
  for (const [path, html] of pages) {
    const seen = new Set([...html.matchAll(/\s(?:href|src)="([^"]+)"/g)].map((match) => match[1]!));
    for (const link of seen) {
      if (/^([a-z]+:|\/\/)/.test(link)) continue;
      const [file, hash] = link.replaceAll('&amp;', '&').split('#') as [string, string?];
      const absolute = file === '' ? path : posix.resolve('/', posix.dirname(path), file).slice(1);
      const page = [absolute, `${absolute}.html`, posix.join(absolute, 'index.html')].find((each) => pages.has(each));
      if (page === undefined) {
        if (!others.has(absolute)) broken.push(`${path}: "${link}" leads to nothing`);
      } else if (hash && !ids.get(page)!.has(decodeURIComponent(hash))) {
        broken.push(`${path}: "${link}" has no heading "${hash}"`);
      }
    }
  }
  return broken;
}

/** Reads a built site and returns its broken links and the number of its pages. */
export function checkSite(folder: string): { broken: string[]; pages: number } {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
  const html = files.filter((path) => path.endsWith('.html'));
  const pages = new Map(html.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  return { broken: brokenLinks(pages, new Set(files)), pages: pages.size };
}
