import { escapeText, reportPage, table, type ReportSection } from '@lemmata/visualize';
import { commandOf, nameOf, type Cell } from './cell.js';
import { inventoryOf, withoutLaws } from './evidence.js';
import { headOf, type Findings, type Outcome } from './findings.js';
import { gapsOf } from './gaps.js';
import { matrix, MATRIX_STYLE } from './matrix.js';
import { bugsOf, counted, outcomeOf, unique } from './words.js';

const STYLE = `<style>
.lm-body>.lw+.lw{margin-top:4px}.lw summary{cursor:pointer;padding:4px 0}.lw summary small,.lw dd small{color:var(--lm-muted)}
.lw dl{margin:4px 0 14px 18px;font-size:14px}.lw dt{font-weight:600;margin-top:12px}.lw dd{margin:2px 0 0}
.lw dt::after{font-weight:400;font-size:13px;color:var(--lm-muted);margin-left:8px}.lw dt:target{background:#d9a2274d}
.lw code{font-size:12.5px;overflow-wrap:anywhere}
</style>`;

/** The page of an audit. */
export function auditPage(findings: Findings): string {
  const head = headOf(findings);
  const { cells, circumstances, conformance, edgeCases } = findings;
  const without = withoutLaws(findings);
  const gaps = gapsOf(cells, findings.leftOut);
  const trouble = cells.filter(({ status }) => status !== 'held');
  const addresses = addressesOf(cells);
  const matrices = (['op', 'kernel', 'layer'] as const).map((kind) => matrix(findings, kind, addresses));
  const sections: ReportSection[] = [
    {
      title: 'What did not hold',
      intro:
        'A law that failed, that could not be or was not applied, that overlooked a planted bug, or whose failure is known and declared with its reason.',
      html:
        trouble.length + without.length + gaps.length === 0
          ? '<p>Nothing.</p>'
          : lawList(trouble, circumstances.profile) +
            [
              ...without.map(({ kind, name, item }) => `No laws: ${kind} ${name} of ${item}`),
              ...gaps.map((gap) => `Not applied, and no reason given: ${nameOf(gap)}`),
            ]
              .map((line) => `<p>${escapeText(line)}</p>`)
              .join(''),
    },
    {
      title: 'General laws',
      intro:
        'Laws that follow from a description alone. A field is a law applied to a subject; its number says how many planted bugs it caught. Point at it for cases, seed, errors and the kinks that were left out, press it for the law. A dot: the law does not concern the subject; point at it for the reason.',
      html: STYLE + MATRIX_STYLE + matrices.join(''),
    },
    ...(findings.exported.length === 0
      ? []
      : [
          {
            title: 'What was audited',
            intro:
              'Everything exported that must have laws, with those that speak of it: none is an empty field. A kernel is held to the laws of its op.',
            html: inventory(findings),
          },
        ]),
    {
      title: 'Every law',
      intro:
        'By package. Open a subject to see its laws in words and symbols, with cases, errors, planted bugs and the command that repeats it.',
      html: packages(cells, circumstances.profile, addresses),
    },
    ...Object.entries(conformance)
      .filter(([, outcomes]) => outcomes.length > 0)
      .map(([backend, outcomes]) => ({
        title: `PyTorch’s own samples on ${backend}`,
        intro: 'Values, gradients, state and refusals, against PyTorch in double precision.',
        html: conformanceTable(outcomes),
      })),
    ...(edgeCases.length === 0
      ? []
      : [
          {
            title: 'Edge cases and conventions',
            intro:
              'What widely used libraries once got wrong, and what was chosen where they differ; the tests carry the code in their names.',
            html: table({
              columns: ['', 'what holds', 'told of in', 'tests', 'result'],
              rows: edgeCases.map(({ code, holds, sources, tests, result }) => [
                code,
                holds,
                sources.join(', '),
                tests.length,
                result,
              ]),
            }),
          },
        ]),
    {
      title: 'Time',
      intro: 'Of the laws of each package; that of each law stands beside its name.',
      html: times(cells, addresses),
    },
  ];
  const { passed, failed, skipped } = head.conformance;
  const page = reportPage({
    title: 'Audit',
    subtitle: `Lemmata at ${circumstances.commit} (${circumstances.date}), profile ${circumstances.profile}${circumstances.only === null ? '' : `, only ${circumstances.only}`}`,
    facts: [
      ['laws applied', head.cells],
      ['failed', head.failed],
      ['empty', head.empty],
      ['planted bugs noticed', `${head.mutants - head.mutantsSurvived} of ${head.mutants}`],
      ['edge cases', `${head.edgeCases.passed} of ${edgeCases.length}`],
      ['PyTorch’s samples', `${passed} of ${passed + failed + skipped}`],
    ],
    sections,
    footer: `${circumstances.engine}; ${circumstances.simd}; audited on ${circumstances.threads} threads.\nnpm run audit -- --profile ${circumstances.profile}`,
  });
  // Line by line, so that the difference of two pages shows what has changed.
  return page.replaceAll(/<(tr|dt|details|section|h3)\b/g, '\n<$1');
}

