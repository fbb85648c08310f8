/** A package.json as read; its fields are what is to be checked. */
export type Manifest = Readonly<Record<string, unknown>>;

/** Scripts that npm runs on a user's machine. None of the packages has one. */
const installScripts = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];

/** What every published package says of itself, whatever it does. */
export function checkManifest(folder: string, manifest: Manifest, version: unknown): string[] {
  const expected: Record<string, unknown> = {
    name: `@lemmata/${folder}`,
    version,
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    files: ['dist'],
    engines: { node: '>=20.19' },
    private: undefined,
  };
  const problems = Object.entries(expected)
    .filter(([field, value]) => JSON.stringify(manifest[field]) !== JSON.stringify(value))
    .map(
      ([field, value]) => `${field} is ${JSON.stringify(manifest[field])}: expected ${JSON.stringify(value) ?? 'none'}`,
    );
  if (typeof manifest.description !== 'string' || !manifest.description.endsWith('.')) {
    problems.push('description is missing, or is not a sentence that ends with a full stop');
  }
  const scripts = Object.keys((manifest.scripts as object | undefined) ?? {});
  for (const name of scripts.filter((script) => installScripts.includes(script))) {
    problems.push(`scripts.${name} would run on a user's machine: remove it`);
  }
  const peers = Object.entries((manifest.peerDependencies as Record<string, string> | undefined) ?? {});
  for (const [name] of peers.filter(([, range]) => range === 'workspace:*')) {
    // An exact version: whenever the peer gets a new one, its dependents would get a new major version.
    problems.push(`peerDependencies.${name} is "workspace:*": take "workspace:0.x", which the next version fits`);
  }
  return problems;
}

/** A README starts with the package's name and says something. */
export function checkReadme(text: string, { name, description }: Manifest): string[] {
  const [heading, first] = text.split('\n').filter((line) => line.trim() !== '');
  const problems: string[] = [];
  if (heading !== `# ${String(name)}`)
    problems.push(`README.md starts with "${heading}": expected "# ${String(name)}"`);
  if (first === undefined)
    problems.push(`README.md says nothing: start with the description, "${String(description)}"`);
  return problems;
}
