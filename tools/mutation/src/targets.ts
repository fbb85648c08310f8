import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Packages that are changed if none is named. */
export const CORE: readonly string[] = ['shape', 'random', 'tree', 'optim', 'autograd'];

/**
 * Packages of whose ops the methods that say shapes and gradients are changed; of any other, and where no op is written out, all lines.
 * Of activations too: nearly all are expressions, which say both.
 */
const OPS = /^(tensor|losses|layers-(?!activation$).*)$/;

/** Tests that judge a package besides its own: the laws of the core's ops stand in the law kit, what nests gradients above it, and what the layers share has its laws with them. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  tensor: ['packages/laws/src/core', 'packages/autograd/src'],
  nn: ['packages/layers-dropout/src'],
};

/** Lines that are changed before the outcomes are kept: whoever stops a run loses minutes, and not hours. */
const PIECE = 60;

/** All packages, by the names of their folders. */
export function packagesOf(root: string): string[] {
  return readdirSync(join(root, 'packages'))
    .filter((name) => existsSync(join(root, 'packages', name, 'src')))
    .toSorted();
}

/** What is changed of a package, piece by piece, and the tests that must notice. */
export interface Target {
  /** Whether all lines are changed. */
  readonly whole: boolean;
  readonly pieces: readonly (readonly string[])[];
  readonly tests: readonly string[];
  /** Where sources and tests stand. */
  readonly folders: readonly string[];
}

export function targetOf(root: string, name: string): Target {
  const home = `packages/${name}/src`;
  const files = readdirSync(join(root, home), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !/(^|[./])(test|laws|bench)\.ts$/.test(file))
    .map((file) => `${home}/${file}`)
    .toSorted();
  const texts = files.map((file) => [file, readFileSync(join(root, file), 'utf8')] as const);
  const methods = texts.flatMap(([file, text]) =>
    methodRanges(text).map((range) => {
      const [first, last] = range.split('-').map((end) => parseInt(end, 10));
      return { place: `${file}:${range}`, lines: last! - first! + 1 };
    }),
  );
  const whole = !OPS.test(name) || methods.length === 0;
  const places = whole ? texts.map(([file, text]) => ({ place: file, lines: text.split('\n').length })) : methods;
  const pieces: string[][] = [];
  let left = 0;
  for (const { place, lines } of places) {
    if (lines > left) [left] = [PIECE, pieces.push([])];
    left -= lines;
    pieces.at(-1)!.push(place);
  }
  const folders = [home, ...(ALSO[name] ?? [])];
  return { whole, pieces, tests: folders.map((folder) => `${folder}/**/*.test.ts`), folders };
}

/** Where the methods `infer` and `vjp` of objects stand, as Stryker wants them: `line:column-line:column`. */
export function methodRanges(text: string): string[] {
  const source = ts.createSourceFile('op.ts', text, ts.ScriptTarget.Latest, true);
  const ranges: string[] = [];
  const at = (position: number): string => {
    const { line, character } = source.getLineAndCharacterOfPosition(position);
    return `${line + 1}:${character}`;
  };
  const visit = (node: ts.Node): void => {
    const isMember = ts.isMethodDeclaration(node) || ts.isPropertyAssignment(node);
    if (isMember && ts.isIdentifier(node.name) && ['infer', 'vjp'].includes(node.name.text))
      ranges.push(`${at(node.getStart())}-${at(node.end)}`);
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return ranges;
}
