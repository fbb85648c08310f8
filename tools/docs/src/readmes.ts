import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { examplesIn } from './examples.js';
import type { PackageFacts } from './facts.js';

/** What a package's README has to name, read from the package. */
export interface ReadmeFacts extends Pick<PackageFacts, 'name' | 'dependencies' | 'thirdParty'> {
  /** The layers that its index exports: their folders in `src`, each with a page. */
  readonly layers: readonly string[];
  /** The functions that its index exports. */
  readonly functions: readonly string[];
  /** Entries that stand beside the index. */
  readonly entries: readonly string[];
  /** The packages of this repository that installing it brings, those of its dependencies too. */
  readonly brings: readonly string[];
}

/** What whoever imports the index does not get: each needs something that the index does not, or is for few. */
const BESIDE = /^@lemmata\/[\w-]+\/(assembler|catalogue|image|laws|node|worker|.+\/(laws|wasm))$/;
/** The nodes of trees have nothing to do with Node. */
const NODES_OF_TREES = '@lemmata/tree/node';

/** The API reports below a folder of sources. */
const reportsIn = (source: string): string[] =>
  readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(^|[\\/])api\.md$/.test(path))
    .map((path) => readFileSync(join(source, path), 'utf8'));

/**
 * Reads from package.json and the API reports of a package what its README has to name.
 *
 * @param root The root of the repository.
 * @param packages All of them, `facts` among them.
 */
