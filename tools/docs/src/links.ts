import { posix } from 'node:path';

/** What is needed to lead the links of a file of the repository to the pages of the site. */
export interface LinkMap {
  /** From a file of the repository to its page, e.g. `packages/shape/README.md` → `/packages/shape`. */
  readonly pages: ReadonlyMap<string, string>;
  /** Whether the repository has this file or folder. */
  exists(path: string): boolean;
  /** Puts a picture into the site and returns its address. */
  asset(path: string): string;
}

/**
 * Rewrites the relative links of a Markdown text, which lead to files of the repository, into links within the site. A
 * link to a file without a page becomes its bare text; code is left alone.
 *
 * @throws Error naming file and line if a link leads to nothing.
 */
export function rewriteLinks(path: string, text: string, map: LinkMap): string {
  let fence = '';
  return text
    .split('\n')
    .map((line, index) => {
      const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
      if (mark !== undefined && (fence === '' || line.trim() === fence)) fence = fence === '' ? mark : '';
      if (fence !== '') return line;
      return line.replace(/`[^`]*`|(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)/g, (whole, bang, label, target) => {
        if (target === undefined || /^([a-z]+:|#|\/)/.test(target)) return whole;
        const [file, hash] = target.split('#') as [string, string?];
        const found = posix.normalize(posix.join(posix.dirname(path), file)).replace(/\/$/, '');
        if (!map.exists(found)) throw new Error(`${path}:${index + 1}: the link to "${target}" leads to nothing`);
        if (bang) return `![${label}](${map.asset(found)})`;
        const page = map.pages.get(found) ?? map.pages.get(`${found}/README.md`) ?? map.pages.get(`${found}/docs.md`);
        return page === undefined ? label : `[${label}](${page}${hash === undefined ? '' : `#${hash}`})`;
      });
    })
    .join('\n');
}
