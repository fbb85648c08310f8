import { agree, median } from '../statistics.js';
import type { Side } from '../ids.js';
import type { Workload } from '../workload.js';
import type { Child } from './child.js';

/** A first call as long as this is the only one. */
export const LONG_CALL_MS = 5000;
/** A sample is made of so many calls that it takes about so long, against the grain of the clock and of the scheduler. */
const SAMPLE_MS = 30;
const WARM_UP_MS = 300;
/** So long a side rests before it is its turn, */
const REST_MS = 20;
/** and so long behind one of several threads: they may still be spinning, those of OpenMP for 200 ms. */
const REST_AFTER_THREADS_MS = 250;

export interface Outcome {
  readonly samples: readonly number[];
  readonly error?: string;
  readonly note?: string;
}

/** What is driven: a {@link Child}, or a stand-in. */
export type Driven = Pick<Child, 'ask'>;

interface Contestant {
  readonly side: Side;
  readonly key: string;
  readonly child: Driven;
  calls: number;
  samples: number[];
  check?: readonly number[];
  error?: string;
  note?: string;
}

/**
 * Times one part of a workload on all sides: first call, warm-up, then one sample of each side in turn, so that whatever the
 * machine does meanwhile meets all of them. One side runs at a time.
 */
export async function alternate(
  workload: Workload,
  part: string,
  sides: ReadonlyMap<Side, Driven>,
  rest: (before: Side | undefined) => number = restAfter,
): Promise<Map<Side, Outcome>> {
  const contestants = new Map(
    [...sides].map(([side, child]): [Side, Contestant] => [
      side,
      { side, key: `${side.peer}×${side.threads}`, child, calls: 1, samples: [] },
    ]),
  );
  for (const each of contestants.values()) await attempt(each, () => start(each, workload, part));
  compareChecks([...contestants.values()]);
  const timed = [...contestants.values()].filter(({ error, samples }) => error === undefined && samples.length === 0);
  let last: Side | undefined;
  for (let round = 0; round < (workload.samples ?? 7); round++) {
    for (const each of timed) {
      if (each.error !== undefined) continue;
      await new Promise((done) => setTimeout(done, rest(last)));
      last = each.side;
      await attempt(each, async () => {
        const { ms } = await each.child.ask({ do: 'sample', calls: each.calls });
        each.samples.push(ms!);
      });
    }
  }
  return new Map(
    [...contestants].map(([side, { samples, error, note }]) => [
      side,
      { samples, ...(error === undefined ? {} : { error }), ...(note === undefined ? {} : { note }) },
    ]),
  );
}

function restAfter(before: Side | undefined): number {
  return before !== undefined && before.threads > 1 ? REST_AFTER_THREADS_MS : REST_MS;
}

async function attempt(contestant: Contestant, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    contestant.error = error instanceof Error ? error.message : String(error);
  }
}

/** First call, warm-up, check. One whose first call is long has its only sample then. */
async function start(each: Contestant, workload: Workload, part: string): Promise<void> {
  const { ms: first } = await each.child.ask({
    do: 'prepare',
    task: workload.task?.(part),
    workload: workload.id,
    part,
  });
  if (first! > LONG_CALL_MS) {
    each.samples.push(first!);
    each.note = 'first call alone';
    return;
  }
  const { ms } = await each.child.ask({ do: 'warm', ms: WARM_UP_MS });
  each.calls = Math.max(1, Math.ceil(SAMPLE_MS / Math.max(ms!, 1e-3)));
  each.check = (await each.child.ask({ do: 'check' })).check ?? [];
}

/** Sides that do not compute the same are not comparable: that is said beside the figure. The peer that most agree with is right. */
function compareChecks(contestants: readonly Contestant[]): void {
  const checked = contestants.filter(({ check }) => check !== undefined && check.length > 0);
  const votes = checked.map(({ check }) => checked.filter((other) => agree(check!, other.check!)).length);
  const best = checked[votes.indexOf(Math.max(...votes))];
  for (const each of checked) {
    if (agree(each.check!, best!.check!)) continue;
    const difference = `computes something else than ${best!.key}: ${each.check!.map((x) => x.toPrecision(5)).join(', ')} in place of ${best!.check!.map((x) => x.toPrecision(5)).join(', ')}`;
    each.note = each.note === undefined ? difference : `${each.note}; ${difference}`;
  }
}

/** Median and minimum of the samples. */
export function summarise(samples: readonly number[]): { ms: number; min: number } {
  return { ms: median(samples), min: Math.min(...samples) };
}
