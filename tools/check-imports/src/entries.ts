/**
 * Whether a package's `exports` let a sub-path through.
 *
 * @param exports The field as package.json has it: sub-paths, of which one may hold a `*`.
 * @param subPath `'.'`, or `'./name'`.
 * @returns The source file within the package that stands for it, or undefined if nothing matches.
 */
export function sourceOf(exports: Readonly<Record<string, unknown>> | undefined, subPath: string): string | undefined {
  // Node takes the pattern with the longest part before the star.
  const patterns = Object.keys(exports ?? {}).toSorted((a, b) => b.indexOf('*') - a.indexOf('*'));
  for (const pattern of [subPath, ...patterns]) {
    const target = exports?.[pattern];
    const [before, after] = pattern.split('*') as [string, string?];
    const fits =
      pattern === subPath ||
      (after !== undefined &&
        subPath.startsWith(before) &&
        subPath.endsWith(after) &&
        subPath.length > before.length + after.length);
    if (!fits || target === undefined) continue;
    if (target === null) return undefined;
    const star = after === undefined ? '' : subPath.slice(before.length, subPath.length - after.length);
    const file = typeof target === 'string' ? target : (target as Record<string, string>)['@lemmata/source'];
    return file?.replaceAll('*', star);
  }
  return undefined;
}
