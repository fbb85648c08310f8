import { type Box, type Line, layOut } from './layout.js';
import type { Package } from './model.js';

/** `from` depends on `to`. */
export type Edge = readonly [from: string, to: string];

/** The arrows among the published packages as their `dependencies` declare them, without the scope. */
export function packageEdges(packages: readonly Package[]): { names: string[]; edges: Edge[] } {
  const published = packages.filter(({ folder }) => folder.startsWith('packages/'));
  const short = (name: string): string => name.slice(name.indexOf('/') + 1);
  const names = published.map(({ manifest }) => short(manifest.name));
  const edges = published.flatMap(({ manifest }) =>
    Object.keys(manifest.dependencies ?? {}).map((to): Edge => [short(manifest.name), short(to)]),
  );
  return { names, edges: edges.filter(([, to]) => names.includes(to)) };
}

/** The arrows that no longer path implies: without them the picture would be a ball of wool. */
export function reduce(edges: readonly Edge[]): Edge[] {
  const next = (from: string): string[] => edges.filter((edge) => edge[0] === from).map((edge) => edge[1]);
  const reach = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of next(from)) if (!seen.has(to)) reach(to, seen.add(to));
    return seen;
  };
  return edges.filter(([from, to]) => !next(from).some((other) => other !== to && reach(other).has(to)));
}

/**
 * Draws a package graph as SVG, what stands on most at the top. Arrows that follow from others are left out, and
 * packages with the same arrows share a box.
 *
 * @throws Error if the arrows make a cycle.
 */
export function drawGraph(
  names: readonly string[],
  edges: readonly Edge[],
  href: (name: string) => string = (name) => `#${name}`,
): string {
  const { boxes, lines, width, height } = layOut(names, reduce(edges));
  return [
    `<svg class="package-graph" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="Package graph">`,
    '<defs><marker id="arrowhead" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
    '<path d="M0 0 L8 4 L0 8 z" fill="currentColor"/></marker></defs>',
    '<g fill="none" stroke="currentColor" stroke-opacity="0.5">',
    ...lines.map(drawLine),
    '</g>',
    ...boxes.map((box) => drawBox(box, href)),
    '</svg>',
  ].join('\n');
}

/** From box to box by way of the gaps that the layout has kept free. */
function drawLine(stops: Line): string {
  let path = `M${stops[0]!.middle} ${stops[0]!.y + stops[0]!.height}`;
  for (const [index, stop] of stops.slice(1).entries()) {
    const above = stops[index]!;
    const bend = Math.round((stop.y - above.floor) / 2);
    path += ` V${above.floor} C${above.middle} ${above.floor + bend} ${stop.middle} ${stop.y - bend} ${stop.middle} ${stop.y}`;
  }
  return `<path d="${path}" marker-end="url(#arrowhead)"/>`;
}

function drawBox({ x, y, width, height, names, middle }: Box, href: (name: string) => string): string {
  const texts = names.map((name, index) => {
    const base = y + 17 + index * 18;
    const style = 'text-anchor="middle" font-size="12" font-family="ui-monospace, monospace" fill="currentColor"';
    return `<a href="${href(name)}"><text x="${middle}" y="${base}" ${style}>${name}</text></a>`;
  });
  const style = 'fill="var(--vp-c-bg-soft, #f6f6f7)" stroke="currentColor" stroke-opacity="0.35"';
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" ${style}/>${texts.join('')}`;
}
