import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from './findings.js';

/** Runs the conformance vectors on a backend, in a process of its own. */
export async function runConformance(root: string, backend: string): Promise<Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lemmata-audit-'));
  try {
    const file = join(folder, 'outcomes.json');
    const tool = join(root, 'tools', 'conformance');
    const args = [join(tool, 'dist/main.js'), '--vectors', join(tool, 'vectors'), '--backend', backend, '--json', file];
    const errors: string[] = [];
    const code = await new Promise<number | null>((resolve, reject) => {
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      child.stderr.on('data', (text) => errors.push(String(text)));
      child.on('error', reject);
      child.on('close', resolve);
    });
    // 1 says that some case failed, which is a finding.
    if (code !== 0 && code !== 1)
      throw new Error(`the conformance run on ${backend} ended with ${code}: ${errors.join('')}`);
    return JSON.parse(readFileSync(file, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
