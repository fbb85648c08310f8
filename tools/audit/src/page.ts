import { escapeText, formatNumber, reportPage, table, type ReportSection } from '@lemmata/visualize';
import { commandOf, type Cell } from './cell.js';
import { inventoryOf, withoutLaws } from './evidence.js';
import { headOf, type Findings, type Outcome } from './findings.js';

const STYLE = `<style>
.au{border-collapse:collapse;font-size:13px;line-height:1.35}
.au th{font-weight:500;text-align:left}
.au thead th{height:15em;vertical-align:bottom;padding:0 1px}
.au thead th span{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;color:var(--lm-muted)}
.au tbody th{padding:2px 14px 2px 0;white-space:nowrap}
.au td{padding:1px;text-align:center;min-width:22px}
.au i{display:block;width:20px;height:20px;border-radius:4px;font-style:normal;font-size:11px;line-height:20px;background:#2a9d6f2e;color:var(--lm-ink,inherit)}
.au i.x{background:#d6453d;color:#fff}.au i.k{background:#d9a2274d}
.au tbody.g th{padding-top:14px;color:var(--lm-muted)}
.lm-body>.lw+.lw{margin-top:4px}.lw summary{cursor:pointer;padding:4px 0}.lw summary small,.lw dd small{color:var(--lm-muted)}
.lw dl{margin:4px 0 14px 18px;font-size:14px}.lw dt{font-weight:600;margin-top:12px}.lw dd{margin:2px 0 0}
.lw code{font-size:12.5px;overflow-wrap:anywhere}
</style>`;

/** The page of an audit. */
export function auditPage(findings: Findings): string {
  const head = headOf(findings);
  const { cells, circumstances, conformance, edgeCases } = findings;
  const without = withoutLaws(findings);
  const trouble = cells.filter(({ status }) => status !== 'held');
  const sections: ReportSection[] = [
    {
      title: 'What did not hold',
      intro:
        'A law that failed, that could not be applied, that overlooked a planted bug, or whose failure is known and declared with its reason.',
      html:
        trouble.length + without.length === 0
          ? '<p>Nothing.</p>'
          : lawList(trouble, circumstances.profile) +
            without
              .map(({ kind, name, item }) => `<p>No laws: ${escapeText(`${kind} ${name} of ${item}`)}</p>`)
              .join(''),
    },
    {
      title: 'General laws',
      intro:
        'Laws that follow from a description alone. A field is a law applied to a subject; its number says how many planted bugs it caught; point at it for cases, errors and the kinks that were left out. A blank field: the law does not concern the subject.',
      html: STYLE + matrix(cells, 'op') + matrix(cells, 'kernel') + matrix(cells, 'layer'),
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
      intro: 'By package. Open a subject to see its laws in words and symbols, with cases, errors and planted bugs.',
      html: packages(cells, circumstances.profile),
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
              columns: ['', 'what holds', 'tests', 'result'],
              rows: edgeCases.map(({ code, holds, tests, result }) => [code, holds, tests.length, result]),
            }),
          },
        ]),
  ];
  const { passed, failed, skipped } = head.conformance;
  return reportPage({
    title: 'Audit',
    subtitle: `Lemmata at ${circumstances.commit} (${circumstances.date}), profile ${circumstances.profile}${circumstances.only === null ? '' : `, only ${circumstances.only}`}`,
    facts: [
      ['laws applied', head.cells],
      ['failed', head.failed],
      ['empty', head.empty],
      ['planted bugs', head.mutants],
      ['of them unnoticed', head.mutantsSurvived],
      ['edge cases', `${head.edgeCases.passed} of ${edgeCases.length}`],
      ['PyTorch’s samples', `${passed} of ${passed + failed + skipped}`],
    ],
    sections,
    footer: `${circumstances.engine}; ${circumstances.simd}; audited on ${circumstances.threads} threads.\nnpm run audit -- --profile ${circumstances.profile}`,
  });
}

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

const unique = (list: readonly string[]): string[] => [...new Set(list)];

