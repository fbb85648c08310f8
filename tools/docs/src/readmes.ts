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
}

/** What whoever imports the index does not get: each needs something that the index does not, or is for few. */
const BESIDE = /^@lemmata\/[\w-]+\/(assembler|catalogue|image|laws|node|worker|.+\/(laws|wasm))$/;
/** The nodes of trees have nothing to do with Node. */
const NODES_OF_TREES = '@lemmata/tree/node';

/**
 * Reads from the API reports of a package what its README has to name.
 *
 * @param root The root of the repository.
 */
export function readReadmeFacts(root: string, facts: PackageFacts): ReadmeFacts {
  const source = join(root, facts.folder, 'src');
  const reports = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(^|[\\/])api\.md$/.test(path))
    .map((path) => readFileSync(join(source, path), 'utf8'));
  const sections = reports.flatMap((text) => text.split(/^## (?=@)/m).slice(1));
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
  };
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

/** What is missing in a README, or wrong: a sentence each. */
export function readmeProblems(text: string, facts: ReadmeFacts): string[] {
  return CHECKS.map((check) => check(text, facts)).filter((problem) => problem !== null);
}
