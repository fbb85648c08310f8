/** What a run has written of itself. */
export interface Run {
  readonly recipe: string;
  readonly title: string;
  readonly about: string;
  readonly result: { readonly name: string; readonly value: number; readonly digits: number; readonly unit?: string };
  readonly goals: readonly {
    readonly name: string;
    readonly value: number;
    readonly atLeast: number;
    readonly aim?: number;
  }[];
  readonly figures: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly quick: boolean;
  readonly epochs: number;
  readonly backend: string;
  readonly engine: string;
  readonly command: string;
  readonly weights: string;
  readonly trainingSeconds: number;
}

/** The page of results, from the runs' own files. */
export function resultsPage(runs: readonly Run[]): string {
  return `# Results

<!-- Written by npm run results:docs from docs/results/*.json. -->

What the recipes have measured, each in one run; a run that falls short of its goal stands here as it is. Seconds are those of training
on a machine with two cores that in most runs did other work at the same time. The same command gives the same weights on one machine and engine, by the same code; a run keeps the hash of the code of its day.

${markdownTable(
  ['recipe', 'result', '', 'seconds'],
  runs.map((run) => [
    `[${run.title}](recipes/${run.recipe}/README.md)`,
    run.result.name,
    shown(run.result),
    run.trainingSeconds.toFixed(0),
  ]),
  [2, 3],
)}

## Goals

${markdownTable(
  ['recipe', 'goal', 'must', 'aim', 'measured', ''],
  runs.flatMap(({ recipe, goals }) =>
    goals.map(({ name, value, atLeast, aim }) => [
      recipe,
      name,
      `≥ ${number(atLeast)}`,
      aim === undefined ? '' : `≥ ${number(aim)}`,
      number(value),
      value >= (aim ?? atLeast) ? 'reached' : value >= atLeast ? 'reached, short of the aim' : '**missed**',
    ]),
  ),
  [2, 3, 4],
)}

## Runs

${runs.map(details).join('\n\n')}
`;
}

function details(run: Run): string {
  const lines = [
    ['command', `\`${run.command}\``],
    ['data', run.about],
    ['seed, epochs', `${run.seed}, ${run.epochs}`],
    ['backend', `${run.backend}; ${run.engine}`],
    ['weights', `sha256 \`${run.weights}\``],
    ...flat(run.figures),
  ];
  return `### ${run.recipe}\n\n${markdownTable(['', ''], lines)}`;
}

/** Figures by their path. */
function flat(figures: object, path = ''): string[][] {
  return Object.entries(figures).flatMap(([name, value]) => {
    const at = path === '' ? name : `${path}, ${name}`;
    if (typeof value === 'object' && value !== null) return flat(value as object, at);
    return [[at, typeof value === 'number' ? number(value) : String(value)]];
  });
}

const shown = ({ value, digits, unit }: Run['result']): string =>
  `${value.toFixed(digits)}${unit === undefined ? '' : ` ${unit}`}`;

/** Integers whole, others to four places. */
function number(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(4);
}

/** Columns of figures, by their number, end at the right. */
function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  figures: readonly number[] = [],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    `|${head.map((_, i) => (figures.includes(i) ? '--:|' : '---|')).join('')}`,
    ...rows.map(line),
  ].join('\n');
}
