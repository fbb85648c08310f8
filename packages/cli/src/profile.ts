import { CATALOGUE } from '@lemmata/architectures/catalogue';
import { formatProfile, traceFile, type Compiled } from '@lemmata/compile';
import { writeFileAtomic } from '@lemmata/formats/node';
import { crossEntropy } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import { sgd } from '@lemmata/optim';
import { nearestName, type Shape } from '@lemmata/shape';
import { key, mean, randomNormal, square, zeros, type Tensor } from '@lemmata/tensor';
import { columnTensor, compiledStep, initialState, trainingStep } from '@lemmata/train';
import { backendOption } from './backend.js';
import { UserError } from './failure.js';
import { commandLine, countOption, userPath } from './options.js';
import type { Recipe } from './recipe/recipe.js';

const HELP = `lemmata profile NAME [--batch N] [--calls N] [--out FILE]

Where the time of a training step goes: for each op of its compiled program the time, operations and bytes a second, and bytes.

  NAME            of a network, such as resnet20 (lemmata summary --help lists them), or of a recipe. A network's step is one of SGD with
                  momentum on random input: by cross-entropy where its output is a vector, else by the mean square. A recipe's is
                  its own, on the first batch of its data.
  --batch N       samples in a batch (default: 8 of a network, a recipe's own)
  --calls N       profiled calls, of which the table has the mean (default 10); two calls before are not counted
  --out FILE      writes a trace that chrome://tracing and https://ui.perfetto.dev open
  --backend, --threads, --winograd    as for a recipe

A profiled call runs line by line: threads meet behind each line, and each is called from JavaScript, so that it takes longer than the step
as it trains, whose time is printed too. Operations are counted as the ops are defined, also where a kernel saves some; bytes are
those that each value has, read or written once. A fused line counts as one, under the names of all its ops.`;

/** Recipes by name. */
export interface Recipes {
  readonly names: readonly string[];
  load(name: string): Promise<Recipe>;
}

/** `lemmata profile`; returns the exit code. */
export async function profile(argv: readonly string[], recipes?: Recipes): Promise<number> {
  const text = { type: 'string' } as const;
  const { values, positionals } = commandLine(argv, {
    batch: text,
    calls: text,
    out: text,
    backend: text,
    threads: text,
    winograd: text,
    help: { type: 'boolean' },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new UserError(`profile: expected the name of a network\n\n${HELP}`);
  const backend = backendOption(values.backend, values.threads, values.winograd);
  const batch = values.batch === undefined ? undefined : countOption('batch', values.batch, 0, 1);
  const calls = countOption('calls', values.calls, 10, 1);
  const out = values.out === undefined ? undefined : userPath('--out', values.out);
  const { about, step, state, inputs } = await workOf(name, batch, recipes);
  process.stdout.write(`${about}, on ${backend}\n`);

  const clock = (): number => performance.now();
  const given = backend.put(inputs);
  let now = backend.put(state);
  const call = (): number => {
    const begin = clock();
    [now] = step(now, ...given);
    return clock() - begin;
  };
  for (let i = 0; i < 2; i++) call();
  const times = Array.from({ length: calls }, call).toSorted((a, b) => a - b);
  const profiling = step.profile(clock);
  for (let i = 0; i < calls; i++) call();
  const found = profiling.stop();
  process.stdout.write(`${formatProfile(found)}\n`);
  process.stdout.write(
    `as it trains, not line by line: ${times[calls >> 1]!.toFixed(3)} ms a call (median of ${calls})\n`,
  );
  process.stdout.write(`working memory ${(step.workingBytes / 1e6).toFixed(1)} MB\n`);
  if (out !== undefined) {
    await writeFileAtomic(out, new TextEncoder().encode(JSON.stringify(traceFile(found))));
    process.stdout.write(`trace in ${out}\n`);
  }
  return 0;
}

/** A step, what it starts from, and a batch for it. */
interface Work {
  readonly about: string;
  readonly step: Compiled<[any, ...Tensor[]], [any, unknown]>;
  readonly state: unknown;
  readonly inputs: readonly Tensor[];
}

async function workOf(name: string, batch: number | undefined, recipes?: Recipes): Promise<Work> {
  if (Object.hasOwn(CATALOGUE, name)) return networkWork(name, batch ?? 8);
  if (recipes?.names.includes(name)) return recipeWork(await recipes.load(name), batch);
  const names = [...Object.keys(CATALOGUE), ...(recipes?.names ?? [])];
  const near = nearestName(name, names);
  const hint = near === undefined ? '.' : `; did you mean '${near}'?`;
  throw new UserError(
    `unknown network${recipes === undefined ? '' : ' or recipe'} '${name}'${hint} There are: ${names.join(', ')}`,
  );
}

function networkWork(name: string, batch: number): Work {
  const { make, inputShape } = CATALOGUE[name]!;
  const model: Layer = make();
  const optimizer = sgd({ learningRate: 1e-3, momentum: 0.9 });
  const { outputShape } = model.init(key(0), inputShape);
  const classifies = outputShape.length === 1;
  const shape: Shape = [batch, ...inputShape];
  const x = model.inputDtype === 'int32' ? zeros(shape, 'int32') : randomNormal(key(1), shape);
  const loss = classifies ? crossEntropy : (y: Tensor): Tensor => mean(square(y));
  return {
    about: `${name}, a training step on ${batch} × [${inputShape.join(', ')}]`,
    step: trainingStep({ model, loss, optimizer }),
    state: initialState(model, optimizer, inputShape, 0),
    inputs: [x, zeros([batch], 'int32')],
  };
}

async function recipeWork(recipe: Recipe, batch: number | undefined): Promise<Work> {
  const { settings, dataFolder } = recipe;
  const batchSize = batch ?? settings.batchSize;
  const data = dataFolder === undefined ? '' : await dataFolder();
  const job = await recipe.prepare({ ...settings, batchSize, seed: 0, quick: false, upToLimit: true, data });
  for await (const first of job.batches.epoch(0)) {
    const inputs = (job.columns?.(first) ?? Object.values(first)).map(columnTensor);
    // Fewer than were asked for where there are no more.
    const about = `${recipe.title}: a training step on ${inputs[0]!.shape[0]} ${job.unit}`;
    return { about, step: compiledStep(job.step), state: job.start(), inputs };
  }
  throw new UserError(`${recipe.name}: there is no batch to profile`);
}
