import { CATALOGUE } from '@lemmata/architectures/catalogue';
import { formatSummary, summary as summarise } from '@lemmata/nn';
import { UserError } from './failure.js';
import { published } from './networks.js';
import { commandLine } from './options.js';

const HELP = `lemmata summary NAME [--input 1x3x224x224] [--json]

What a network is made of, layer by layer: output shape, parameters, multiply-adds, memory and receptive field. No parameter is made.

  NAME            one of ${wrapped(Object.keys(CATALOGUE))}
  --input SHAPE   of the input, batch and all (default: a batch of 1 of the size that the network is published for)
  --json          { name, input, output, parameters, state, flops, memory, layers } instead of a table. \`layers\` are the innermost:
                  their parameters, flops and memory add up to the network's. flops are the multiply-adds, and memory the
                  bytes in float32 of parameters, state and what every layer gives, for one input of the batch.`;

/** `lemmata summary`; returns the exit code. */
export async function summary(argv: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(argv, {
    input: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new UserError(`summary: expected the name of a network\n\n${HELP}`);
  const named = published(name);
  const found = summarise(
    named.make(),
    values.input === undefined ? named.inputShape : inputShape(values.input, named.inputShape),
  );
  process.stdout.write(values.json ? `${JSON.stringify(asJson(name, found), null, 2)}\n` : `${formatSummary(found)}\n`);
  return 0;
}

/** The shape in `1x3x224x224`, without the batch; of as many axes as the network is published for. */
function inputShape(text: string, published: readonly number[]): number[] {
  const [, ...shape] = text.split(/[x×,]/).map(Number);
  if (/^\d+([x×,]\d+)*$/.test(text) && shape.length === published.length) return shape;
  throw new UserError(
    `--input: expected sizes, the batch first, such as ${[1, ...published].join('x')}; received '${text}'`,
  );
}

function asJson(name: string, { rows, ...found }: ReturnType<typeof summarise>): object {
  return {
    name,
    input: found.inputShape,
    output: found.outputShape,
    parameters: found.parameters,
    state: found.stateSize,
    flops: found.flops,
    memory: found.memory,
    layers: rows
      .filter(({ innermost }) => innermost)
      .map((row) => ({
        name: row.name,
        kind: row.kind,
        input: row.inputShape,
        output: row.outputShape,
        parameters: row.parameters,
        flops: row.flops,
        memory: row.memory,
        receptiveField: row.field === null ? null : row.field.map(({ size }) => size),
      })),
  };
}

/** Names in lines that fit a terminal. */
function wrapped(names: readonly string[]): string {
  let length = 0;
  return names
    .map((name, i) => {
      const breaks = length + name.length > 90;
      length = breaks ? name.length : length + name.length + 2;
      return `${i === 0 ? '' : breaks ? ',\n                  ' : ', '}${name}`;
    })
    .join('');
}
