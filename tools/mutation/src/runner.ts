import { strykerPlugins as plugins, strykerValidationSchema } from '@stryker-mutator/vitest-runner';
import { strict, type Runner } from './strict.js';

/** Stryker's runner for Vitest, made {@link strict}. */
export const strykerPlugins: readonly object[] = plugins.map((plugin) => ({
  ...plugin,
  factory: Object.assign((injector: never) => strict(plugin.factory(injector) as unknown as Runner), {
    inject: ['$injector'],
  }),
}));

export { strykerValidationSchema };
