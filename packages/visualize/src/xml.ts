/** A value of an attribute: numbers are rounded to 2 decimals, `undefined` leaves the attribute out. */
export type Attribute = string | number | undefined;

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Escapes text for element content and for quoted attributes, in HTML and in XML.
 * Characters that XML 1.0 forbids (controls, lone surrogates, U+FFFE, U+FFFF; https://www.w3.org/TR/xml/#charsets) become U+FFFD.
 */
export function escapeText(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replace(/[&<>"']/g, (c) => ESCAPES[c]);
}

/** Rounds to 2 decimals: coordinates need no more, and files stay small. */
export function round2(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * One element as markup that is both well-formed XML and HTML. `children` are markup already; attribute values are escaped.
 * @throws RangeError for a non-finite number: NaN must be drawn on purpose, never reach a coordinate.
 */
export function element(name: string, attributes: Record<string, Attribute>, ...children: string[]): string {
  let open = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new RangeError(`${name}: attribute ${key} is ${value}, expected a finite number`);
    }
    const text = typeof value === 'number' ? String(round2(value)) : value;
    open += ` ${key}="${escapeText(text)}"`;
  }
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`;
}
