import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application, LogLevel } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';

/** Entries that users import apart from a package's index, where a package has them and its index does not repeat them. */
const separate = ['node', 'image', 'wasm'];

/**
 * Writes the reference of every package, from the sources, into the folder `api` of `site`.
 *
 * @throws Error if it met a problem; what it was has been printed by then.
 */
export async function writeReference(root: string, site: string, packages: readonly string[]): Promise<void> {
  const files = packages.flatMap((name) => {
    const src = join(root, 'packages', name, 'src');
    const index = readFileSync(join(src, 'index.ts'), 'utf8');
    const others = separate.filter(
      (entry) => existsSync(join(src, `${entry}.ts`)) && !index.includes(`'./${entry}.js'`),
    );
    return ['index', ...others].map((entry) => join(src, `${entry}.ts`));
  });
  // A program of just these files: the repository's own tsconfig.json would bring in every test.
  const tsconfig = join(site, 'tsconfig.json');
  writeFileSync(tsconfig, JSON.stringify({ extends: join(root, 'tsconfig.json'), files: files, include: [] }));
  const markdown: Partial<PluginOptions> = {
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    pageTitleTemplates: { module: ({ name }) => `@lemmata/${name}` },
    useHTMLAnchors: true,
    useCodeBlocks: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    propertyMembersFormat: 'table',
    typeDeclarationFormat: 'table',
  };
  const app = await Application.bootstrapWithPlugins({
    entryPoints: files,
    basePath: join(root, 'packages'),
    outputs: [{ name: 'markdown', path: join(site, 'api') }],
    tsconfig,
    plugin: ['typedoc-plugin-markdown'],
    router: 'module',
    // The types have been checked by the compiler proper; here an error in one package would hide all others.
    skipErrorChecking: true,
    readme: 'none',
    disableGit: true,
    disableSources: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    name: 'Reference',
    groupOrder: ['Functions', 'Variables', 'Classes', '*'],
    logLevel: LogLevel.Warn,
    validation: { invalidLink: true, notExported: false, notDocumented: false, rewrittenLink: true },
    ...markdown,
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('the sources could not be read for the reference');
  // The modules come named after their files; readers know packages.
  for (const module of project.children ?? []) module.name = module.name.replace('/src', '');
  app.validate(project);
  await app.generateOutputs(project);
  const { errorCount, warningCount } = app.logger;
  if (errorCount + warningCount > 0)
    throw new Error(`${errorCount + warningCount} problems in the comments, named above`);
}
