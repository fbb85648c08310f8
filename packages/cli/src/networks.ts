import { lenet5 } from '@lemmata/architectures/lenet5';
import { resnetCifar } from '@lemmata/architectures/resnet-cifar';
import type { Layer } from '@lemmata/nn';
import { nearestName } from '@lemmata/shape';
import { UserError } from './failure.js';

const NETWORKS: Readonly<Record<string, (options: never) => Layer>> = { lenet5, resnetCifar };

/** A network by its name. */
export function network(name: string, options: Readonly<Record<string, unknown>>): Layer {
  const make = NETWORKS[name];
  if (make === undefined) {
    const near = nearestName(name, Object.keys(NETWORKS));
    throw new UserError(
      `unknown network '${name}'${near === undefined ? '' : `; did you mean '${near}'?`} There are: ${Object.keys(NETWORKS).join(', ')}`,
    );
  }
  return make(options as never);
}