/** Where on the page the laws are told: names that addresses can hold. */
function addressesOf(cells: readonly Cell[]): ReadonlyMap<Cell, string> {
  const seen = new Map<string, number>();
  return new Map(
    cells.map((cell) => {
      const plain = nameOf(cell).replaceAll(/[^\w]+/g, '-');
      const before = seen.get(plain) ?? 0;
      seen.set(plain, before + 1);
      return [cell, before === 0 ? plain : `${plain}-${before + 1}`];
    }),
  );
}

/**
 * Seconds by package, and those of each law as a style of its name: what is another each time stands in one place, and two
 * pages are alike but for it.
 */
function times(cells: readonly Cell[], addresses: ReadonlyMap<Cell, string>): string {
  const rows = unique(cells.map(packageOf)).map((name) => {
    const mine = cells.filter((cell) => packageOf(cell) === name);
    return [name, mine.length, Math.round(mine.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 100) / 10];
  });
  const styles = cells.map((cell) => `#${addresses.get(cell)!}::after{content:"${cell.milliseconds} ms"}`);
  return `${table({ columns: ['package', 'laws', 'seconds'], rows })}<style>${styles.join('')}</style>`;
}

const packageOf = ({ item }: Cell): string => item.split('/')[0]!;

function inventory(findings: Findings): string {
  const rows = inventoryOf(findings);
  return unique(rows.map(({ kind }) => kind))
    .map((kind) => {
      const mine = rows.filter((row) => row.kind === kind);
      const lines = mine.map(({ name, item, laws, cases, killed }) => [name, item, laws, cases, killed]);
      const listed = table({ columns: [kind, 'of', 'laws', 'cases', 'planted bugs noticed'], rows: lines });
      return `<details class="lw"><summary>${escapeText(plural(kind))} <small>${mine.length}</small></summary>${listed}</details>`;
    })
    .join('');
}

/** Of what is exported, in the plural. */
const plural = (kind: string): string => (kind.endsWith('s') ? `${kind}es` : `${kind}s`);

function packages(cells: readonly Cell[], profile: string, addresses: ReadonlyMap<Cell, string>): string {
  return unique(cells.map(packageOf))
    .map((name) => {
      const subjects = unique(cells.filter((cell) => packageOf(cell) === name).map(({ subject }) => subject));
      return `<h3>${escapeText(name)}</h3>${subjects
        .map((subject) => {
          const mine = cells.filter((cell) => packageOf(cell) === name && cell.subject === subject);
          const cases = mine.reduce((sum, cell) => sum + cell.cases, 0);
          const note = `${counted(mine.length, 'law')}, ${counted(cases, 'case')}`;
          return `<details class="lw"><summary>${escapeText(subject)} <small>${note}</small></summary>${lawList(mine, profile, addresses)}</details>`;
        })
        .join('')}`;
    })
    .join('');
}

/** With addresses, where it is the place that others point to. */
function lawList(cells: readonly Cell[], profile: string, addresses?: ReadonlyMap<Cell, string>): string {
  return `<dl class="lw">${cells
    .map((cell) => {
      const bugs = bugsOf(cell);
      const id = addresses === undefined ? '' : ` id="${addresses.get(cell)!}"`;
      return [
        `<dt${id}>${escapeText(`${cell.subject}: ${cell.law}`)}</dt>`,
        `<dd>${escapeText(cell.statement)}</dd>`,
        `<dd><code>${escapeText(cell.formula)}</code></dd>`,
        `<dd><small>${escapeText(outcomeOf(cell))}</small></dd>`,
        cell.reason === undefined ? '' : `<dd>${escapeText(cell.reason)}</dd>`,
        bugs === '' ? '' : `<dd><small>planted: ${escapeText(bugs)}</small></dd>`,
        `<dd><code>${escapeText(commandOf(cell, profile))}</code></dd>`,
      ].join('');
    })
    .join('')}</dl>`;
}

function conformanceTable(outcomes: readonly Outcome[]): string {
  const rows = unique(outcomes.map(({ op }) => op)).map((op) => {
    const mine = outcomes.filter((outcome) => outcome.op === op);
    const count = (status: Outcome['status']): number => mine.filter((outcome) => outcome.status === status).length;
    const depth = ({ maxAbs, bound }: Outcome): number => (maxAbs === null || bound === null ? -1 : maxAbs / bound);
    const worst = mine.reduce((a, b) => (depth(b) > depth(a) ? b : a));
    const measured = depth(worst) >= 0;
    return [
      op,
      count('passed'),
      count('failed'),
      count('skipped'),
      measured ? worst.maxAbs : null,
      measured ? worst.bound : null,
      measured ? worst.name : null,
    ];
  });
  const others = outcomes.filter(({ status }) => status !== 'passed');
  const why = table({
    columns: ['not passed', '', 'why'],
    rows: others.map(({ name, status, error = '' }) => [name, status, error]),
  });
  const passed = table({ columns: ['op', 'passed', 'failed', 'skipped', 'worst error', 'bound', 'in'], rows });
  const all = `<details class="lw"><summary>op by op <small>${counted(rows.length, 'op')}</small></summary>${passed}</details>`;
  return others.length === 0 ? all : `${why}${all}`;
}
