import { BACKENDS, type BackendId, PEERS, type PeerId, type Side } from './ids.js';
import { allParts, workloads } from './workloads/index.js';

export interface Arguments {
  /** Where the measurements are written. */
  readonly json: string | undefined;
  readonly parts: typeof allParts;
  readonly peers: readonly PeerId[];
  readonly threads: readonly number[];
  readonly backend: BackendId;
}

export const USAGE: string = `npm run bench -- [--json FILE] [--only ID,ID] [--peers ID,ID] [--threads N[,N]] [--backend ID]

  --json FILE     writes a JSON object for each measurement, one a line
  --only ID,ID    of ${workloads.map(({ id }) => id).join(' ')}, or parts of them, such as conv64x16:forward; default: all
  --peers ID,ID   of ${PEERS.join(' ')}; default: all
  --threads N,N   default 1
  --backend ID    of lemmata: ${BACKENDS.join(' or ')}; default wasm`;

/** Reads the command line. Throws an Error that says what is expected. */
export function parseArguments(args: readonly string[]): Arguments {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i += 2) {
    const [name, value] = [args[i]!, args[i + 1]];
    if (!['--json', '--only', '--peers', '--threads', '--backend'].includes(name))
      throw new Error(`unknown option "${name}"\n\n${USAGE}`);
    if (given.has(name)) throw new Error(`${name} is given twice; its values are separated by commas`);
    if (value === undefined || value === '' || value.startsWith('--'))
      throw new Error(`${name} needs a value\n\n${USAGE}`);
    given.set(name, value);
  }
  const list = (name: string): string[] | undefined => given.get(name)?.split(',');
  return {
    json: given.get('--json'),
    parts: partsOf(list('--only')),
    peers: (list('--peers') ?? PEERS).map((id) => oneOf('peer', id, PEERS)),
    threads: (list('--threads') ?? ['1']).map(countOf),
    backend: oneOf('backend', given.get('--backend') ?? 'wasm', BACKENDS),
  };
}

function oneOf<T extends string>(what: string, id: string, known: readonly T[]): T {
  if (!(known as readonly string[]).includes(id))
    throw new Error(`unknown ${what} "${id}"; there are ${known.join(', ')}`);
  return id as T;
}

function countOf(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new Error(`--threads: "${text}" is not a number of threads, from 1`);
  return Number(text);
}

/** In the order of the list of all, each once. */
function partsOf(ids: readonly string[] | undefined): typeof allParts {
  if (ids === undefined) return allParts;
  for (const id of ids) {
    if (workloads.some((workload) => workload.id === id) || allParts.some(({ name }) => name === id)) continue;
    const [before] = id.split(':');
    const parts = workloads.find((workload) => workload.id === before)?.parts;
    if (id.includes(':') && workloads.some((workload) => workload.id === before))
      throw new Error(
        `"${before}" has ${parts === undefined ? 'no parts' : `the parts ${parts.join(', ')}`}, not "${id.slice(before!.length + 1)}"`,
      );
    throw new Error(`unknown workload "${id}"; there are ${workloads.map((workload) => workload.id).join(', ')}`);
  }
  return allParts.filter(({ workload, name }) => ids.includes(workload.id) || ids.includes(name));
}

/** Every peer with every number of threads, ours first. */
export function sidesOf({ peers, threads, backend }: Pick<Arguments, 'peers' | 'threads' | 'backend'>): Side[] {
  return PEERS.filter((peer) => peers.includes(peer)).flatMap((peer) =>
    [...new Set(threads)].map((count) => ({ peer, threads: count, backend })),
  );
}
