#!/usr/bin/env node
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundles } from './checks/bundles.js';
import type { Check, Setting } from './checks/check.js';
import { install } from './checks/install.js';
import { lawKit } from './checks/law-kit.js';
import { modules } from './checks/modules.js';
import { page } from './checks/page.js';
import { tarballs } from './checks/tarballs.js';
import { types } from './checks/types.js';
import { Consumer } from './consumer.js';
import { packAll } from './pack.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const CHECKS: readonly Check[] = [tarballs, install, modules, types, bundles, page, lawKit];

/** Third-party packages that some entries need and that their users bring: their optional peers, and types of Node. */
const BROUGHT = ['fast-check@4', '@types/node@20'];

const work = mkdtempSync(join(tmpdir(), 'lemmata-install-'));
try {
  const folder = (name: string): string => {
    mkdirSync(join(work, name));
    return join(work, name);
  };
  const packages = await packAll(root, folder('tarballs'));
  if (packages.length < 20) throw new Error(`only ${packages.length} packages were packed: expected at least 20`);
  const everything = new Consumer(folder('everything'));
  await everything.install(packages, BROUGHT);
  const setting: Setting = { root, packages, everything, fresh: (name) => new Consumer(folder(name)) };
  let problems = 0;
  for (const check of CHECKS) {
    const said: string[] = [];
    const found = await check.run(setting, (text) => said.push(text));
    console.log([check.name, ...said.map((text) => `  ${text}`), ...found.map((text) => `  WRONG ${text}`)].join('\n'));
    problems += found.length;
  }
  console.log(problems === 0 ? `${packages.length} packages install and work` : `${problems} problems`);
  process.exitCode = problems === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
