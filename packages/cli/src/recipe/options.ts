import { backendOption, type Placing } from '../backend.js';
import { commandLine, countOption, positiveOption, userPath } from '../options.js';
import { UserError } from '../failure.js';
import type { Asked, Recipe } from './recipe.js';

const HELP = (recipe: Recipe): string => `${recipe.title}

  --quick               a slice that takes seconds
  --out DIR             run folder (default runs/${recipe.name})
  --resume              go on from the checkpoint in the run folder; without one, start
${recipe.dataFolder === undefined ? '' : `  --data DIR            folder with ${recipe.dataHolds ?? 'the data'} (default: the installed package)\n`}  --epochs N            default ${recipe.settings.epochs}
  --batch-size N        default ${recipe.settings.batchSize}
  --learning-rate X     peak of the schedule, default ${recipe.settings.learningRate}
  --seed N              of parameters and order, default 0
  --limit N             train on the first N samples only
  --checkpoint-every N  steps between checkpoints, at most ${MOST_STEPS}, default ${MOST_STEPS}
  --backend NAME        wasm or reference, default wasm
  --threads N           of the wasm backend, default the number of cores
  --winograd TILE       4, 2 or off: how the wasm backend computes 3×3 convolutions, default 4
  --help`;

/** The most steps between two checkpoints. */
const MOST_STEPS = 100;

/** A command line, understood. */
export interface Command {
  readonly asked: Asked;
  readonly out: string;
  readonly resume: boolean;
  readonly checkpointEvery: number;
  readonly backend: Placing;
}

/** Understands the command line of a recipe; a text where all that is asked for is help. */
export async function parseRecipe(recipe: Recipe, argv: readonly string[]): Promise<Command | string> {
  const { values, positionals } = commandLine(argv, {
    quick: { type: 'boolean' },
    out: { type: 'string' },
    resume: { type: 'boolean' },
    data: { type: 'string' },
    epochs: { type: 'string' },
    'batch-size': { type: 'string' },
    'learning-rate': { type: 'string' },
    seed: { type: 'string' },
    limit: { type: 'string' },
    'checkpoint-every': { type: 'string' },
    backend: { type: 'string' },
    threads: { type: 'string' },
    winograd: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (values.help) return HELP(recipe);
  if (positionals.length > 0)
    throw new UserError(
      `unexpected '${positionals.join(' ')}': all that a recipe takes are options, which --help lists`,
    );
  const quick = values.quick ?? false;
  const defaults = { ...recipe.settings, ...(quick ? recipe.quick : {}) };
  const checkpointEvery = countOption('checkpoint-every', values['checkpoint-every'], MOST_STEPS, 1);
  if (checkpointEvery > MOST_STEPS)
    throw new UserError(`--checkpoint-every: expected at most ${MOST_STEPS} steps, received ${checkpointEvery}`);
  if (values.data !== undefined && recipe.dataFolder === undefined)
    throw new UserError(`--data: ${recipe.title} reads no folder; leave it out`);
  const asked = {
    epochs: countOption('epochs', values.epochs, defaults.epochs, 1),
    batchSize: countOption('batch-size', values['batch-size'], defaults.batchSize, 1),
    learningRate: positiveOption('learning-rate', values['learning-rate'], defaults.learningRate),
    limit: values.limit === undefined ? defaults.limit : countOption('limit', values.limit, 1, 1),
    seed: countOption('seed', values.seed, 0, 0),
    quick,
    upToLimit: values.limit === undefined,
  };
  const backend = backendOption(values.backend, values.threads, values.winograd);
  const data = values.data === undefined ? ((await recipe.dataFolder?.()) ?? '') : userPath('--data', values.data);
  return {
    asked: { ...asked, data },
    out: userPath('--out', values.out ?? `runs/${recipe.name}`),
    resume: values.resume ?? false,
    checkpointEvery,
    backend,
  };
}
