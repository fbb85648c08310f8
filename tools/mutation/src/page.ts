import { REASONS } from './reasons.js';
import { changesOf, killedOf, scoreOf, type Change, type Result, type Run } from './result.js';

/** What is asked of a package, in percent. */
export const ASKED = 90;

type FileChange = Change & { readonly file: string };

/** The page of results of these packages, also of those that have none. */
export function mutationPage(packages: readonly string[], results: readonly Result[]): string {
  const rows = results.map((result) => {
    const { package: name, whole, of } = result;
    const runs = Object.values(result.files);
    const again = runs.flatMap((each) => each.again ?? []);
    const part = runs.length < of ? `, ${runs.length} of ${of} files` : '';
    const what = (whole ? 'all' : '`infer` and `vjp`') + part;
    const when = period(runs) + (again.length === 0 ? '' : `; overlooked: ${period(again)}`);
    const counts = [killedOf(result), changesOf(result, 'timeouts').length, changesOf(result, 'survivors').length];
    return `| \`${name}\` | ${what} | ${scoreOf(result).toFixed(1)} % | ${counts.join(' | ')} | ${when} |`;
  });
  const missing = packages.filter((name) => results.every((result) => result.package !== name));
  return [
    '<!-- Written by `npm run mutation`. -->',
    '# Mutation testing',
    'Besides the bugs that laws plant by hand, Stryker changes the sources in small ways: a `<` becomes `<=`, a condition `true`, a\nblock empty. The tests of the package must fail for each. A change that they overlook is listed below, with the reason where\nit is one that changes nothing that can be seen; without a reason, a test is missing. Timeouts are runs that did not end. Changes that crash the runner count neither way.',
    `\`npm run mutation -- PACKAGE\` runs it, and writes this page; ${ASKED} % are asked for. It takes minutes to hours, and is run by hand:
\`--slice N\` runs N pieces of some sixty lines, of files that were not run yet or have changed since, and adds them to what is here;
\`--again\` tries again what was overlooked. Files come in an order that says nothing of them, by a hash of their names: a slice is
a fair sample. Of tensors, layers and losses, what says the shapes and gradients of their ops is changed, of other packages all
lines. Laws are held to a third of their usual cases.`,
    [
      '| package | lines | score | noticed | timeouts | overlooked | when |',
      '|---|---|---:|---:|---:|---:|---|',
      ...rows,
      ...missing.map((name) => `| \`${name}\` | not run yet | | | | | |`),
    ].join('\n'),
    ...results.flatMap((result) => [
      ...section(`Overlooked in ${result.package}`, changesOf(result, 'survivors'), true),
      ...section(`Timeouts in ${result.package}`, changesOf(result, 'timeouts'), false),
    ]),
  ]
    .join('\n\n')
    .concat('\n');
}

/** From the first to the last day, with the commit, or how many there are. */
function period(runs: readonly Run[]): string {
  const days = runs.map(({ date }) => date).toSorted();
  const commits = new Set(runs.map(({ commit }) => commit));
  // Hyphens at which a narrow column does not break.
  const span = [...new Set([days[0]!, days.at(-1)!])].join(' to ').replaceAll('-', '\u2011');
  return `${span}, ${commits.size === 1 ? [...commits][0] : `${commits.size} commits`}`;
}

function section(title: string, changes: readonly FileChange[], reasons: boolean): string[] {
  if (changes.length === 0) return [];
  const code = (text: string): string => `\`\` ${text.replaceAll('|', '\\|')} \`\``;
  const lines = changes.map((change) => {
    const { file, line, original, replacement } = change;
    const place = `${file.replace(/^packages\/[^/]+\/src\//, '')}:${line}`;
    const why = reasons ? ` ${reasonOf(change) ?? 'no reason: a test is missing'} |` : '';
    return `| ${place} | ${code(original)} | ${code(replacement)} |${why}`;
  });
  const head = reasons
    ? '| place | is | was made | why |\n|---|---|---|---|'
    : '| place | is | was made |\n|---|---|---|';
  return [`## ${title}`, [head, ...lines].join('\n')];
}

/** Why a change cannot be noticed; undefined where nobody has said. */
export function reasonOf({ file, original, replacement }: FileChange): string | undefined {
  return REASONS.find((each) => {
    const fits = each.original === undefined || original.includes(each.original);
    const made = each.replacement === undefined || replacement === each.replacement;
    return file.endsWith(each.file) && fits && made;
  })?.reason;
}
