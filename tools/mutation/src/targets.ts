import { createHash } from 'node:crypto';
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

/** A file that is changed. */
export interface Unit {
  readonly file: string;
  /** What is changed of it, as Stryker wants it: `file`, or `file:line:column-line:column` of each method. */
  readonly places: readonly string[];
  readonly lines: number;
  /** A hash of its text. */
  readonly text: string;
}

/** What is changed of a package, and the tests that must notice. */
export interface Target {
  /** Whether all lines are changed. */
  readonly whole: boolean;
  /** By a hash of their names: the first of them are a fair sample, and stay the first. */
  readonly units: readonly Unit[];
  readonly tests: readonly string[];
}

export function targetOf(root: string, name: string): Target {
  const home = `packages/${name}/src`;
  const files = readdirSync(join(root, home), { recursive: true, encoding: 'utf8' })
    .map((file) => `${home}/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.ts') && !/(^|[./])(test|laws|bench)\.ts$/.test(file));
  const texts = byHash(files).map((file) => [file, readFileSync(join(root, file), 'utf8')] as const);
  const methods = texts
    .map(([file, text]) => {
      const ranges = methodRanges(text);
      const lines = ranges.map((range) => {
        const [first, last] = range.split('-').map((end) => parseInt(end, 10));
        return last! - first! + 1;
      });
      const places = ranges.map((range) => `${file}:${range}`);
      return { file, places, lines: lines.reduce((sum, n) => sum + n, 0), text: hashOf(text) };
    })
    .filter(({ places }) => places.length > 0);
  const whole = !OPS.test(name) || methods.length === 0;
  const all = texts.map(([file, text]) => ({
    file,
    places: [file],
    lines: text.split('\n').length,
    text: hashOf(text),
  }));
  const folders = [home, ...(ALSO[name] ?? [])];
  return { whole, units: whole ? all : methods, tests: folders.map((folder) => `${folder}/**/*.test.ts`) };
}

/** Names in an order that says nothing of them, and in which two names keep their order whatever the others are. */
export function byHash(names: readonly string[]): string[] {
  const key = new Map(names.map((name) => [name, hashOf(name)]));
  return names.toSorted((a, b) => (key.get(a)! < key.get(b)! ? -1 : 1));
}

/** Twelve letters that tell texts apart. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Those of which nothing is known, or only of another text. */
export function lacking(units: readonly Unit[], known: Readonly<Record<string, { readonly text: string }>>): Unit[] {
  return units.filter(({ file, text }) => known[file]?.text !== text);
}

/** Files in pieces of some lines, or of one file that is longer. */
export function piecesOf(units: readonly Unit[]): Unit[][] {
  const pieces: Unit[][] = [];
  let left = 0;
  for (const unit of units) {
    if (unit.lines > left) [left] = [PIECE, pieces.push([])];
    left -= unit.lines;
    pieces.at(-1)!.push(unit);
  }
  return pieces;
}

/** Where the methods `infer` and `vjp` of objects stand, as Stryker wants them: `line:column-line:column`. */
export function methodRanges(text: string): string[] {
  const source = parsed(text);
  const ranges: string[] = [];
  const visit = (node: ts.Node): void => {
    const isMember = ts.isMethodDeclaration(node) || ts.isPropertyAssignment(node);
    if (isMember && ts.isIdentifier(node.name) && ['infer', 'vjp'].includes(node.name.text))
      ranges.push(rangeOf(source, node));
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return ranges;
}

export function parsed(text: string): ts.SourceFile {
  return ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
}

/** Lines count from 1, columns from 0. */
export function rangeOf(source: ts.SourceFile, node: ts.Node): string {
  const at = (position: number): string => {
    const { line, character } = source.getLineAndCharacterOfPosition(position);
    return `${line + 1}:${character}`;
  };
  return `${at(node.getStart(source))}-${at(node.end)}`;
}
