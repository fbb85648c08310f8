import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** What a name of a module stands for. */
export type Meaning =
  /** Something that a module of the package declares. */
  | { readonly module: string; readonly name: string }
  /** Something of another package. */
  | { readonly from: string; readonly name: string };

interface Read {
  /** Statements that declare a name; functions may have several. */
  readonly declared: Map<string, ts.Statement[]>;
  readonly imported: Map<string, Meaning>;
  readonly exported: Map<string, Meaning>;
  /** Modules and packages all of whose exports are exported. */
  readonly stars: string[];
}

/** The declarations that the compiler wrote for the modules of a package, read one by one as they are needed. */
export class Declarations {
  readonly #dist: string;
  readonly #modules = new Map<string, Read>();

  constructor(dist: string) {
    this.#dist = dist;
  }

  /** What a module exports, by name; `export *` of other packages by the package's name. */
  exportsOf(module: string, seen: ReadonlySet<string> = new Set()): Map<string, Meaning> {
    const { exported, stars } = this.#read(module);
    const all = new Map(exported);
    for (const star of stars) {
      if (!star.startsWith('.')) {
        all.set(`* from ${star}`, { from: star, name: '*' });
        continue;
      }
      const to = within(module, star);
      if (seen.has(to)) continue;
      // What a module exports by name hides what comes with a star.
      for (const [name, meaning] of this.exportsOf(to, new Set([...seen, module])))
        if (!all.has(name)) all.set(name, meaning);
    }
    return new Map([...all].map(([name, meaning]) => [name, this.#resolve(meaning)]));
  }

  /** The code of a declaration, without its comments. */
  codeOf({ module, name }: { readonly module: string; readonly name: string }): string {
    const statements = this.#read(module).declared.get(name) ?? [];
    return statements.map((statement) => codeOf(statement)).join('\n');
  }

  /** What the types in a declaration are made of, other than its own name. */
  usedBy({ module, name }: { readonly module: string; readonly name: string }): Map<string, Meaning> {
    const { declared, imported } = this.#read(module);
    const used = new Map<string, Meaning>();
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && node.text !== name) {
        const local = declared.has(node.text) ? { module, name: node.text } : imported.get(node.text);
        if (local !== undefined && !used.has(node.text)) used.set(node.text, this.#resolve(local));
      }
      ts.forEachChild(node, visit);
    };
    for (const statement of declared.get(name) ?? []) visit(statement);
    return used;
  }

  /** Follows a name to the module that declares it. */
  #resolve(meaning: Meaning, seen: readonly string[] = []): Meaning {
    if ('from' in meaning) return meaning;
    const { module, name } = meaning;
    const { declared, exported, imported, stars } = this.#read(module);
    if (declared.has(name)) return meaning;
    const next = exported.get(name) ?? imported.get(name);
    const key = `${module} ${name}`;
    if (seen.includes(key)) return meaning;
    if (next !== undefined) return this.#resolve(next, [...seen, key]);
    for (const star of stars.filter((each) => each.startsWith('.'))) {
      const found = this.#resolve({ module: within(module, star), name }, [...seen, key]);
      if ('from' in found || this.#read(found.module).declared.has(found.name)) return found;
    }
    return meaning;
  }

  #read(module: string): Read {
    let read = this.#modules.get(module);
    if (read === undefined) {
      read = parse(join(this.#dist, `${module}.d.ts`), module);
      this.#modules.set(module, read);
    }
    return read;
  }
}

/** `./y.js`, named in the module `x/index`, as a module: `x/y`. */
function within(module: string, specifier: string): string {
  return posix.join(posix.dirname(module), specifier).replace(/\.js$/, '');
}

function parse(file: string, module: string): Read {
  if (!existsSync(file)) throw new Error(`${file} is missing: run \`npm run build\``);
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const read: Read = { declared: new Map(), imported: new Map(), exported: new Map(), stars: [] };
  const place = (specifier: string, name: string): Meaning =>
    specifier.startsWith('.') ? { module: within(module, specifier), name } : { from: specifier, name };
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      const from = textOf(statement.moduleSpecifier);
      const { name, namedBindings } = statement.importClause ?? {};
      if (name !== undefined) read.imported.set(name.text, place(from, 'default'));
      if (namedBindings !== undefined && ts.isNamespaceImport(namedBindings))
        read.imported.set(namedBindings.name.text, place(from, '*'));
      else if (namedBindings !== undefined)
        for (const each of namedBindings.elements)
          read.imported.set(each.name.text, place(from, (each.propertyName ?? each.name).text));
    } else if (ts.isExportDeclaration(statement)) {
      const from = statement.moduleSpecifier && textOf(statement.moduleSpecifier);
      if (statement.exportClause === undefined) read.stars.push(from!);
      else if (ts.isNamedExports(statement.exportClause))
        for (const each of statement.exportClause.elements) {
          const name = (each.propertyName ?? each.name).text;
          read.exported.set(each.name.text, from === undefined ? { module, name } : place(from, name));
        }
      else read.exported.set(statement.exportClause.name.text, place(from!, '*'));
    } else {
      for (const name of namesOf(statement)) {
        read.declared.set(name, [...(read.declared.get(name) ?? []), statement]);
        if (isExported(statement)) read.exported.set(name, { module, name });
      }
    }
  }
  return read;
}

function textOf(node: ts.Expression): string {
  return (node as ts.StringLiteral).text;
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => (name as ts.Identifier).text);
  const { name } = statement as ts.Statement & { readonly name?: ts.Identifier };
  return name === undefined ? [] : [name.text];
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

/** As the compiler wrote it, without comments; what is internal by its comment is left out. */
function codeOf(statement: ts.Statement): string {
  const source = statement.getSourceFile();
  const cuts: [start: number, end: number][] = [];
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []) {
      const internal = source.text.slice(pos, end).includes('@internal') && ts.isClassElement(node);
      cuts.push([pos, internal ? node.end : end]);
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(statement, visit);
  const start = statement.getStart();
  let code = '';
  let at = start;
  for (const [from, to] of cuts.toSorted(([a], [b]) => a - b)) {
    if (from < at) continue;
    code += source.text.slice(at, from);
    at = to;
  }
  code += source.text.slice(at, statement.end);
  return code
    .replace(/^export (declare )?/, '')
    .replace(/^declare /, '')
    .split('\n')
    .map((line) => line.trimEnd().replace(/^( {4})+/, (spaces) => ' '.repeat(spaces.length / 2)))
    .filter((line) => line !== '')
    .join('\n');
}
