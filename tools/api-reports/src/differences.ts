/** Reports by their paths. */
export type Reports = ReadonlyMap<string, string>;

/** Reports that are not as they should be, and the first thing that is wrong with each. */
export function differences(wanted: Reports, found: Reports): { readonly path: string; readonly what: string }[] {
  const paths = [...new Set([...wanted.keys(), ...found.keys()])].toSorted();
  return paths.flatMap((path) => {
    const [should, is] = [wanted.get(path), found.get(path)];
    if (should === is) return [];
    if (should === undefined) return [{ path, what: 'nothing can be imported from there any more' }];
    if (is === undefined) return [{ path, what: 'it is not there' }];
    const [a, b] = [should.split('\n'), is.split('\n')];
    const line = a.findIndex((text, i) => text !== b[i]);
    const at = line === -1 ? a.length : line;
    return [{ path, what: `line ${at + 1} is \`${b[at] ?? ''}\`, and should be \`${a[at] ?? ''}\`` }];
  });
}
