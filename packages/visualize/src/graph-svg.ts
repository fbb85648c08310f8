import { curveBumpX, curveBumpY, line as path } from 'd3-shape';
import { layoutGraph } from './graph-layout.js';
import { spread } from './graph-spread.js';
import { formatNumber } from './number.js';
import { checkOptions } from './options.js';
import { CHARACTER, heading, label, shorten, svgDocument, wrap } from './svg.js';
import { FONT_SIZE } from './theme.js';
import { element, escapeText, round2 } from './xml.js';

/** A node of a computational graph; each further field is a line of text in its box. */
export interface GraphNode {
  id: string;
  /** Default: the id. */
  label?: string;
  value?: string | number;
  /** ∂loss / ∂this, as it arrives from later nodes. */
  upstream?: string | number;
  /** ∂this / ∂its inputs. */
  local?: string | number;
  /** upstream · local, as it leaves to the inputs. */
  downstream?: string | number;
}

export interface GraphEdge {
  from: string;
  to: string;
  /** Text at the middle of the edge. */
  label?: string;
}

export interface GraphOptions {
  /** Above the picture. Default: none. */
  readonly title?: string;
  /** What is drawn as a box. */
  readonly nodes: readonly GraphNode[];
  /** From box to box. */
  readonly edges: readonly GraphEdge[];
  /** Which way edges point. Default `right`. */
  readonly direction?: 'right' | 'down';
}

const LINE = 19;
const PAD = 11;
const GAP = 22;
const FIELDS = ['value', 'upstream', 'local', 'downstream'] as const;