/** Subjects of a kind against the laws of that kind. */
function matrix(cells: readonly Cell[], kind: Cell['kind']): string {
  const mine = cells.filter((cell) => cell.kind === kind);
  if (mine.length === 0) return '';
  const shared = unique(mine.map(({ law }) => law)).filter(
    (law) => new Set(mine.filter((cell) => cell.law === law).map(({ subject }) => subject)).size > 2,
  );
  const rows = unique(mine.map(({ item }) => item)).map((item) => {
    const ofItem = mine.filter((cell) => cell.item === item);
    const lines = unique(ofItem.map(({ subject }) => subject)).map((subject) => {
      const fields = shared.map((law) => {
        const cell = ofItem.find((each) => each.subject === subject && each.law === law);
        return `<td>${cell === undefined ? '' : field(cell)}</td>`;
      });
      return `<tr><th scope="row">${escapeText(subject)}</th>${fields.join('')}</tr>`;
    });
    const width = shared.length + 1;
    return `<tbody class="g"><tr><th colspan="${width}">${escapeText(item)}</th></tr></tbody><tbody>${lines.join('')}</tbody>`;
  });
  const columns = shared.map((law) => `<th scope="col"><span>${escapeText(law)}</span></th>`).join('');
  return `<table class="au"><thead><tr><th scope="col">${kind}s</th>${columns}</tr></thead>${rows.join('')}</table>`;
}

function field(cell: Cell): string {
  const caught = cell.mutants.filter(({ fate }) => fate === 'killed').length;
  const look = cell.status === 'held' ? '' : cell.status === 'known' ? ' class="k"' : ' class="x"';
  const title = `${cell.subject}: ${cell.law}. ${cell.status}, ${cell.cases} cases${errorsText(cell)}`;
  return `<i${look} title="${escapeText(title).replaceAll('"', '&quot;')}">${caught}</i>`;
}

function errorsText({ worst, kinks }: Cell): string {
  const avoided = kinks === 0 ? '' : `, ${kinks} ${kinks === 1 ? 'kink' : 'kinks'} avoided`;
  if (worst === null) return avoided;
  return `, largest error ${formatNumber(worst.absolute)} (relative ${formatNumber(worst.relative)}, ${formatNumber(worst.ulp)} ulp)${avoided}`;
}

function packages(cells: readonly Cell[], profile: string): string {
  const nameOf = ({ item }: Cell): string => item.split('/')[0]!;
  return unique(cells.map(nameOf))
    .map((name) => {
      const subjects = unique(cells.filter((cell) => nameOf(cell) === name).map(({ subject }) => subject));
      return `<h3>${escapeText(name)}</h3>${subjects
        .map((subject) => {
          const mine = cells.filter((cell) => nameOf(cell) === name && cell.subject === subject);
          const cases = mine.reduce((sum, cell) => sum + cell.cases, 0);
          const time = mine.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
          const note = `${mine.length} laws, ${cases} cases, ${formatNumber(time / 1000)} s`;
          return `<details class="lw"><summary>${escapeText(subject)} <small>${note}</small></summary>${lawList(mine, profile)}</details>`;
        })
        .join('')}`;
    })
    .join('');
}

function lawList(cells: readonly Cell[], profile: string): string {
  return `<dl class="lw">${cells
    .map((cell) => {
      const bugs = cell.mutants.map(({ name, fate, cases }) =>
        fate === 'killed' ? `${name} (caught in case ${cases})` : `${name} (${fate})`,
      );
      return [
        `<dt>${escapeText(`${cell.subject}: ${cell.law}`)}</dt>`,
        `<dd>${escapeText(cell.statement)}</dd>`,
        `<dd><code>${escapeText(cell.formula)}</code></dd>`,
        `<dd><small>${escapeText(`${cell.status}: ${cell.cases} cases, seed ${cell.seed}, ${cell.milliseconds} ms${errorsText(cell)}`)}</small></dd>`,
        cell.reason === undefined ? '' : `<dd>${escapeText(cell.reason)}</dd>`,
        bugs.length === 0 ? '' : `<dd><small>planted: ${escapeText(bugs.join('; '))}</small></dd>`,
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
      measured ? worst.name : null,
    ];
  });
  const others = outcomes.filter(({ status }) => status !== 'passed');
  const why = table({
    columns: ['not passed', '', 'why'],
    rows: others.map(({ name, status, error = '' }) => [name, status, error]),
  });
  const passed = table({ columns: ['op', 'passed', 'failed', 'skipped', 'worst error', 'in'], rows });
  return others.length === 0 ? passed : `${why}${passed}`;
}
