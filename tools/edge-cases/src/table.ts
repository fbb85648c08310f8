import { edgeCases } from './cases.js';
import type { CaseResult } from './run.js';

const cell = (text: string): string =>
  text.replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;').replaceAll('{', '&#123;');

/** A thread as a link; GitHub leads from an issue's address to the pull request of that number. */
function sourceLink(source: string): string {
  const thread = /^([^/\s]+\/[^#\s]+)#(\d+)$/.exec(source);
  if (thread !== null) return `[${source}](https://github.com/${thread[1]}/issues/${thread[2]})`;
  return `[${new URL(source).hostname}](${source})`;
}

/** The tables of all cases, a section for each subject, in Markdown. */
export function caseTables(results: readonly CaseResult[]): string {
  const byCode = new Map(results.map((result) => [result.code, result]));
  const sections = Object.entries(edgeCases).map(([subject, cases]) => {
    const rows = cases.map(({ code }) => {
      const { holds, sources, tests, result, pending } = byCode.get(code)!;
      const shown = tests.map(({ file, name }) => `\`${file}\`: ${cell(name)}`).join('<br>') || cell(pending ?? 'none');
      return `| ${code} | ${cell(holds)} | ${sources.map(sourceLink).join(' ')} | ${shown} | ${result} |`;
    });
    return [
      `## ${subject}`,
      ['| | what holds | told in | tests | result |', '|---|---|---|---|---|', ...rows].join('\n'),
    ].join('\n\n');
  });
  const count = (what: CaseResult['result']): number => results.filter(({ result }) => result === what).length;
  const tests = results.reduce((sum, result) => sum + result.tests.length, 0);
  const summary =
    `${results.length} cases, ${tests} tests: ${count('passed')} passed, ${count('failed')} failed, ` +
    `${count('pending')} not yet.`;
  return [summary, ...sections].join('\n\n');
}
