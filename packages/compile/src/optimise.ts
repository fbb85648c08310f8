import type { Backend } from '@lemmata/tensor';
import { mergeCommonSubexpressions } from './passes/common-subexpressions.js';
import { dropDeadCode } from './passes/dead-code.js';
import { fuseEpilogues } from './passes/epilogues.js';
import { fuseElementwise } from './passes/fuse.js';
import { fusePrologues } from './passes/prologues.js';
import { runSideBySide } from './passes/side-by-side.js';
import { dropUnreadInputs, forwardIdentities } from './passes/simplify.js';
import { verify, type Program } from './program.js';

type Pass = readonly [name: string, pass: (program: Program) => Program];

/** All passes over a traced program. Each is exact: it changes no bit of a result. */
export function optimise(traced: Program, backend: Backend, fuse: boolean): Program {
  const passes: Pass[] = [
    ['dead-code elimination', dropDeadCode],
    ['forwarding', forwardIdentities],
    ['common-subexpression elimination', mergeCommonSubexpressions],
    ['narrowing', (program) => dropDeadCode(dropUnreadInputs(program))],
  ];
  if (fuse) {
    passes.push(
      ['elementwise fusion', fuseElementwise],
      ['prologue fusion', (program) => fusePrologues(program, backend)],
      ['epilogue fusion', (program) => fuseEpilogues(program, backend)],
      ['running side by side', runSideBySide],
    );
  }
  verify(traced, 'tracing');
  return passes.reduce((program, [name, pass]) => {
    const next = pass(program);
    verify(next, name);
    return next;
  }, traced);
}
