import { posix } from 'node:path';
import { Declarations, type Meaning } from './declarations.js';
import type { Entry } from './entries.js';

/** Where the reports of a package stand: one for each folder of sources, with a section for each of its entries. */
export const REPORT = 'api.md';

const INTRODUCTION = `<!-- Written by \`npm run api\`: what can be imported from here, and its types. -->`;

/** The reports of a package by their paths from its `src`: `conv/api.md`. */
export function reportsOf(entries: readonly Entry[], dist: string): Map<string, string> {
  const declarations = new Declarations(dist);
  const homes = homesOf(entries, declarations);
  const reports = new Map<string, string>();
  for (const entry of entries) {
    const file = posix.join(posix.dirname(entry.module), REPORT);
    const section = sectionOf(entry, declarations, homes);
    reports.set(file, `${reports.get(file) ?? `${INTRODUCTION}\n`}\n${section}`);
  }
  return reports;
}

const keyOf = ({ module, name }: { readonly module: string; readonly name: string }): string => `${module} ${name}`;

/** The entry in whose section a declaration is written out, which is the one nearest to it. */
function homesOf(entries: readonly Entry[], declarations: Declarations): Map<string, Entry> {
  const homes = new Map<string, Entry>();
  for (const entry of entries) {
    for (const meaning of declarations.exportsOf(entry.module).values()) {
      if ('from' in meaning) continue;
      const known = homes.get(keyOf(meaning));
      if (known === undefined || distance(entry.module, meaning.module) < distance(known.module, meaning.module))
        homes.set(keyOf(meaning), entry);
    }
  }
  return homes;
}

/** 0 for the same module; then by the folders between them. */
function distance(a: string, b: string): number {
  if (a === b) return 0;
  return 1 + posix.relative(posix.dirname(a), posix.dirname(b)).split('/').filter(Boolean).length;
}

function sectionOf(
  { specifier, module }: Entry,
  declarations: Declarations,
  homes: ReadonlyMap<string, Entry>,
): string {
  const written: string[] = [];
  const elsewhere = new Map<string, string[]>();
  const hidden = new Map<string, { readonly module: string; readonly name: string }>();
  const hide = (meaning: Meaning): void => {
    if ('from' in meaning || homes.has(keyOf(meaning)) || hidden.has(keyOf(meaning)) || meaning.name === '*') return;
    hidden.set(keyOf(meaning), meaning);
    for (const inner of declarations.usedBy(meaning).values()) hide(inner);
  };
  for (const [name, meaning] of [...declarations.exportsOf(module)].toSorted(byName)) {
    const home = 'from' in meaning ? meaning.from : homes.get(keyOf(meaning))!.specifier;
    if ('from' in meaning || home !== specifier) {
      const plain = meaning.name === name || meaning.name === '*';
      elsewhere.set(home, [...(elsewhere.get(home) ?? []), plain ? name : `${meaning.name} as ${name}`]);
      continue;
    }
    const code = declarations.codeOf(meaning);
    written.push(meaning.name === name ? code : `${code}\n// exported as ${name}`);
    for (const inner of declarations.usedBy(meaning).values()) hide(inner);
  }
  const again = [...elsewhere].toSorted(byName).map(([from, names]) => `from '${from}': ${names.join(', ')}`);
  const types = [...hidden.values()]
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .map((meaning) => `// not exported\n${declarations.codeOf(meaning)}`);
  const code = [...written, ...types].join('\n\n');
  return [
    `## ${specifier}`,
    ...(code === '' ? [] : [`\`\`\`ts\n${code}\n\`\`\``]),
    ...(again.length === 0 ? [] : [again.map((line) => `- ${line}`).join('\n')]),
  ]
    .join('\n\n')
    .concat('\n');
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
