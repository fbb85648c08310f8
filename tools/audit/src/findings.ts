import type { CaseResult } from '@lemmata/edge-cases';
import type { Cell, LeftOutCell } from './cell.js';
import { inventoryOf, withoutLaws } from './evidence.js';
import { gapsOf } from './gaps.js';
import type { Exported } from './inventory.js';

/** How one case of the conformance vectors went. */
export interface Outcome {
  readonly name: string;
  readonly op: string;
  readonly tier: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly maxAbs: number | null;
  readonly bound: number | null;
  readonly error?: string;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Where and how the audit ran. */
export interface Circumstances {
  readonly commit: string;
  readonly date: string;
  readonly engine: string;
  readonly simd: string;
  readonly threads: number;
  readonly profile: string;
  readonly only: string | null;
}

/** All that an audit found. */
export interface Findings {
  readonly circumstances: Circumstances;
  readonly cells: readonly Cell[];
  /** Laws that do not concern a subject, with the reasons; what is neither here nor there is an empty cell. */
  readonly leftOut: readonly LeftOutCell[];
  /** What must have laws; whatever has none is an empty cell. */
  readonly exported: readonly Exported[];
  /** By backend. */
  readonly conformance: Readonly<Record<string, readonly Outcome[]>>;
  /** Cases that were once wrong elsewhere, with their tests. */
  readonly edgeCases: readonly CaseResult[];
}

/** The numbers that stand first. */
export interface Head {
  readonly cells: number;
  readonly empty: number;
  readonly failed: number;
  readonly mutants: number;
  readonly mutantsSurvived: number;
  readonly conformance: Counts;
  readonly edgeCases: Readonly<Record<CaseResult['result'], number>>;
}

export function headOf(findings: Findings): Head {
  const { cells, conformance, edgeCases } = findings;
  const without = [...withoutLaws(findings), ...gapsOf(cells, findings.leftOut)];
  const ended = (result: CaseResult['result']): number => edgeCases.filter((each) => each.result === result).length;
  const mutants = cells.flatMap((cell) => cell.mutants).filter(({ fate }) => fate !== 'idle');
  return {
    cells: cells.length + without.length,
    empty: cells.filter(({ status }) => status === 'empty').length + without.length,
    failed: cells.filter(({ status }) => status === 'failed' || status === 'survived').length,
    mutants: mutants.length,
    mutantsSurvived: mutants.filter(({ fate }) => fate === 'survived').length,
    conformance: countsOf(Object.values(conformance).flat()),
    edgeCases: { passed: ended('passed'), failed: ended('failed'), pending: ended('pending') },
  };
}

function countsOf(outcomes: readonly Outcome[]): Counts {
  const count = (status: Outcome['status']): number => outcomes.filter((outcome) => outcome.status === status).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** Whether everything is as it must be. */
export function isSound(head: Head): boolean {
  const { empty, failed, mutantsSurvived, conformance, edgeCases } = head;
  return [empty, failed, mutantsSurvived, conformance.failed, edgeCases.failed].every((count) => count === 0);
}

/**
 * As text: one cell a line, in a fixed order, and last what differs from run to run, so that the difference of two audits
 * shows what has changed and little else.
 */
export function toJson(findings: Findings): string {
  const { cells, leftOut, conformance, circumstances, edgeCases } = findings;
  const lines = (list: readonly unknown[]): string =>
    list.length === 0 ? '[]' : `[\n${list.map((each) => `    ${JSON.stringify(each)}`).join(',\n')}\n  ]`;
  const head = Object.entries(headOf(findings)).map(([name, value]) => `  "${name}": ${JSON.stringify(value)},`);
  const byBackend = Object.entries(conformance).map(
    ([backend, outcomes]) => `    "${backend}": ${JSON.stringify(countsOf(outcomes))}`,
  );
  const failures = Object.entries(conformance).flatMap(([backend, outcomes]) =>
    outcomes.filter(({ status }) => status !== 'passed').map((outcome) => ({ backend, ...outcome })),
  );
  return [
    '{',
    ...head,
    `  "conformanceByBackend": {\n${byBackend.join(',\n')}\n  },`,
    `  "notPassed": ${lines(failures)},`,
    `  "withoutLaws": ${lines(withoutLaws(findings))},`,
    `  "gaps": ${lines(gapsOf(cells, leftOut))},`,
    `  "inventory": ${lines(inventoryOf(findings))},`,
    `  "edgeCaseTests": ${lines(edgeCases)},`,
    `  "leftOut": ${lines(leftOut)},`,
    `  "laws": ${lines(cells.map(({ milliseconds: _, ...cell }) => cell))},`,
    `  "circumstances": ${JSON.stringify(circumstances)},`,
    `  "milliseconds": ${JSON.stringify(cells.map(({ milliseconds }) => milliseconds))}`,
    '}',
    '',
  ].join('\n');
}
