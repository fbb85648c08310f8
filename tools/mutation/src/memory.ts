import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { StrykerReport } from './result.js';

/** Has what the last run overlooked tried again: Stryker does so for new tests alone, and not where one has more cases. */
export function forgetOverlooked(memory: string): void {
  if (!existsSync(memory)) return;
  const report = JSON.parse(readFileSync(memory, 'utf8')) as StrykerReport;
  const files = Object.entries(report.files).map(([name, file]) => {
    const mutants = file.mutants.filter(({ status }) => status === 'Killed');
    return [name, { ...file, mutants }];
  });
  writeFileSync(memory, JSON.stringify({ ...report, files: Object.fromEntries(files) }));
}
