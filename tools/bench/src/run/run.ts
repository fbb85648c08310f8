import { loadavg } from 'node:os';
import type { PeerId, Side } from '../ids.js';
import type { Measurement } from '../measurement.js';
import { significant } from '../statistics.js';
import type { allParts } from '../workloads/index.js';
import { alternate, type Outcome, summarise } from './alternate.js';
import { Child } from './child.js';
import { special, type SpecialOutcome } from './special.js';

export type Part = (typeof allParts)[number];

export interface RunOptions {
  readonly parts: readonly Part[];
  readonly sides: readonly Side[];
  /** 10⁹ operations a second, for each number of threads. */
  readonly roofs: ReadonlyMap<number, number>;
  /** Why a peer cannot run at all. */
  readonly missing: ReadonlyMap<PeerId, string>;
}

/** Measures everything; each line as soon as it is known. */
export async function* runAll(options: RunOptions): AsyncGenerator<Measurement> {
  const { parts, sides, missing } = options;
  const engines = await open(sides, missing);
  for (const workload of new Set(parts.map((each) => each.workload))) {
    const own = parts.filter((each) => each.workload === workload);
    const meant = sides.filter(({ peer }) => workload.peers?.includes(peer) ?? true);
    const children = new Map<Side, Child>();
    const failed = new Map<Side, string>();
    for (const side of meant) {
      const reason = engines.get(side)!.error;
      if (reason !== undefined) failed.set(side, reason);
      else if (workload.special === undefined) {
        // A new process for each workload: none inherits what another has done to its engine.
        await Child.start(side).then(
          (child) => children.set(side, child),
          (error: Error) => failed.set(side, error.message),
        );
      }
    }
    try {
      for (const part of own) {
        const load = significant(loadavg()[0]!, 3);
        const able = meant.filter((side) => !failed.has(side));
        const outcomes: Map<Side, Outcome & SpecialOutcome> =
          workload.special === undefined
            ? await alternate(workload, part.part, children)
            : ((await special(workload, part.part, able)) as Map<Side, Outcome & SpecialOutcome>);
        for (const side of meant) {
          const { engine } = engines.get(side)!;
          const error = failed.get(side);
          const outcome = error === undefined ? outcomes.get(side)! : { error, samples: [] };
          yield measurement(part, side, outcome, engine, load, options.roofs);
        }
      }
    } finally {
      await Promise.all([...children.values()].map((child) => child.close()));
    }
  }
}

/** What each side says that it is, or why it cannot run. */
async function open(
  sides: readonly Side[],
  missing: RunOptions['missing'],
): Promise<Map<Side, { engine: string; error?: string }>> {
  const engines = new Map<Side, { engine: string; error?: string }>();
  for (const side of sides) {
    const { peer } = side;
    const reason = missing.get(peer);
    if (reason !== undefined) engines.set(side, { engine: peer, error: reason });
    else {
      try {
        const child = await Child.start(side);
        engines.set(side, { engine: child.engine });
        await child.close();
      } catch (error) {
        engines.set(side, { engine: peer, error: (error as Error).message });
      }
    }
  }
  return engines;
}

function measurement(
  { workload, part, name }: Part,
  side: Side,
  outcome: Outcome & SpecialOutcome,
  engine: string,
  load: number,
  roofs: RunOptions['roofs'],
): Measurement {
  const { samples = [], bytes, error, note } = outcome;
  const head = { workload: name, peer: side.peer, threads: side.threads };
  const tail = { engine, load, ...(error === undefined ? {} : { error }), ...(note === undefined ? {} : { note }) };
  if (error !== undefined) return { ...head, ...tail };
  if (bytes !== undefined) return { ...head, bytes, ...tail };
  const { ms, min } = summarise(samples);
  const flops = workload.flops?.(part);
  const rates =
    flops === undefined
      ? {}
      : { gflops: significant(flops / ms / 1e6), roofGflops: significant(roofs.get(side.threads)!) };
  return { ...head, ms: significant(ms), min: significant(min), ...rates, samples: samples.length, ...tail };
}
