import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const packages = join(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))), 'packages');

/** What an editor shows of something, as it is written. */
const wordsOf = (node: ts.Node): string =>
  ts
    .getJSDocCommentsAndTags(node)
    .map((comment) => comment.getText())
    .join('\n');

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** Sources of the libraries. */
const sources = readdirSync(packages)
  .filter((name) => name !== 'cli')
  .flatMap((name) => {
    const home = join(packages, name, 'src');
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).map((file) => join(home, file));
    return files.filter((file) => file.endsWith('.ts') && !/(^|[./\\])(test|laws|bench)\.ts$/.test(file));
  })
  .map((file) => ({
    file: file.slice(packages.length + 1),
    tree: ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true),
  }));

/** Says what there is where an option is not given. */
const TELLS = /default|optional|\bif none|\bwithout|\bunless|otherwise/i;

test('every option of every exported type of options has words, and one that may be left out says what is then', () => {
  const options = sources.flatMap(({ file, tree }) =>
    tree.statements
      .filter((node) => ts.isInterfaceDeclaration(node))
      .filter((node) => isExported(node) && node.name.text.endsWith('Options'))
      .flatMap(({ name, members }) =>
        members.filter((member) => ts.isPropertySignature(member)).map((member) => ({ file, name, member })),
      ),
  );
  expect(options.length).toBeGreaterThan(500);
  const silent = options.filter(({ member }) => {
    const words = wordsOf(member);
    return words === '' || (member.questionToken !== undefined && !TELLS.test(words));
  });
  expect(silent.map(({ file, name, member }) => `${file} ${name.text}.${member.name.getText()}`)).toEqual([]);
});

test('every function that an index exports by name has words', () => {
  const owner = (file: string): string => file.split(/[\\/]/)[0]!;
  const exported = new Set(
    sources
      .filter(({ file }) => /\bindex\.ts$/.test(file))
      .flatMap(({ file, tree }) =>
        tree.statements.flatMap((node) =>
          ts.isExportDeclaration(node) && node.exportClause !== undefined && ts.isNamedExports(node.exportClause)
            ? node.exportClause.elements.map(({ name }) => `${owner(file)} ${name.text}`)
            : [],
        ),
      ),
  );
  const functions = sources.flatMap(({ file, tree }) =>
    tree.statements
      .filter((node) => ts.isFunctionDeclaration(node))
      .filter((node) => isExported(node) && exported.has(`${owner(file)} ${node.name!.text}`))
      .map((node) => ({ file, node })),
  );
  expect(functions.length).toBeGreaterThan(400);
  const silent = functions.filter(({ node }) => wordsOf(node) === '');
  // The words of an overloaded function stand at its first signature.
  const first = silent.filter(
    ({ file, node }) =>
      !functions.some(
        (other) => other.file === file && other.node.name!.text === node.name!.text && wordsOf(other.node) !== '',
      ),
  );
  expect(first.map(({ file, node }) => `${file} ${node.name!.text}`)).toEqual([]);
});
