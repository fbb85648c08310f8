/**
 * A side of the comparison in a process of its own: `worker.js PEER THREADS BACKEND`. Reads requests and writes answers, a JSON
 * object a line, like peers/torch_peer.py; see run/child.ts.
 */
import { createInterface } from 'node:readline';
import type { BackendId, PeerId } from './ids.js';
import { openPeer } from './peers/open.js';
import type { Prepared, Task } from './task.js';

export type Request =
  | { readonly do: 'prepare'; readonly task?: Task | undefined; readonly workload: string; readonly part: string }
  | { readonly do: 'check' }
  | { readonly do: 'memory' }
  | { readonly do: 'warm'; readonly ms: number }
  | { readonly do: 'sample'; readonly calls: number };

// Whatever a peer prints would break the protocol.
const say = (message: unknown): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
console.log = console.info = console.debug = console.error;

async function timed(call: Prepared['call'], calls = 1): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < calls; i++) {
    const pending = call();
    if (pending !== undefined) await pending;
  }
  return performance.now() - start;
}

/** In this time the system has given threads that wake up on one core a core each. */
const WAKING_MS = 40;

let current: Prepared | undefined;
const [peer, threads, backend] = process.argv.slice(2) as [PeerId, string, BackendId];

async function answer(side: Awaited<ReturnType<typeof openPeer>>, request: Request): Promise<unknown> {
  if (request.do === 'prepare') {
    current = await side.prepare(request);
    return { ms: (await timed(current.call)) / (current.units ?? 1) };
  }
  if (request.do === 'memory') return { bytes: process.resourceUsage().maxRSS * 1024 };
  if (current === undefined) throw new Error(`${request.do} before prepare`);
  if (request.do === 'check') return { check: await current.check() };
  if (request.do === 'sample') {
    // While the others had their turn, threads went to sleep and caches went to them.
    await warm(current.call, WAKING_MS);
    return { ms: (await timed(current.call, request.calls)) / request.calls / (current.units ?? 1) };
  }
  await warm(current.call, request.ms, 2);
  return { ms: await timed(current.call) };
}

/** Calls that are not counted: `least` at least, and no more once they have taken so long. */
async function warm(call: Prepared['call'], ms: number, least = 1): Promise<void> {
  let total = 0;
  for (let count = 0; count < least || (total < ms && count < 1000); count++) total += await timed(call);
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

try {
  const side = await openPeer(peer, Number(threads), backend);
  say({ engine: side.engine });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      say(await answer(side, JSON.parse(line) as Request));
    } catch (error) {
      say({ error: message(error) });
    }
  }
} catch (error) {
  say({ error: message(error) });
}
// Peers leave threads and handles behind.
process.exit(0);
