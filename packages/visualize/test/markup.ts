/** An element of parsed markup. */
export interface Node {
  name: string;
  attributes: Record<string, string>;
  children: Node[];
  /** Own text and that of all descendants, unescaped. */
  text: string;
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

function unescape(text: string): string {
  // Every & must begin one of the five references, or the markup is refused.
  return text.replace(/&[^;\s]*;?/g, (reference) => {
    const c = ENTITIES[reference];
    if (c === undefined) throw new Error(`not well-formed: ${reference}`);
    return c;
  });
}

const TAG = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

/** Elements that hold others; text of their own would be lost. */
const SHAPELESS = new Set(['svg', 'g']);

/**
 * Parses one element of well-formed XML (after an optional doctype), without namespaces; throws where it is not well-formed, and where
 * a picture holds text that is not shown.
 */
export function parse(markup: string): Node {
  const source = markup.replace(/^<!DOCTYPE html>\n/, '').trimEnd();
  const forbidden = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.exec(source);
  if (forbidden) throw new Error(`not well-formed: character U+${forbidden[0].codePointAt(0)?.toString(16)}`);
  const root: Node = { name: '', attributes: {}, children: [], text: '' };
  const open: Node[] = [root];
  let at = 0;
  while (at < source.length) {
    const top = open.at(-1) as Node;
    if (source[at] !== '<') {
      const end = source.indexOf('<', at);
      const text = source.slice(at, end < 0 ? undefined : end);
      if (top === root) throw new Error(`not well-formed: text outside the root: ${text.slice(0, 40)}`);
      if (SHAPELESS.has(top.name)) throw new Error(`<${top.name}> does not show its text: ${text.slice(0, 40)}`);
      for (const node of open) node.text += unescape(text);
      at = end < 0 ? source.length : end;
      continue;
    }
    const tag = matchAt(TAG, source, at);
    if (!tag) throw new Error(`not well-formed at: ${source.slice(at, at + 60)}`);
    const [whole, closing, name, rest, empty] = tag as unknown as [string, string, string, string, string];
    at += whole.length;
    if (closing) {
      if (top.name !== name) throw new Error(`not well-formed: </${name}> closes <${top.name}>`);
      open.pop();
      continue;
    }
    if (top === root && root.children.length > 0) throw new Error('not well-formed: two roots');
    const node: Node = { name, attributes: {}, children: [], text: '' };
    for (const [, key, value] of rest.matchAll(/([\w:-]+)="([^"]*)"/g) as Iterable<string[]>) {
      if ((key as string) in node.attributes) throw new Error(`not well-formed: ${key} twice`);
      node.attributes[key as string] = unescape(value as string);
    }
    top.children.push(node);
    if (!empty) open.push(node);
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error('not well-formed: unclosed or no element');
  return root.children[0] as Node;
}

/** All descendants with a name, in document order. */
export function all(node: Node, name: string): Node[] {
  return node.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

/** Contents of the text elements of an SVG. */
export const texts = (svg: string): string[] => all(parse(svg), 'text').map((t) => t.text);

/** Every number that an SVG places something with. */
export function coordinates(svg: string): number[] {
  const keys = ['x', 'y', 'x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'r', 'width', 'height', 'd'];
  const visit = (node: Node): string[] => [
    ...Object.entries(node.attributes).flatMap(([key, value]) => (keys.includes(key) ? [value] : [])),
    ...node.children.flatMap(visit),
  ];
  return visit(parse(svg))
    .flatMap((value) => value.match(/NaN|Infinity|-?\d*\.?\d+(?:e[-+]?\d+)?/g) ?? [])
    .map(Number);
}
