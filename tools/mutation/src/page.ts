import { REASONS } from './reasons.js';
import { scoreOf, type Change, type Result } from './result.js';

/** What is asked of a package, in percent. */
export const ASKED = 90;

/** The page of results of these packages, also of those that have none. */
export function mutationPage(packages: readonly string[], results: readonly Result[]): string {
  const rows = results.map((result) => {
    const { package: name, whole, pieces, killed, timeouts, survivors, commit } = result;
    // Hyphens at which a narrow column does not break.
    const date = result.date.replaceAll('-', '\u2011');
    const part = pieces.done < pieces.of ? `, ${pieces.done} of ${pieces.of} pieces` : '';
    const what = (whole ? 'all' : '`infer` and `vjp`') + part;
    return `| \`${name}\` | ${what} | ${scoreOf(result).toFixed(1)} % | ${killed} | ${timeouts.length} | ${survivors.length} | ${date}, ${commit} |`;
  });
  const missing = packages.filter((name) => results.every((result) => result.package !== name));
  return [
    '<!-- Written by `npm run mutation`. -->',
    '# Mutation testing',
    'Besides the bugs that laws plant by hand, Stryker changes the sources in small ways: a `<` becomes `<=`, a condition `true`, a\nblock empty. The tests of the package must fail for each. A change that they overlook is listed below, with the reason where\nit is one that changes nothing that can be seen; without a reason, a test is missing. Timeouts are runs that did not end. Changes that crash the runner count neither way.',
    `\`npm run mutation -- PACKAGE\` runs it, and writes this page; ${ASKED} % are asked for. It takes minutes to hours, and is run by hand: a\nrun that is stopped goes on where it was; \`--slice N\` stops after N pieces of some sixty lines. Of tensors, layers and losses, what\nsays the shapes and gradients of their ops is changed, of other packages all lines. Laws are held to a third of their usual cases.`,
    [
      '| package | lines | score | noticed | timeouts | overlooked | when |',
      '|---|---|---:|---:|---:|---:|---|',
      ...rows,
      ...missing.map((name) => `| \`${name}\` | not run yet | | | | | |`),
    ].join('\n'),
    ...results.flatMap(({ package: name, survivors, timeouts }) => [
      ...section(`Overlooked in ${name}`, survivors, true),
      ...section(`Timeouts in ${name}`, timeouts, false),
    ]),
  ]
    .join('\n\n')
    .concat('\n');
}

function section(title: string, changes: readonly Change[], reasons: boolean): string[] {
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
export function reasonOf({ file, original, replacement }: Change): string | undefined {
  return REASONS.find((each) => {
    const fits = each.original === undefined || original.includes(each.original);
    const made = each.replacement === undefined || replacement === each.replacement;
    return file.endsWith(each.file) && fits && made;
  })?.reason;
}
