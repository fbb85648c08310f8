import { expect, test } from 'vitest';
import type { PeerId, Side } from '../ids.js';
import type { Workload } from '../workload.js';
import type { Request } from '../worker.js';
import { alternate, type Driven, summarise } from './alternate.js';

const noRest = (): number => 0;

const workload: Workload = { id: 'gemm512', title: '', task: () => ({ kind: 'matmul', size: 512 }) };
const side = (peer: PeerId): Side => ({ peer, threads: 1, backend: 'reference' });

/** A side that answers from these figures, and writes down what it was asked. */
function stub(
  name: string,
  log: string[],
  { first = 1, warm = 1, check = [1, 2], samples = [] as (number | Error)[] } = {},
): Driven {
  const left = [...samples];
  return {
    async ask(request: Request) {
      log.push(`${name} ${request.do}${request.do === 'sample' ? ` ${request.calls}` : ''}`);
      if (request.do === 'prepare') return { ms: first };
      if (request.do === 'warm') return { ms: warm };
      if (request.do === 'check') return { check };
      const next = left.shift() ?? 1;
      if (next instanceof Error) throw next;
      return { ms: next };
    },
  };
}

test('sides are warmed up, then sampled in turn', async () => {
  const log: string[] = [];
  const [a, b] = [side('lemmata'), side('torch')];
  const outcomes = await alternate(
    workload,
    '',
    new Map([
      [a, stub('a', log, { warm: 10, samples: [3, 1, 2] })],
      [b, stub('b', log, { warm: 100 })],
    ]),
    noRest,
  );
  expect(log.slice(0, 6)).toEqual(['a prepare', 'a warm', 'a check', 'b prepare', 'b warm', 'b check']);
  expect(log.slice(6)).toEqual(Array.from({ length: 7 }, () => ['a sample 3', 'b sample 1']).flat());
  expect(outcomes.get(a)).toEqual({ samples: [3, 1, 2, 1, 1, 1, 1] });
  expect(summarise(outcomes.get(a)!.samples)).toEqual({ ms: 1, min: 1 });
});

test('a workload may ask for more samples', async () => {
  const log: string[] = [];
  const a = side('lemmata');
  const outcomes = await alternate({ ...workload, samples: 15 }, '', new Map([[a, stub('a', log)]]), noRest);
  expect(outcomes.get(a)!.samples).toHaveLength(15);
});

test('a side whose first call takes over 5 s is timed on that call alone', async () => {
  const log: string[] = [];
  const [a, b] = [side('lemmata'), side('jax')];
  const outcomes = await alternate(
    workload,
    '',
    new Map([
      [a, stub('a', log)],
      [b, stub('b', log, { first: 5001 })],
    ]),
    noRest,
  );
  expect(log.filter((entry) => entry.startsWith('b'))).toEqual(['b prepare']);
  expect(outcomes.get(b)).toEqual({ samples: [5001], note: 'first call alone' });
  expect(outcomes.get(a)!.samples).toHaveLength(7);
});

test('a side that throws is reported, and the others go on', async () => {
  const log: string[] = [];
  const [a, b] = [side('lemmata'), side('jax')];
  const outcomes = await alternate(
    workload,
    '',
    new Map([
      [a, stub('a', log)],
      [b, stub('b', log, { samples: [1, new Error('out of memory')] })],
    ]),
    noRest,
  );
  expect(outcomes.get(b)!.error).toBe('out of memory');
  expect(outcomes.get(a)).toEqual({ samples: Array.from({ length: 7 }, () => 1) });
  expect(log.filter((entry) => entry === 'b sample 30')).toHaveLength(2);
});

test('a side that computes something else is named', async () => {
  const log: string[] = [];
  const [a, b, c] = [side('lemmata'), side('torch'), side('jax')];
  const stubs = new Map([
    [a, stub('a', log, { check: [1, 3] })],
    [b, stub('b', log)],
    [c, stub('c', log, { check: [1.0001, 2] })],
  ]);
  const outcomes = await alternate(workload, '', stubs, noRest);
  expect(outcomes.get(a)!.note).toBe('computes something else than torch×1: 1.0000, 3.0000 in place of 1.0000, 2.0000');
  expect(outcomes.get(b)!.note).toBeUndefined();
  expect(outcomes.get(c)!.note).toBeUndefined();
});
