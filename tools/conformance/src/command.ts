import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BACKENDS } from './engine.js';
import { formatCounts, formatFailures, formatReport } from './report.js';
import { type Outcome, runCase } from './run-case.js';
import { familiesIn, readFamily } from './vectors.js';

export const usage: string = `usage: npm run conformance -- --vectors DIR [options]

  --vectors DIR   a folder in the format of tools/conformance/vectors/FORMAT.md
  --backend NAME  ${Object.keys(BACKENDS).join(', ')} (default reference)
  --json FILE     also write the outcome of every case
  --op NAME       only cases of this op
  --only NAME     only the case of this name`;

/**
 * Runs the cases of a folder and prints the report.
 *
 * @returns the exit code: 1 if a case failed, or 0.
 * @throws if nothing can be run; the error names the option or the file.
 */
export function runCommand(argv: readonly string[], print: (text: string) => void): 0 | 1 {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      vectors: { type: 'string' },
      backend: { type: 'string', default: 'reference' },
      json: { type: 'string' },
      op: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    print(usage);
    return 0;
  }
  const backend = Object.hasOwn(BACKENDS, values.backend) ? BACKENDS[values.backend] : undefined;
  if (backend === undefined)
    throw new Error(`there is no backend '${values.backend}'; there is ${Object.keys(BACKENDS).join(', ')}`);
  if (values.vectors === undefined) throw new Error('--vectors is missing');

  const folder = values.vectors;
  const engine = backend();
  const outcomes: Outcome[] = [];
  try {
    for (const family of familiesIn(folder)) {
      for (const one of readFamily(folder, family).cases) {
        if ((values.op ?? one.op) === one.op && (values.only ?? one.name) === one.name)
          outcomes.push(runCase(one, engine));
      }
    }
  } finally {
    engine.stop();
  }
  if (outcomes.length === 0) throw new Error('no case has this op and this name');
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(outcomes, null, 1)}\n`);
  const failures = formatFailures(outcomes);
  print([formatReport(outcomes), ...(failures === '' ? [] : [failures]), formatCounts(outcomes)].join('\n\n'));
  return outcomes.some(({ status }) => status === 'failed') ? 1 : 0;
}
