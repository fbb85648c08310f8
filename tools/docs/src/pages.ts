import type { LayerFacts, PackageFacts, RecipeFacts } from './facts.js';

/** The address of a package's page. */
export const packagePage = (name: string): string => `/packages/${name}`;
/** The address of a layer's page. */
export const layerPage = (packageName: string, layer: string): string => `/layers/${packageName}/${layer}`;
/** The address of a recipe's page. */
export const recipePage = (name: string): string => `/recipes/${name}`;
/** The address of a package's reference. */
export const apiPage = (name: string): string => `/api/${name}`;

const link = (text: string, address: string): string => `[${text}](${address})`;
const packageLinks = (names: readonly string[]): string =>
  names.map((name) => link(`\`${name}\``, packagePage(name))).join(', ') || 'none';

/** Splits a page after its heading and first paragraph. */
export function splitLead(text: string): { heading: string; lead: string; rest: string } {
  const [heading = '', lead = '', ...rest] = text.trim().split(/\n{2,}/);
  return { heading, lead, rest: rest.join('\n\n') };
}

/**
 * A package's page: its README, with what it cannot know behind the paragraph that says what the package depends on. A layer that the
 * README does not name is among it.
 */
export function writePackagePage(readme: string, facts: PackageFacts): string {
  const others = facts.layers
    .map(({ name }) => link(name, layerPage(facts.name, name)))
    .filter((each) => !readme.includes(each.slice(each.indexOf(']('))));
  const rows = [
    ['Used by', packageLinks(facts.usedBy)],
    ['Reference', link('every export, with its types', apiPage(facts.name))],
    ...(others.length > 0 ? [['Layers', others.join(', ')]] : []),
  ];
  const table = ['| | |', '|---|---|', ...rows.map(([what, value]) => `| ${what} | ${value} |`)].join('\n');
  const paragraphs = readme.trim().split(/\n{2,}/);
  // Without that paragraph, behind the first one.
  const at = paragraphs.findIndex((each) => each.startsWith('Depends on')) + 1 || 2;
  return [...paragraphs.slice(0, at), table, ...paragraphs.slice(at)].join('\n\n');
}

/** A layer's page: its docs.md, and its sources to read beside it. */
export function writeLayerPage(docs: string, layer: LayerFacts, owner: string, read: (path: string) => string): string {
  const sources = layer.sources.map((file) => {
    const code = read(`${layer.folder}/${file}`).trimEnd();
    return `::: details ${file}\n\`\`\`\`ts\n${code}\n\`\`\`\`\n:::`;
  });
  return [
    docs.trim(),
    '## Code',
    `\`${layer.folder}/\`, of ${link(`@lemmata/${owner}`, packagePage(owner))}; its types are in the ` +
      `${link('reference', apiPage(owner))}.`,
    ...sources,
  ].join('\n\n');
}

/** The list of all packages. */
export function writePackageIndex(packages: readonly PackageFacts[], graph: string): string {
  const rows = packages.map(
    ({ name, description }) => `| ${link(`\`${name}\``, packagePage(name))} | ${description} |`,
  );
  return [
    '# Packages',
    'Each is published as `@lemmata/<name>`, and each stands only on packages listed before it. Take what you need: ' +
      'a package brings along the ones that it points to, and nothing else.',
    graph,
    ['| package | purpose |', '|---|---|', ...rows].join('\n'),
  ].join('\n\n');
}

/** The list of all layers; `leads` are the first paragraphs of their pages, by folder. */
export function writeLayerIndex(packages: readonly PackageFacts[], leads: ReadonlyMap<string, string>): string {
  const sections = packages
    .filter(({ layers }) => layers.length > 0)
    .map(({ name, layers }) => {
      const rows = layers.map(
        (layer) =>
          `| ${link(layer.name, layerPage(name, layer.name))} | ${leads
            .get(layer.folder)!
            .replaceAll(/\s*\n\s*/g, ' ')
            .replaceAll('|', '\\|')} |`,
      );
      return [`## ${name}`, ['| | |', '|---|---|', ...rows].join('\n')].join('\n\n');
    });
  const lead = 'One folder holds everything about a layer: formula, code, laws, and the page that you find here.';
  return ['# Layers', lead, ...sections].join('\n\n');
}

/** An entry of VitePress's sidebar. */
export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly collapsed?: boolean;
  readonly items?: readonly SidebarItem[];
}

/** The sidebar of every page. `written` are the pages of docs/, as title and address. */
export function writeSidebar(
  written: readonly { title: string; address: string }[],
  packages: readonly PackageFacts[],
  recipes: readonly { facts: RecipeFacts; title: string }[],
): SidebarItem[] {
  const layers = packages
    .filter((each) => each.layers.length > 0)
    .map(({ name, layers: own }) => ({
      text: name,
      collapsed: true,
      items: own.map((layer) => ({ text: layer.name, link: layerPage(name, layer.name) })),
    }));
  const packageItems = packages.map(({ name }) => ({ text: name, link: packagePage(name) }));
  const groups: SidebarItem[] = [
    { text: 'Guide', items: written.map(({ title, address }) => ({ text: title, link: address })) },
    {
      text: 'Recipes',
      collapsed: true,
      items: recipes.map(({ facts, title }) => ({ text: title, link: recipePage(facts.name) })),
    },
    { text: 'Packages', collapsed: true, items: [{ text: 'Overview', link: '/packages/' }, ...packageItems] },
    { text: 'Layers', items: layers.length > 0 ? [{ text: 'Overview', link: '/layers/' }, ...layers] : [] },
    {
      text: 'Reference',
      collapsed: true,
      items: packages.map(({ name }) => ({ text: name, link: apiPage(name) })),
    },
  ];
  return groups.filter(({ items }) => items!.length > 0);
}
