import ts from 'typescript';
import type { Import, Impurity, Module, Role } from './model.js';

/** The part that a module plays in its package, told by its path within `src/`. */
export function roleOf(path: string): Role {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.[cm]?tsx?$/, '');
  if (/(^|\.)(test|bench)$/.test(name)) return 'test';
  if (/(^|\.)(laws|mutants)$/.test(name)) return 'laws';
  if (/(^|\.)wasm$/.test(name) || /(^|\/)wasm\//.test(path)) return 'wasm';
  return 'source';
}

/** Reads the imports of a TypeScript source, and where it reads a clock or an unseeded generator. */
export function parse(path: string, text: string, role: Role): Module {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const line = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  const imports: Import[] = [];
  const impure: Impurity[] = [];
  const visit = (node: ts.Node): void => {
    const found = importIn(node);
    if (found) imports.push({ ...found, line: line(node) });
    const what = impurityIn(node);
    if (what) impure.push({ what, line: line(node) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, role, imports, impure };
}

function importIn(node: ts.Node): Omit<Import, 'line'> | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: isTypeOnly(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { specifier: node.argument.literal.text, typeOnly: true };
  }
  if (ts.isCallExpression(node) && loads(node.expression)) {
    const [target] = node.arguments;
    if (target && ts.isStringLiteralLike(target)) return { specifier: target.text, typeOnly: false };
  }
  return undefined;
}

/** `import type`, or named imports each of which is a type. `import './x.js'` has no clause and runs. */
function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

/** `import(…)`, `require(…)`, `require.resolve(…)`, `import.meta.resolve(…)`. */
function loads(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) return callee.text === 'require';
  return (
    ts.isPropertyAccessExpression(callee) &&
    callee.name.text === 'resolve' &&
    (ts.isMetaProperty(callee.expression) ||
      (ts.isIdentifier(callee.expression) && callee.expression.text === 'require'))
  );
}

const impureMembers: Readonly<Record<string, readonly string[]>> = {
  Math: ['random'],
  Date: ['now', 'parse', 'UTC'],
  performance: ['now', 'timeOrigin'],
  crypto: ['getRandomValues', 'randomUUID'],
  process: ['hrtime', 'uptime'],
};

function impurityIn(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
    const object = objectName(node.expression);
    const member = ts.isPropertyAccessExpression(node)
      ? node.name.text
      : ts.isStringLiteralLike(node.argumentExpression)
        ? node.argumentExpression.text
        : '';
    return object !== undefined && Object.hasOwn(impureMembers, object) && impureMembers[object]!.includes(member)
      ? `${object}.${member}`
      : undefined;
  }
  // `const { random } = Math`
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name) && node.initializer) {
    const object = objectName(node.initializer);
    if (object === undefined || !Object.hasOwn(impureMembers, object)) return undefined;
    const taken = node.name.elements.map((element) => (element.propertyName ?? element.name) as ts.Identifier);
    const member = taken.find((name) => impureMembers[object]!.includes(name.text));
    return member && `${object}.${member.text}`;
  }
  if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && objectName(node.expression) === 'Date') {
    return ts.isNewExpression(node) ? 'new Date' : 'Date()';
  }
  return undefined;
}

/** `Math`, and the `Math` of `globalThis.Math`. */
function objectName(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  return node.expression.text === 'globalThis' ? node.name.text : undefined;
}
