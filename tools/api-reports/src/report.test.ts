import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences } from './differences.js';
import { entriesOf } from './entries.js';
import { reportsOf } from './report.js';

let folder: string;
let reports: ReadonlyMap<string, string>;

/** A package as its sources and its build leave it. */
const FILES: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    name: '@lemmata/x',
    exports: {
      '.': { default: './dist/index.js' },
      './*/laws': { default: './dist/*/laws.js' },
      './*': { default: './dist/*/index.js' },
    },
  }),
  'index.d.ts': `export * from './conv/index.js';\nexport { add as plus, type Tensor } from '@lemmata/tensor';\n`,
  'conv/index.d.ts': `export { conv, type ConvOptions } from './conv.js';\nexport * from '../shared.js';\n`,
  'conv/conv.d.ts': `import type { Tensor } from '@lemmata/tensor';
import type { Sliding, Hidden as Concealed } from '../shared-types.js';
/** Options. */
export interface ConvOptions extends Sliding {
    /** Default 1. */
    readonly groups?: number | undefined;
}
/** What it does. @throws never */
export declare function conv(x: Tensor, options?: ConvOptions): Tensor;
export declare function conv(x: number): Concealed;
declare const notSeen: 1;
`,
  'shared.d.ts': `/** Of all. */\nexport declare class Box<T> {\n    #private;\n    /** @internal */\n    readonly inner: T;\n    /** What is in it. */\n    get value(): T;\n}\n`,
  'shared-types.d.ts': `export interface Sliding {\n    readonly stride: PerAxis;\n}\ntype PerAxis = number | readonly number[];\nexport type Hidden = Sliding | null;\n`,
  'conv/laws.d.ts': `import type { Laws } from '@lemmata/laws';\nexport declare const laws: readonly Laws[];\n`,
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lemmata-api-'));
  for (const [file, text] of Object.entries(FILES)) {
    const paths = file === 'package.json' ? [file] : [`dist/${file}`, `src/${file.replace('.d.ts', '.ts')}`];
    for (const path of [...paths, 'src/conv/conv.test.ts', 'src/oracle.laws.ts']) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }
  reports = reportsOf(entriesOf(folder), join(folder, 'dist'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('entries are what exports open, each by its shortest address', () => {
  expect(entriesOf(folder)).toEqual([
    { specifier: '@lemmata/x', module: 'index' },
    { specifier: '@lemmata/x/conv', module: 'conv/index' },
    { specifier: '@lemmata/x/conv/laws', module: 'conv/laws' },
  ]);
});

test('a declaration is written out once, in the folder of its entry, with the types that it needs and nobody exports', () => {
  expect([...reports.keys()]).toEqual(['api.md', 'conv/api.md']);
  expect(
    reports.get('conv/api.md'),
  ).toBe(`<!-- Written by \`npm run api\`: what can be imported from here, and its types. -->

## @lemmata/x/conv

\`\`\`ts
interface ConvOptions extends Sliding {
  readonly groups?: number | undefined;
}

function conv(x: Tensor, options?: ConvOptions): Tensor;
function conv(x: number): Concealed;

// not exported
type Hidden = Sliding | null;

// not exported
type PerAxis = number | readonly number[];

// not exported
interface Sliding {
  readonly stride: PerAxis;
}
\`\`\`

- from '@lemmata/x': Box

## @lemmata/x/conv/laws

\`\`\`ts
const laws: readonly Laws[];
\`\`\`
`);
});

test('what is exported again is named, with where it is written out: where it is declared', () => {
  expect(
    reports.get('api.md'),
  ).toBe(`<!-- Written by \`npm run api\`: what can be imported from here, and its types. -->

## @lemmata/x

\`\`\`ts
class Box<T> {
  #private;
  get value(): T;
}
\`\`\`

- from '@lemmata/tensor': Tensor, add as plus
- from '@lemmata/x/conv': ConvOptions, conv
`);
});

test('a report is stale if a line differs, if it is missing, and if nothing is left of what it was for', () => {
  const wanted = new Map([
    ['a', 'same\n'],
    ['b', 'one\ntwo\n'],
    ['c', 'new\n'],
  ]);
  const found = new Map([
    ['a', 'same\n'],
    ['b', 'one\n2\n'],
    ['d', 'old\n'],
  ]);
  expect(differences(wanted, found)).toEqual([
    { path: 'b', what: 'line 2 is `2`, and should be `two`' },
    { path: 'c', what: 'it is not there' },
    { path: 'd', what: 'nothing can be imported from there any more' },
  ]);
  expect(differences(wanted, wanted)).toEqual([]);
});

test('declarations that were never built are asked for', () => {
  expect(() => reportsOf([{ specifier: '@lemmata/x/y', module: 'y/index' }], join(folder, 'dist'))).toThrow(
    /y\/index\.d\.ts is missing: run `npm run build`/,
  );
});
