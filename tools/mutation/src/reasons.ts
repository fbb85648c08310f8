/** Why changes cannot be noticed: by file, and what was changed into what. */
export const REASONS: readonly {
  readonly file: string;
  /** A part of what stood there. */
  readonly original?: string;
  readonly replacement?: string;
  readonly reason: string;
}[] = [
  {
    file: 'tree/src/map.ts',
    original: 'rest.length > 0',
    reason: 'with one tree there is nothing to compare, and what is no tree is refused when it is built',
  },
  {
    file: 'tree/src/node.ts',
    original: "typeof value !== 'object'",
    reason: 'null is told apart before, and what is no object is refused by its prototype all the same',
  },
  {
    file: 'tree/src/node.ts',
    original: 'value === null',
    replacement: 'false',
    reason: 'null is told apart before',
  },
  {
    file: 'tree/src/path.ts',
    original: 'replacement === undefined',
    replacement: 'false',
    reason: 'rebuilding a tree of which nothing is replaced finds the same in it',
  },
  {
    file: 'tree/src/path.ts',
    original: "'object'",
    replacement: '""',
    reason: 'whatever is not an array is rebuilt as an object',
  },
  {
    file: 'tree/src/partition.ts',
    original: "'combine'",
    replacement: '""',
    reason: 'asked a second time: what is no tree was refused, by this name, at the first',
  },
];
