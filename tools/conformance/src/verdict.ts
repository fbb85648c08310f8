import { OptionError, ShapeError, ValueError } from '@lemmata/shape';
import { TreeError } from '@lemmata/tree';
import { Unsupported } from './adapter.js';
import { type Deviation, exceeds, inBounds } from './compare.js';

/** What became of a case. */
export type Verdict =
  | { readonly status: 'passed'; readonly worst: Deviation | null }
  | { readonly status: 'failed'; readonly worst: Deviation | null; readonly error: string }
  | { readonly status: 'skipped'; readonly error: string };

/** The verdict on all deviations of a case. */
export function judge(deviations: readonly (Deviation | null)[]): Verdict {
  let worst: Deviation | null = null;
  for (const deviation of deviations) {
    if (deviation !== null && (worst === null || exceeds(deviation, worst))) worst = deviation;
  }
  if (worst === null || inBounds(worst) <= 1) return { status: 'passed', worst };
  return { status: 'failed', worst, error: `${worst.what} is off by ${worst.error}, allowed ${worst.bound}` };
}

/** The verdict on a call that had to be refused: by an error of the library's own, which names the rule that is broken. */
export function judgeRefusal(call: () => unknown): Verdict {
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    if (thrown instanceof Unsupported) throw thrown;
    error = thrown;
  }
  if (error === undefined) return { status: 'failed', worst: null, error: 'accepted what has to be refused' };
  if (namesARule(error)) return { status: 'passed', worst: null };
  return {
    status: 'failed',
    worst: null,
    error: `refused by ${describe(error)}, which is not an error of the library's own`,
  };
}

/** Only errors of these classes carry the rules that are broken; that something is not there yet is no rule. */
function namesARule(error: unknown): boolean {
  const own = [ShapeError, OptionError, ValueError, TreeError].find((type) => error instanceof type);
  if (own === undefined) return false;
  const { reasons, message } = error as InstanceType<typeof own>;
  return reasons.length > 0 && !/\bnot (yet )?supported\b|\bunsupported\b/i.test(message);
}

export function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
