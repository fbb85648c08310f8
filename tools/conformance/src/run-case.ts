import { Unsupported, unsupported } from './adapter.js';
import { LEFT_OUT } from './known-failures.js';
import { calls, init, optim, sched } from './adapters/index.js';
import type { Engine } from './engine.js';
import { runCall, runSequence } from './kinds/call.js';
import { Context } from './kinds/context.js';
import { runInit } from './kinds/init.js';
import { runModel } from './kinds/model.js';
import { runOptimizer } from './kinds/optimizer.js';
import { runScheduler } from './kinds/scheduler.js';
import { describe, type Verdict } from './verdict.js';
import type { Case } from './vectors.js';

/** How each kind of case is run, and by which table of adapters. */
const KINDS: Readonly<Record<string, (context: Context) => Verdict>> = {
  function: by(calls, runCall),
  module: by(calls, runCall),
  clip: by(calls, runCall),
  module_sequence: by(calls, runSequence),
  optimizer: by(optim, runOptimizer),
  scheduler: by(sched, runScheduler),
  init: by(init, runInit),
  model: (context) => runModel(context, calls),
};

function by<A>(
  adapters: Readonly<Record<string, A>>,
  run: (context: Context, adapter: A) => Verdict,
): (context: Context) => Verdict {
  return (context) => {
    const { op } = context.case;
    if (!Object.hasOwn(adapters, op)) unsupported(op);
    return run(context, adapters[op]!);
  };
}

/** What became of one case. Never throws. */
export interface Outcome {
  readonly name: string;
  readonly op: string;
  readonly tier: string;
  readonly status: Verdict['status'];
  /** Largest |a − b|, at the place that lies deepest in (or farthest out of) its bound; null if nothing was compared. */
  readonly maxAbs: number | null;
  /** The bound at that place. */
  readonly bound: number | null;
  readonly error?: string;
}

export function runCase(one: Case, engine: Engine): Outcome {
  const { name, op, tier } = one;
  const verdict = verdictOn(one, engine);
  const worst = 'worst' in verdict ? verdict.worst : null;
  return {
    name,
    op,
    tier,
    status: verdict.status,
    maxAbs: worst?.error ?? null,
    bound: worst?.bound ?? null,
    ...('error' in verdict ? { error: verdict.error } : {}),
  };
}

function verdictOn(one: Case, engine: Engine): Verdict {
  try {
    const run = KINDS[one.kind];
    if (run === undefined) unsupported(`cases of kind '${one.kind}'`);
    return run(new Context(one, engine));
  } catch (error) {
    if (error instanceof Unsupported) {
      const why = LEFT_OUT[one.op];
      return { status: 'skipped', error: `not supported: ${error.message}${why === undefined ? '' : ` (${why})`}` };
    }
    return { status: 'failed', worst: null, error: describe(error) };
  }
}
