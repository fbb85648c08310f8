import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArguments, sidesOf, USAGE } from './arguments.js';
import { installPeers } from './install-peers.js';
import { formatMeasurements, type Measurement } from './measurement.js';
import { roof, VOID_BELOW_GFLOPS } from './roof/roof.js';
import { runAll } from './run/run.js';
import { significant } from './statistics.js';
import { formatText, formatValue, remarks, tableOf } from './table.js';

async function main(words: readonly string[]): Promise<void> {
  if (words.includes('--help')) return console.log(USAGE);
  const options = parseArguments(words);
  // Before hours of work: can it be written?
  const file = options.json === undefined ? undefined : resolve(options.json);
  if (file !== undefined) writeFileSync(file, '');
  const sides = sidesOf(options);
  const missing = installPeers(options.peers);
  const threads = [...new Set([1, ...options.threads])];
  const before = await roofs(threads);
  console.error(
    `Node ${process.versions.node}, threads ${options.threads.join(', ')}, load average ${loadavg()
      .map((load) => load.toFixed(2))
      .join(' ')}`,
  );

  let measured: Measurement[] = [];
  const write = (): void => {
    if (file !== undefined) writeFileSync(file, formatMeasurements(measured));
  };
  for await (const line of runAll({ parts: options.parts, sides, roofs: before, missing })) {
    measured.push(line);
    write();
    console.error(
      `${line.workload}  ${line.peer} ×${line.threads}  ${line.error ?? formatValue(line)}  (load ${line.load})`,
    );
  }
  // The machine may have been slowed down at the start: the higher roof is the true one, and the stricter.
  const after = await roofs(threads);
  const highest = new Map([...before].map(([count, rate]) => [count, Math.max(rate, after.get(count)!)]));
  measured = withRoof(measured, highest);
  write();

  console.log(`\n${formatText(tableOf(measured))}\n`);
  for (const text of remarks(measured)) console.log(`- ${text}`);
  console.log(`\n${[...new Set(measured.map(({ engine }) => engine))].join('; ')}`);
  console.log(
    `load average ${loadavg()
      .map((load) => load.toFixed(2))
      .join(' ')}, roof ${[...highest].map(([count, rate]) => `${rate.toFixed(1)} GFLOP/s ×${count}`).join(', ')}`,
  );
  if (isVoid(highest))
    console.log(
      `VOID: the roof of one thread is below ${VOID_BELOW_GFLOPS} GFLOP/s; the machine is too slow or too busy for these figures to count`,
    );
}

async function roofs(threads: readonly number[]): Promise<Map<number, number>> {
  const rates = new Map<number, number>();
  for (const count of threads) rates.set(count, await roof(count));
  return rates;
}

const isVoid = (rates: ReadonlyMap<number, number>): boolean => rates.get(1)! < VOID_BELOW_GFLOPS;

function withRoof(measured: readonly Measurement[], rates: ReadonlyMap<number, number>): Measurement[] {
  return measured.map((line) => ({
    ...line,
    ...(line.roofGflops === undefined ? {} : { roofGflops: significant(rates.get(line.threads)!) }),
    ...(isVoid(rates) ? { void: true as const } : {}),
  }));
}

// Ended by a signal it would leave the sides behind, in the middle of their work.
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const)
  process.once(signal, () => process.exit(128 + number));

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
