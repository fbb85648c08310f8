import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Packed } from './pack.js';
import { mustRun } from './process.js';

/** A project of somebody else, in a folder far from this repository. */
export class Consumer {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    this.write({ 'package.json': JSON.stringify({ name: 'consumer', private: true, type: 'module' }) });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), text);
    }
  }

  /** Installs packed packages, and others by name, with npm and without running any script of theirs. */
  async install(packages: readonly Packed[], others: readonly string[] = []): Promise<void> {
    const args = [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--omit=optional',
      '--prefer-offline',
      '--loglevel=error',
    ];
    await mustRun(
      'npm',
      [...args, ...packages.map(({ tarball }) => tarball), ...others],
      this.folder,
      cleanEnvironment(),
    );
  }
}

/** Without what pnpm and npm tell their children, which would change what a fresh npm does. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|pnpm_|INIT_CWD$|NODE_OPTIONS$)/i.test(name)),
  );
}
