import { run } from '../process.js';
import type { Check } from './check.js';
import { wrongUses } from './wrong-uses.js';

/** A program that uses what most users use; it must compile as it stands. */
const USES = `
import { valueAndGrad } from '@lemmata/autograd';
import { conv2dLayer } from '@lemmata/layers-conv';
import { linearLayer } from '@lemmata/layers-linear';
import { crossEntropy } from '@lemmata/losses';
import { sequential, type ParamsOf } from '@lemmata/nn';
import { key, tensor, type Tensor } from '@lemmata/tensor';

const model = sequential({ conv: conv2dLayer({ outChannels: 2, kernelSize: 3 }), fc: linearLayer({ outFeatures: 3 }) });
type Params = ParamsOf<typeof model>;
const { params } = model.init(key(0), [1, 5, 5]);
const weight: Tensor = params.conv.weight;
const { value, grads } = valueAndGrad((p: Params) => crossEntropy(p.fc.weight, tensor([0, 1, 2])))(params);
const gradient: Tensor = grads.conv.weight;
export const shapes: readonly number[][] = [[...weight.shape], [...gradient.shape], [...value.shape]];
`;

/** How projects resolve modules. */
const RESOLUTIONS = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
];

export const types: Check = {
  name: 'types, under the strictest settings',
  async run({ everything, packages }, tell) {
    const entries = packages.flatMap((one) => one.entries);
    const all = entries.map(({ specifier }, i) => `export * as m${i} from '${specifier}';`).join('\n');
    everything.write({ 'src/all.ts': all, 'src/uses.ts': USES });
    const found: string[] = [];
    for (const resolution of RESOLUTIONS) {
      const compilerOptions = {
        ...resolution,
        target: 'es2022',
        lib: ['es2023', 'dom'],
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        noEmit: true,
      };
      everything.write({ 'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }) });
      const { output } = await run('tsc', ['--pretty', 'false'], everything.folder);
      found.push(
        ...output
          .trim()
          .split('\n')
          .filter(Boolean)
          .map((line) => `${resolution.moduleResolution}: ${line}`),
      );
      tell(`${entries.length} entries and a program, resolved as ${resolution.moduleResolution}`);
    }
    const wrong = wrongUses(packages);
    everything.write({ 'src/wrong.ts': wrong.program });
    const { output } = await run('tsc', ['--pretty', 'false'], everything.folder);
    const judged = wrong.judge('src/wrong.ts', output);
    if (judged.refused < 150) found.push(`only ${judged.refused} wrong uses were refused: expected at least 150`);
    tell(`${judged.refused} wrong uses refused by the compiler, each with the message that helps`);
    return [...found, ...judged.found];
  },
};
