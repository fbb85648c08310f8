import { createHash } from 'node:crypto';
import { encodeCheckpoint, encodeModel, compiledStep, loop, type LoopEvent } from '@lemmata/train';
import { reportPage } from '@lemmata/visualize';
import { UserError } from '../failure.js';
import { progress } from '../progress.js';
import { FILES, RunFolder } from '../run-folder.js';
import { historyEntry, historyLine, wholeEpoch, type HistoryEntry } from './history.js';
import { parseRecipe, type Command } from './options.js';
import type { Job, Recipe, Training } from './recipe.js';
import { checkpointFacts, resumed } from './resume.js';

/** Runs a recipe from the command line; returns the exit code. */
export async function runRecipe(recipe: Recipe, argv: readonly string[]): Promise<number> {
  const command = await parseRecipe(recipe, argv);
  if (typeof command === 'string') {
    process.stdout.write(`${command}\n`);
    return 0;
  }
  const { asked, out, backend } = command;
  // Everything that can be refused is, before anything is written.
  await RunFolder.check(out);
  const job = await recipe.prepare(asked);
  const { epochs, batchSize, seed } = asked;
  const { steps } = job.batches;
  const facts = checkpointFacts(recipe, job, command);
  const earlier = command.resume ? await resumed(out, job.start(), facts, { epochs, steps }) : null;
  const folder = await RunFolder.create(out, earlier?.history.map(historyLine) ?? null);
  const record = runRecord(recipe, job, command, argv);
  // Also of a run that never ends: what it is of, and where its data lies.
  await folder.write(FILES.run, json(record));
  process.stdout.write(
    `${record.title}\n${job.about}\nseed ${seed}, ${counted(epochs, 'epoch')} of ${counted(steps, 'step')} of ${batchSize} ${job.unit}, writing to ${out}\nrunning on ${backend}\n`,
  );
  if (earlier !== null) {
    const done = earlier.cursor.epoch * steps + earlier.cursor.step;
    process.stdout.write(`resumed at step ${done}\n`);
    const told = earlier.history.filter(({ kind }) => kind === 'step').length;
    if (told !== done)
      process.stderr.write(
        `${folder.file(FILES.history)}: received ${told} whole lines of steps; expected ${done}. The weights do not depend on them; the curves of the report do\n`,
      );
  }

  const history: HistoryEntry[] = [...(earlier?.history ?? [])];
  const clock = stopwatch(earlier?.seconds ?? 0);
  const trained = await trainJob(job, {
    command,
    start: { state: backend.put(earlier?.state ?? job.start()), cursor: earlier?.cursor ?? { epoch: 0, step: 0 } },
    each(event) {
      const entry = event.kind === 'step' ? historyEntry(event) : wholeEpoch(historyEntry(event), history);
      folder.log(historyLine(entry));
      history.push(entry);
      return entry;
    },
    save: async ({ state, cursor }) => {
      await folder.flush();
      await folder.write(FILES.checkpoint, encodeCheckpoint(state, cursor, { ...facts, seconds: String(clock()) }));
    },
  });
  const seconds = clock();
  const weights = job.model(trained.state);
  const hash = createHash('sha256').update(encodeModel(weights)).digest('hex');
  await folder.write(
    FILES.model,
    encodeModel(weights, job.facts === undefined ? {} : { lemmata: JSON.stringify(job.facts) }),
  );
  if (trained.stopped) {
    const { epoch, step } = trained.cursor;
    process.stdout.write(
      `stopped in epoch ${epoch + 1} after step ${step} of ${steps}; checkpoint and model are in ${out}\n`,
    );
    return 130;
  }
  await finish(
    recipe,
    job,
    trained.state,
    folder,
    { ...record, weights: hash },
    {
      history,
      seconds,
      seed,
      put: (tree) => backend.put(tree),
      log: (entry) => folder.log(entry),
    },
  );
  return 0;
}

interface TrainJob<T> {
  readonly command: Command;
  readonly start: { readonly state: T; readonly cursor: LoopEvent<T>['cursor'] };
  /** Keeps what happened, and returns what is shown of it. */
  readonly each: (event: LoopEvent<T>) => HistoryEntry;
  readonly save: (at: Pick<LoopEvent<T>, 'state' | 'cursor'>) => Promise<void>;
}