interface Box {
  /** Middle. */
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * A computational graph in layers, as an SVG document: boxes with values and gradients, curved arrows. Scrolls sideways on
 * narrow screens where its container does.
 * @throws TypeError for unknown options and fields; RangeError for repeated ids, edges to unknown nodes, and cycles.
 */
export function graphSvg(options: GraphOptions): string {
  checkOptions('graphSvg', options, ['title', 'nodes', 'edges', 'direction']);
  const { title = '', nodes, edges, direction = 'right' } = options;
  if (direction !== 'right' && direction !== 'down') {
    throw new TypeError(`graphSvg: direction is '${String(direction)}', expected 'right' or 'down'`);
  }
  for (const node of nodes) checkOptions(`graphSvg, node "${node.id}"`, node, ['id', 'label', ...FIELDS]);
  for (const edge of edges) checkOptions(`graphSvg, edge "${edge.from}" → "${edge.to}"`, edge, ['from', 'to', 'label']);
  const { layers, chains } = layoutGraph(
    nodes.map((n) => n.id),
    edges,
  );
  const right = direction === 'right';
  const boxes = new Map(nodes.map((node) => [`node ${node.id}`, sizeOf(node)]));
  const titleLines = wrap(title, 60);
  const textWidth = (text = ''): number => (text === '' ? 0 : [...text].length * FONT_SIZE * CHARACTER + 8);
  chains.forEach((chain, e) => {
    for (const key of chain.slice(1, -1)) boxes.set(key, { x: 0, y: 0, width: textWidth(edges[e].label), height: 0 });
  });
  const edgeText = Math.max(0, ...edges.map((e) => textWidth(e.label)));
  const size = place(layers, chains, boxes, right, 2, 16 + titleLines.length * 26, right ? 44 + edgeText : 44);
  const body = heading(titleLines);
  chains.forEach((chain, e) =>
    body.push(
      drawEdge(
        chain.map((key) => boxes.get(key)!),
        edges[e],
        right,
      ),
    ),
  );
  for (const node of nodes) body.push(drawNode(node, boxes.get(`node ${node.id}`)!));
  const width = Math.max(size.width, ...titleLines.map((t) => 14 + t.length * 16 * CHARACTER));
  const aria = `${title || 'Graph'}: ${nodes.map((n) => n.label ?? n.id).join(', ')}`;
  return svgDocument({ width, height: size.height, label: aria, phone: FONT_SIZE, least: 0.8 * width }, ...body);
}

const textOf = (value: string | number): string => (typeof value === 'number' ? formatNumber(value) : value);

const linesOf = (node: GraphNode): { name: string; text: string }[] =>
  FIELDS.flatMap((name) => (node[name] === undefined ? [] : [{ name, text: shorten(textOf(node[name]), 28) }]));

const captionOf = (node: GraphNode): string => shorten(node.label ?? node.id, 28);

function sizeOf(node: GraphNode): Box {
  const lines = linesOf(node);
  const caption = [...captionOf(node)].length * FONT_SIZE * (CHARACTER + 0.04);
  const widest = Math.max(
    caption,
    ...lines.map((l) => (l.name.length + [...l.text].length + 2) * FONT_SIZE * CHARACTER),
  );
  return { x: 0, y: 0, width: Math.max(52, widest + 2 * PAD), height: LINE * (1 + lines.length) + 2 * PAD - 4 };
}

/**
 * Fills in the middle of every box. Boxes of a layer get one width; a bend is as long as its layer is thick, so that an edge
 * passes straight beside the boxes there, and as broad as its text.
 */
function place(
  layers: string[][],
  chains: string[][],
  boxes: Map<string, Box>,
  right: boolean,
  left: number,
  top: number,
  between: number,
): { width: number; height: number } {
  const boxOf = (key: string): Box => boxes.get(key)!;
  const breadth = (box: Box): number => (right ? box.height : box.width);
  const starts = spread(layers, chains, (key) => breadth(boxOf(key)), GAP);
  let along = right ? left : top;
  let reach = right ? top : left;
  layers.forEach((layer, l) => {
    if (l > 0) along += between;
    const thick = Math.max(...layer.map((key) => (right ? boxOf(key).width : boxOf(key).height)));
    layer.forEach((key, i) => {
      const box = boxOf(key);
      if (right) box.width = thick;
      else if (key.startsWith('bend')) box.height = thick;
      const across = (right ? top : left) + starts[l][i];
      reach = Math.max(reach, across + breadth(box) / 2);
      [box.x, box.y] = right ? [along + thick / 2, across] : [across, along + thick / 2];
    });
    along += thick;
  });
  return right ? { width: along + 14, height: reach + 16 } : { width: reach + 14, height: along + 16 };
}

interface Point {
  x: number;
  y: number;
}

function drawEdge(boxes: Box[], edge: GraphEdge, right: boolean): string {
  const entry = ({ x, y, width, height }: Box): Point => (right ? { x: x - width / 2, y } : { x, y: y - height / 2 });
  const exit = ({ x, y, width, height }: Box): Point => (right ? { x: x + width / 2, y } : { x, y: y + height / 2 });
  const start = exit(boxes[0]);
  const end = entry(boxes.at(-1)!);
  const neck = right ? { x: end.x - 8, y: end.y } : { x: end.x, y: end.y - 8 };
  const points = [start, ...boxes.slice(1, -1).flatMap((bend) => [entry(bend), exit(bend)]), neck];
  const curve = path<Point>(
    (p) => p.x,
    (p) => p.y,
  )
    .curve(right ? curveBumpX : curveBumpY)
    .digits(1);
  const head = right ? 'l-9,-4.5v9z' : 'l-4.5,-9h9z';
  const parts = [
    element('path', { d: curve(points)!, style: 'fill:none;stroke:var(--lm-muted);stroke-width:1.5' }),
    element('path', { d: `M${round2(end.x)},${round2(end.y)}${head}`, style: 'fill:var(--lm-muted)' }),
  ];
  if (edge.label !== undefined) {
    const halo = 'paint-order:stroke;stroke:var(--lm-paper);stroke-width:5px';
    const at = boxes.length > 2 ? boxes[boxes.length >> 1] : { x: (start.x + neck.x) / 2, y: (start.y + neck.y) / 2 };
    parts.push(
      label(at.x, at.y, edge.label, { 'text-anchor': 'middle', dy: '0.35em', class: 'lm-muted', style: halo }),
    );
  }
  return element('g', {}, ...parts);
}

function drawNode(node: GraphNode, box: Box): string {
  const lines = linesOf(node);
  const x = box.x - box.width / 2;
  const y = box.y - box.height / 2;
  const shape = element('rect', {
    x,
    y,
    width: box.width,
    height: box.height,
    rx: 8,
    style: 'fill:var(--lm-soft);stroke:var(--lm-line);stroke-width:1',
  });
  const parts = [
    shape,
    label(box.x, y + PAD + 11, captionOf(node), { 'text-anchor': 'middle', style: 'font-weight:600' }),
  ];
  lines.forEach(({ name, text }, i) => {
    const baseline = y + PAD + 11 + (i + 1) * LINE;
    // Gradients in the colour of series 1, apart from values.
    const colour = name === 'value' ? undefined : 'fill:var(--lm-1)';
    parts.push(label(x + PAD, baseline, name, { class: 'lm-muted' }));
    parts.push(label(x + box.width - PAD, baseline, text, { 'text-anchor': 'end', style: colour }));
  });
  const full = [
    node.label ?? node.id,
    ...FIELDS.flatMap((f) => (node[f] === undefined ? [] : [`${f} ${textOf(node[f])}`])),
  ];
  return element('g', {}, element('title', {}, escapeText(full.join('\n'))), ...parts);
}
