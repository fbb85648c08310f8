import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StrykerReport } from './result.js';

/** Has what the last run overlooked tried again: Stryker does so for new tests alone, and not where one has more cases. */
export function forgetOverlooked(memory: string): void {
  rmSync(`${memory}.done`, { force: true });
  if (!existsSync(memory)) return;
  const report = JSON.parse(readFileSync(memory, 'utf8')) as StrykerReport;
  const files = Object.entries(report.files).map(([name, file]) => {
    const mutants = file.mutants.filter(({ status }) => status === 'Killed');
    return [name, { ...file, mutants }];
  });
  writeFileSync(memory, JSON.stringify({ ...report, files: Object.fromEntries(files) }));
}

/** The pieces that a run has done, kept beside its memory for as long as no file below the folders changes. */
export class Progress {
  private readonly file: string;
  private readonly state: string;
  private readonly pieces: string[];

  constructor(memory: string, folders: readonly string[]) {
    this.file = `${memory}.done`;
    const hash = createHash('sha256');
    for (const folder of folders) {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted())
        if (statSync(join(folder, name)).isFile()) hash.update(name).update(readFileSync(join(folder, name)));
    }
    this.state = hash.digest('hex');
    const last = existsSync(this.file) ? JSON.parse(readFileSync(this.file, 'utf8')) : {};
    this.pieces = existsSync(memory) && last.state === this.state ? last.pieces : [];
  }

  has(piece: readonly string[]): boolean {
    return this.pieces.includes(piece.join());
  }

  add(piece: readonly string[]): void {
    this.pieces.push(piece.join());
    writeFileSync(this.file, JSON.stringify({ state: this.state, pieces: this.pieces }));
  }
}
