import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const copy = mkdtempSync(join(tmpdir(), 'lemmata-release-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const names = readdirSync(join(root, 'packages'));
const manifest = (base: string, name: string): Record<string, any> =>
  JSON.parse(readFileSync(join(base, 'packages', name, 'package.json'), 'utf8'));

test('the next release raises the version by what changesets say and by no more, of all packages alike', () => {
  for (const file of ['package.json', 'pnpm-workspace.yaml', '.changeset'])
    cpSync(join(root, file), join(copy, file), { recursive: true });
  for (const name of names) {
    mkdirSync(join(copy, 'packages', name), { recursive: true });
    cpSync(join(root, 'packages', name, 'package.json'), join(copy, 'packages', name, 'package.json'));
  }
  const changesets = readdirSync(join(root, '.changeset')).filter((file) => file.endsWith('.md'));
  const texts = changesets.map((file) => readFileSync(join(root, '.changeset', file), 'utf8'));
  const asked = ['major', 'minor', 'patch'].find((type) => texts.some((text) => text.includes(`: ${type}\n`)));
  execFileSync('git', ['-C', copy, 'init', '-q']);
  execFileSync(process.execPath, [join(root, 'node_modules/@changesets/cli/bin.js'), 'version'], {
    cwd: copy,
    stdio: 'pipe',
  });

  const [major, minor, patch] = (manifest(root, 'tensor')['version'] as string).split('.').map(Number) as [
    number,
    number,
    number,
  ];
  const next = { major: `${major + 1}.0.0`, minor: `${major}.${minor + 1}.0`, patch: `${major}.${minor}.${patch + 1}` };
  const expected = asked === undefined ? `${major}.${minor}.${patch}` : next[asked as keyof typeof next];
  for (const name of names) {
    const { version, dependencies = {} } = manifest(copy, name);
    expect(version, name).toBe(expected);
    // Packed, it names the very version that is released with it.
    for (const [each, range] of Object.entries(dependencies))
      if (each.startsWith('@lemmata/')) expect(range).toBe('workspace:*');
    if (asked !== undefined)
      expect(readFileSync(join(copy, 'packages', name, 'CHANGELOG.md'), 'utf8')).toContain(`\n## ${expected}\n`);
  }
});