/** Trains to the end or the first Ctrl-C, and saves what it has come to. */
async function trainJob<T>(
  job: Job<T>,
  { command, start, each, save }: TrainJob<T>,
): Promise<TrainJob<T>['start'] & { stopped: boolean }> {
  const { epochs } = command.asked;
  let at = start;
  let stopped = false;
  const interrupt = (): void => {
    // A second time means at once.
    if (stopped) process.exit(130);
    stopped = true;
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const shown = progress();
  const began = performance.now();
  let seen = 0;
  let unsaved = 0;
  const done = (start.cursor.epoch + start.cursor.step / job.batches.steps) * job.samples;
  try {
    for await (const event of loop({
      step: compiledStep(job.step),
      state: start.state,
      cursor: start.cursor,
      batches: job.batches,
      epochs,
      ...(job.columns === undefined ? {} : { columns: job.columns }),
    })) {
      at = { state: event.state, cursor: event.cursor };
      const seconds = (performance.now() - began) / 1000;
      if (event.kind === 'step') seen += event.size;
      const rate = seen / seconds;
      const left = (job.samples * epochs - done - seen) / rate;
      const { loss, metrics } = each(event);
      const standing = { ...event, loss, metrics, epochs, rate, unit: job.unit, secondsLeft: left };
      if (event.kind === 'step') shown.step(standing);
      else shown.epoch(standing, seconds);
      if (event.kind === 'step') unsaved++;
      // Behind the last step of an epoch its entry is due: a run that is resumed there would not write it.
      if (event.kind === 'step' && event.step === event.steps) continue;
      if (stopped) break;
      // Counted across epochs: an epoch may be shorter, or no multiple.
      if (unsaved >= command.checkpointEvery) {
        await save(event);
        unsaved = 0;
      }
    }
  } finally {
    shown.stop();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  await save(at);
  return { ...at, stopped };
}

/** Judges the trained model, and leaves what can be looked at. */
async function finish(
  recipe: Recipe,
  job: Job,
  state: unknown,
  folder: RunFolder,
  record: ReturnType<typeof runRecord> & { readonly weights: string },
  training: Training,
): Promise<void> {
  const outcome = await job.finish(state, training);
  const { name, value, digits, unit = '' } = outcome.result;
  if (!Number.isFinite(value)) throw new UserError(`${recipe.title}: ${name} is ${value}: the training has failed`);
  await folder.flush();
  const { result, goals = [], figures } = outcome;
  const { title, about } = record;
  const first = { recipe: record.recipe, title, about, result, goals, figures };
  await folder.write(FILES.run, json({ ...first, ...record, trainingSeconds: training.seconds }));
  const { subtitle, facts, sections, footer, figure } = outcome;
  if (figure !== undefined) await folder.write(FILES.figure, figure);
  await folder.write(FILES.report, reportPage({ title, subtitle, facts, sections, footer }));
  process.stdout.write(
    `report ${folder.file(FILES.report)}\nweights sha256 ${record.weights}\ntraining seconds ${training.seconds.toFixed(1)}\n${name} ${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}\n`,
  );
}

/** What a run is of. */
function runRecord(recipe: Recipe, job: Job, { asked, backend }: Command, argv: readonly string[]) {
  const { seed, quick, data, upToLimit: _, ...settings } = asked;
  return {
    recipe: recipe.name,
    title: job.own === undefined ? recipe.title : recipe.title.replace(/ on .*/, () => ` on ${job.own}`),
    about: job.about,
    seed,
    quick,
    ...settings,
    command: `npm run recipe -- ${[recipe.name, ...telling(argv)].join(' ')}`,
    backend: String(backend),
    engine: `Node ${process.versions.node}`,
    ...(data === '' ? {} : { data }),
  };
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The options that tell what a run computes: not where files lie, nor that it was interrupted. */
function telling(argv: readonly string[]): string[] {
  return argv.flatMap((word, i) => {
    if (argv[i - 1] === '--data') return ['DIR'];
    if (word.startsWith('--data=')) return ['--data=DIR'];
    return word === '--resume' || word.startsWith('--out') || argv[i - 1] === '--out' ? [] : [word];
  });
}

/** Seconds, from `before` on. */
function stopwatch(before: number): () => number {
  const began = performance.now();
  return () => before + (performance.now() - began) / 1000;
}
