import type { Backend } from '@lemmata/tensor';
import { mergeCommonSubexpressions } from './passes/common-subexpressions.js';
import { dropDeadCode } from './passes/dead-code.js';
import { fuseEpilogues } from './passes/epilogues.js';
import { fuseElementwise } from './passes/fuse.js';
import { partOnce, type Parts } from './passes/once.js';
import { fusePrologues } from './passes/prologues.js';
import { runSideBySide } from './passes/side-by-side.js';
import { dropUnreadInputs, forwardIdentities } from './passes/simplify.js';
import { verify, type Program, type ValueId } from './program.js';

type Pass = readonly [name: string, pass: (program: Program) => Program];

/** All passes over a traced program whose inputs `fixed` seldom change. Each is exact: it changes no bit of a result. */
export function optimise(traced: Program, backend: Backend, fuse: boolean, fixed: ReadonlySet<ValueId>): Parts {
  const { once, rest } = partOnce(inOrder(verified(traced, 'tracing'), SIMPLIFYING), fixed);
  const passes = fuse ? fusing(backend) : [];
  return { once: inOrder(verified(once, 'parting'), passes), rest: inOrder(verified(rest, 'parting'), passes) };
}

const SIMPLIFYING: readonly Pass[] = [
  ['dead-code elimination', dropDeadCode],
  ['forwarding', forwardIdentities],
  ['common-subexpression elimination', mergeCommonSubexpressions],
  ['narrowing', (program) => dropDeadCode(dropUnreadInputs(program))],
];

const fusing = (backend: Backend): readonly Pass[] => [
  ['elementwise fusion', (program) => fuseElementwise(program, backend)],
  ['prologue fusion', (program) => fusePrologues(program, backend)],
  ['epilogue fusion', (program) => fuseEpilogues(program, backend)],
  ['running side by side', runSideBySide],
];

function inOrder(program: Program, passes: readonly Pass[]): Program {
  return passes.reduce((before, [name, pass]) => verified(pass(before), name), program);
}

function verified(program: Program, pass: string): Program {
  verify(program, pass);
  return program;
}
