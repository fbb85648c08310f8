import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';

declare const nothing: unique symbol;

/** Of a layer that there is nothing to say about: any option is an unknown one, and the compiler says so. */
export interface NoOptions {
  /** Nobody can name it: it is here since any object fits an interface without members. @internal */
  readonly [nothing]?: never;
}

/** Throws an OptionError for unknown options, and for numbers that are not finite or that `ok` refuses. */
export function checkNumbers<O extends object>(
  op: string,
  options: O,
  names: readonly (keyof O & string)[],
  ok?: { rule: string; test: (value: number) => boolean },
): void {
  unknownOptions(op, options, names);
  const wrong = names.flatMap((name) => {
    const value = options[name];
    if (value === undefined || (Number.isFinite(value) && (ok === undefined || ok.test(value as number)))) return [];
    return [`${name} must be a ${ok === undefined ? 'finite number' : ok.rule}, received ${formatValue(value)}`];
  });
  if (wrong.length > 0) throw new OptionError(op, wrong);
}
