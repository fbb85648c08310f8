import type { Side } from '../ids.js';
import type { Workload } from '../workload.js';
import { LONG_CALL_MS } from './alternate.js';
import { bundleBytes } from './bundle.js';
import { Child } from './child.js';
import { coldstart } from './coldstart.js';

export interface SpecialOutcome {
  readonly samples?: readonly number[];
  readonly bytes?: number;
  readonly error?: string;
  readonly note?: string;
}

/** Training steps after which memory is read; two where they are long. */
const STEPS = 5;

type Once = (side: Side, workload: Workload, part: string) => Promise<{ ms?: number; bytes?: number; note?: string }>;

/** One measurement of each kind, in processes of its own. */
const kinds: Readonly<Record<NonNullable<Workload['special']>, { readonly rounds: number; readonly once: Once }>> = {
  coldstart: { rounds: 7, once: async (side, workload, part) => ({ ms: await coldstart(side, workload.task!(part)) }) },
  bundle: { rounds: 1, once: bundleBytes },
  memory: {
    rounds: 1,
    once: (side, workload, part) =>
      inChild(side, async (child) => {
        const long = (await prepare(child, workload, part)) > LONG_CALL_MS;
        await child.ask({ do: 'sample', calls: long ? 1 : STEPS - 1 });
        return { bytes: (await child.ask({ do: 'memory' })).bytes!, ...(long ? { note: 'after two steps' } : {}) };
      }),
  },
  'compile-time': {
    rounds: 7,
    once: (side, workload, part) =>
      inChild(side, async (child) => {
        const first = await prepare(child, workload, part);
        return { ms: first - (await child.ask({ do: 'sample', calls: 1 })).ms! };
      }),
  },
};

async function prepare(child: Child, workload: Workload, part: string): Promise<number> {
  return (await child.ask({ do: 'prepare', task: workload.task?.(part), workload: workload.id, part })).ms!;
}

async function inChild<T>(side: Side, body: (child: Child) => Promise<T>): Promise<T> {
  const child = await Child.start(side);
  try {
    return await body(child);
  } finally {
    await child.close();
  }
}

/** Measures what no loop in one process can: each side in turn, as often as the kind asks for. */
export async function special(
  workload: Workload,
  part: string,
  sides: readonly Side[],
): Promise<Map<Side, SpecialOutcome>> {
  const { rounds, once } = kinds[workload.special!];
  const outcomes = new Map<Side, SpecialOutcome>();
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      const before = outcomes.get(side);
      if (before?.error !== undefined) continue;
      try {
        const { ms, ...rest } = await once(side, workload, part);
        outcomes.set(side, { ...rest, ...(ms === undefined ? {} : { samples: [...(before?.samples ?? []), ms] }) });
      } catch (error) {
        outcomes.set(side, { error: error instanceof Error ? error.message : String(error) });
      }
    }
  }
  return outcomes;
}