export function readReadmeFacts(root: string, facts: PackageFacts, packages: readonly PackageFacts[]): ReadmeFacts {
  const source = join(root, facts.folder, 'src');
  const sections = reportsIn(source).flatMap((text) => text.split(/^## (?=@)/m).slice(1));
  const whole = `@lemmata/${facts.name}`;
  const index = sections.find((text) => text.startsWith(`${whole}\n`)) ?? '';
  const exported = [...index.matchAll(/^- from '([^']+)': (.*)$/gm)].map(([, from, names]) => ({
    folder: from!.slice(whole.length + 1),
    names: names!.split(', '),
  }));
  const declared = [
    ...index.replace(/^\/\/ not exported[^]*?^```/m, '').matchAll(/^(?:async )?(?:function|const) (\w+)/gm),
  ].map(([, each]) => each!);
  const entries = sections
    .map((text) => text.slice(0, text.indexOf('\n')))
    .filter((entry) => BESIDE.test(entry) && entry !== NODES_OF_TREES)
    .toSorted();
  return {
    name: facts.name,
    dependencies: facts.dependencies,
    thirdParty: facts.thirdParty,
    layers: exported.map(({ folder }) => folder).filter((folder) => existsSync(join(source, folder, 'docs.md'))),
    // Types, classes and ops have a capital: the functions that make or apply them lead to these.
    functions: [...exported.flatMap(({ names }) => names), ...declared]
      .filter((each) => /^[a-z]/.test(each))
      .toSorted(),
    entries,
    brings: [...broughtBy(facts.name, packages)].toSorted(),
  };
}

function broughtBy(name: string, packages: readonly PackageFacts[], found: Set<string> = new Set()): Set<string> {
  for (const each of packages.find((one) => one.name === name)?.dependencies ?? [])
    if (!found.has(each)) broughtBy(each, packages, found.add(each));
  return found;
}

/** `conv1dLayer`, `conv2d` and `conv2dWithIndices` are one family: whoever reads of one knows the others. */
const family = (name: string): string => name.replace(/(Layer|With[A-Z]\w*)$/, '').replace(/[123]d$/, '2d');

const without = (all: readonly string[], some: readonly string[]): string[] =>
  all.filter((each) => !some.includes(each));

/** What a README is held to: each says what is missing, or null. */
const CHECKS: readonly ((text: string, facts: ReadmeFacts) => string | null)[] = [
  function install(text, { name }) {
    const block = new RegExp(`^\`\`\`sh\\n[^\`]*npm i (-\\w )?@lemmata/${name}\\b[^-/]`, 'm');
    return block.test(text) ? null : `tells nobody how to install it: \`npm i @lemmata/${name}\`, in a block of sh`;
  },
  function example(text) {
    return examplesIn('README.md', text).some(({ code }) => code.includes('// → '))
      ? null
      : 'has no example that runs: a block of `ts run` that prints something, with `// → ` before what it prints';
  },
  function copied(text, { name, brings }) {
    const installed = [...text.matchAll(/^npm i .*$/gm)].join(' ').matchAll(/@lemmata\/([\w-]+)/g);
    const there = new Set([name, ...brings, ...[...installed].map(([, each]) => each!)]);
    const first = examplesIn('README.md', text)[0]?.code ?? '';
    const imported = [...first.matchAll(/from '@lemmata\/([\w-]+)/g)].map(([, each]) => each!);
    const missing = imported.filter((each) => !there.has(each));
    return missing.length > 0 ? `first shows what needs ${missing.join(', ')}, which is not installed then` : null;
  },
  function dependencies(text, facts) {
    const paragraph = text.split('\n\n').find((each) => each.startsWith('Depends on '));
    if (paragraph === undefined) return 'has no paragraph that starts with "Depends on"';
    const named = [...paragraph.matchAll(/\]\(\.\.\/([\w-]+)\)/g)].map(([, each]) => each!);
    const [missing, extra] = [without(facts.dependencies, named), without(named, facts.dependencies)];
    if (missing.length > 0) return `"Depends on" does not link to ${missing.join(', ')}`;
    return extra.length > 0 ? `"Depends on" links to ${extra.join(', ')}, which package.json does not have` : null;
  },
  function elsewhere(text, { thirdParty }) {
    const missing = thirdParty.filter((each) => !text.includes(`\`${each}\``));
    return missing.length > 0 ? `does not name what comes from elsewhere: ${missing.join(', ')}` : null;
  },
  function pages(text, { layers }) {
    const missing = layers.filter((layer) => !text.includes(`](./src/${layer}/docs.md)`));
    return missing.length > 0 ? `does not link to the pages of ${missing.join(', ')}: ./src/…/docs.md` : null;
  },
  function functions(text, facts) {
    const code = [...text.matchAll(/^```[^]+?^```|`[^`]+`/gm)].join('\n');
    const known = new Set([...code.matchAll(/[\w$]+/g)].map(([word]) => family(word)));
    const missing = facts.functions.filter((each) => !known.has(family(each)));
    return missing.length > 0 ? `does not name ${missing.join(', ')}` : null;
  },
  function entries(text, facts) {
    const missing = facts.entries.filter((entry) => !new RegExp(`${entry}(?![\\w/-])`).test(text));
    // The laws of one layer show how those of all are called.
    const laws = facts.entries.filter((entry) => entry.endsWith('/laws'));
    if (laws.length > 0 && without(laws, missing).length === 0) return `names no laws, such as ${laws[0]}`;
    const others = without(missing, laws);
    return others.length > 0 ? `does not name ${others.join(', ')}` : null;
  },
];

/** Is said not to be there. */
const ABSENT = new Set(['dispose']);

/**
 * What a README names that nothing has, beside its examples, which would fail: entries, and names of functions, options and types.
 *
 * @param words All words of the API reports.
 */
export function strangers(text: string, words: ReadonlySet<string>): string[] {
  const spans = [...text.replaceAll(/^```[^]+?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
  const names = spans.flatMap((span) => /^(@lemmata\/[\w/-]+$|[A-Za-z][A-Za-z0-9]*(?=\(|$))/.exec(span)?.[0] ?? []);
  return names.filter((name) => !words.has(name) && !ABSENT.has(name) && !(name in globalThis));
}

/** Every word of the API reports of all packages, and the names of entries. */
export function reportedWords(root: string): ReadonlySet<string> {
  const texts = readdirSync(join(root, 'packages')).flatMap((name) => reportsIn(join(root, 'packages', name, 'src')));
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/@lemmata\/[\w/-]+/g), ...text.matchAll(/\w+/g)].map(([word]) => word)),
  );
}

/** What is missing in a README, or wrong: a sentence each. */
export function readmeProblems(text: string, facts: ReadmeFacts): string[] {
  return CHECKS.map((check) => check(text, facts)).filter((problem) => problem !== null);
}
