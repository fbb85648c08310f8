#!/usr/bin/env node
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runEdgeCases } from '@lemmata/edge-cases';
import type { Profile } from '@lemmata/laws';
import { circumstancesOf } from './circumstances.js';
import { runConformance } from './conformance.js';
import { nameOf, type Cell } from './cell.js';
import { withoutLaws } from './evidence.js';
import { headOf, isSound, toJson, type Findings } from './findings.js';
import { gapsOf } from './gaps.js';
import { exportedThings, kernelOps, lawSources, lawsOf } from './inventory.js';
import { auditPage } from './page.js';
import { runUnits } from './pool.js';
import { isAsked, leftOutOf, type Unit } from './run-laws.js';
import { cellText, counted } from './words.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

const usage = `usage: npm run audit -- [options]

Runs every law of every op, kernel, layer, loss, optimiser and architecture with the bugs planted for it, PyTorch's own samples,
and the tests of all edge cases, and writes
docs/audit/index.html and docs/audit/audit.json.

  --json FILE      also write what was found there
  --profile NAME   quick (default) or nightly: more cases of each law
  --only NAME      an item (layers-pool/max-pool), a subject (maxPool2d), or one cell ('maxPool2d: law'): prints what it
                   finds, and leaves the page of all as it is
  --out DIR        writes the page there, and not into docs/audit`;

/** How thorough each profile is; quick is the kit's own default. */
const PROFILES: Readonly<Record<string, Partial<Profile>>> = { quick: {}, nightly: { runs: 300, searchRuns: 1000 } };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'string' },
      profile: { type: 'string', default: 'quick' },
      only: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { only, profile } = values;
  const settings = Object.hasOwn(PROFILES, profile) ? PROFILES[profile]! : undefined;
  if (settings === undefined) throw new UsageError(`there is no profile '${profile}'; there is quick, nightly`);

  const out = values.out ?? (only === undefined ? join(root, 'docs', 'audit') : undefined);
  // Before minutes are spent on what could not be written.
  for (const folder of [out, values.json && dirname(resolve(values.json))])
    if (folder !== undefined) mkdirSync(folder, { recursive: true });

  const threads = availableParallelism();
  const all: Unit[] = [];
  for (const source of lawSources(root)) (await lawsOf(source)).forEach((_, index) => all.push({ source, index }));
  const askedFor = await Promise.all(all.map((unit) => isAsked(unit, only)));
  const units = all.filter((_, i) => askedFor[i]);
  const run = (where: string, onKernelsOf?: string): Promise<Cell[]> =>
    runUnits(units, { profile: settings, only, ...(onKernelsOf && { onKernelsOf }) }, threads, (done) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${units.length} subjects${where}`);
    });
  const cells = [...(await run('')), ...(await run(', on kernels', root))];
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (cells.length === 0)
    throw new UsageError(`no law is of '${only}'; name an item (layers-pool/max-pool), a subject, or 'subject: law'`);
  const kernels = await kernelOps(root);
  const leftOut =
    only === undefined
      ? (await Promise.all([null, kernels].flatMap((on) => units.map((unit) => leftOutOf(unit, on))))).flat()
      : [];
  const [exported, reference, wasm, edgeCases] =
    only === undefined
      ? [
          await exportedThings(root),
          await runConformance(root, 'reference'),
          await runConformance(root, 'wasm'),
          await runEdgeCases(root),
        ]
      : [[], [], [], []];
  const findings: Findings = {
    circumstances: circumstancesOf(root, threads, profile, only),
    cells,
    leftOut,
    exported,
    conformance: { reference, wasm },
    edgeCases,
  };

  const json = toJson(findings);
  const files: Record<string, string> = values.json === undefined ? {} : { [resolve(values.json)]: json };
  if (out !== undefined) {
    files[join(out, 'index.html')] = auditPage(findings);
    files[join(out, 'audit.json')] = json;
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(file, text);
  return report(findings, Object.keys(files));
}

function report(findings: Findings, files: readonly string[]): number {
  const head = headOf(findings);
  const { passed, failed, skipped } = head.conformance;
  const { only, profile } = findings.circumstances;
  for (const cell of findings.cells) {
    const wrong = ['failed', 'empty', 'survived'].includes(cell.status);
    if (wrong || only !== null) console.log(`${wrong ? 'WRONG ' : ''}${cellText(cell, profile)}\n`);
  }
  for (const gap of gapsOf(findings.cells, findings.leftOut)) console.log(`NOT APPLIED ${nameOf(gap)}`);
  for (const { code, holds, result } of findings.edgeCases) {
    if (result === 'failed') console.log(`FAILED ${code}: ${holds}`);
  }
  for (const { item, kind, name } of withoutLaws(findings)) console.log(`WITHOUT LAWS ${kind} ${name} of ${item}`);
  console.log(
    [
      ...files,
      `${counted(head.cells, 'cell')}, ${head.failed} failed, ${head.empty} empty`,
      `${counted(head.mutants, 'planted bug')}, ${head.mutantsSurvived} unnoticed`,
      ...(only === null
        ? [
            `edge cases: ${head.edgeCases.passed} passed, ${head.edgeCases.failed} failed, ${head.edgeCases.pending} pending`,
            `PyTorch's samples: ${passed} passed, ${failed} failed, ${skipped} skipped`,
          ]
        : []),
    ].join('\n'),
  );
  return isSound(head) ? 0 : 1;
}

class UsageError extends Error {}

try {
  process.exitCode = await main();
} catch (error) {
  const { code, message, stack } = error as Error & { code?: string };
  console.error(error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') ? `error: ${message}` : stack);
  process.exitCode = 2;
}
