import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { allCases, type EdgeCase } from './cases.js';
import { findPlaces } from './find.js';
import { codesIn } from './names.js';

/** A test of a case, and how it ended. */
export interface CaseTest {
  /** From the root of the repository. */
  readonly file: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
}

/** A case with its tests. */
export interface CaseResult extends EdgeCase {
  readonly tests: readonly CaseTest[];
  readonly result: 'passed' | 'failed' | 'pending';
}

interface Reported {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** Runs every test that names a case, in Node, and gives the results case by case. */
export async function runEdgeCases(root: string): Promise<CaseResult[]> {
  // A law is run by the test beside it, or by one of the folders above.
  const folders = [...new Set(findPlaces(root).map(({ file }) => dirname(file)))];
  const codes = allCases.map(({ code }) => code).join('|');
  const report = await vitest(root, [...folders, '-t', String.raw`(^|[ (])(${codes})[:,)]`]);
  const tests = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.flatMap(({ ancestorTitles, title, status }) =>
      [...ancestorTitles, title].flatMap(codesIn).map((code) => ({
        code,
        test: {
          file: relative(root, name),
          name: [...ancestorTitles, title].join(' › '),
          status: status === 'passed' ? 'passed' : status === 'failed' ? 'failed' : 'skipped',
        } satisfies CaseTest,
      })),
    ),
  );
  return allCases.map((each) => {
    // In a fixed order: files end in another one each time.
    const own = tests
      .filter(({ code }) => code === each.code)
      .map(({ test }) => test)
      .toSorted((a, b) => (a.file === b.file ? 0 : a.file < b.file ? -1 : 1));
    const held = own.length > 0 && own.every(({ status }) => status === 'passed');
    const pending = own.length === 0 && each.pending !== undefined;
    return { ...each, tests: own, result: held ? 'passed' : pending ? 'pending' : 'failed' };
  });
}

async function vitest(root: string, words: readonly string[]): Promise<Reported> {
  const folder = mkdtempSync(join(tmpdir(), 'lemmata-edge-cases-'));
  const file = join(folder, 'report.json');
  try {
    const bin = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const args = [bin, 'run', '--project', 'node', '--reporter=json', `--outputFile=${file}`, ...words];
    let said = '';
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (chunk) => (said += chunk));
    await new Promise((done, fail) => {
      child.on('error', fail);
      child.on('close', done);
    });
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Reported;
    } catch {
      throw new Error(`the tests of the edge cases did not run\n${said}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
