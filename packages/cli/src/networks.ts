import { CATALOGUE, FAMILIES } from '@lemmata/architectures/catalogue';
import type { Named } from '@lemmata/architectures';
import type { Layer } from '@lemmata/nn';
import { nearestName } from '@lemmata/shape';
import { UserError } from './failure.js';

/** A network as published, by its name. */
export const published = (name: string): Named => found(CATALOGUE, name);

/** A network that a family makes of options. */
export const network = (family: string, options: Readonly<Record<string, unknown>>): Layer =>
  found(FAMILIES, family)(options as never);

function found<T>(table: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(table, name)) return table[name]!;
  const near = nearestName(name, Object.keys(table));
  const hint = near === undefined ? '.' : `; did you mean '${near}'?`;
  throw new UserError(`unknown network '${name}'${hint} There are: ${Object.keys(table).join(', ')}`);
}
