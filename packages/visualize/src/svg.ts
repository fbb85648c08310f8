import { FONT_SIZE, THEME } from './theme.js';
import { type Attribute, element, escapeText } from './xml.js';

/** Estimated advance of one character as a share of the font size: text cannot be measured without a browser, so this errs wide. */
export const CHARACTER = 0.62;

export interface DocumentOptions {
  /** Of the picture, in its units. */
  readonly width: number;
  /** Of the picture, in its units. */
  readonly height: number;
  /** What the picture shows, for screen readers. */
  readonly label: string;
  /** Font size, in the picture's units, on screens at most 560 px wide. Default: about 11 px where the picture fills a phone. */
  readonly phone?: number;
  /** Width in px below which the picture scrolls instead of shrinking. Default 0. */
  readonly least?: number;
}

/** The font size of a picture on a phone: 11 px where its `width` becomes 350 px, never smaller than elsewhere. */
export function phoneFont(width: number): number {
  return Math.max(FONT_SIZE, Math.round((width * 11) / 350));
}

/** A complete SVG document that also works inlined in HTML: at most its own width, shrinking with its container. */
export function svgDocument(options: DocumentOptions, ...body: string[]): string {
  const { width, height, label, least = 0 } = options;
  const phone = options.phone ?? phoneFont(width);
  const size = `max-width:100%;height:auto${least > 0 ? `;min-width:${least}px` : ''};--lm-phone:${phone}px`;
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'lm',
      viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
      width: Math.ceil(width),
      height: Math.ceil(height),
      role: 'img',
      'aria-label': label,
      style: size,
    },
    `<style>${THEME}</style>`,
    ...body,
  );
}

/** A text element; `content` is escaped. */
export function label(x: number, y: number, content: string, attributes: Record<string, Attribute> = {}): string {
  return element('text', { x, y, ...attributes }, escapeText(content));
}

/** The lines of a title at the head of a picture; `baseline` is that of the first. */
export function heading(lines: readonly string[], baseline = 24): string[] {
  return lines.map((text, i) => label(2, baseline + i * 26, text, { class: 'lm-title' }));
}

/** A straight line in a CSS colour. */
export function rule(x1: number, y1: number, x2: number, y2: number, colour = 'var(--lm-line)', width = 1): string {
  return element('line', { x1, y1, x2, y2, style: `stroke:${colour};stroke-width:${width}` });
}

/** Greedy line breaking at spaces (not at U+00A0) into lines of at most `characters`; a longer word stands alone. */
export function wrap(text: string, characters: number): string[] {
  const lines: string[] = [];
  for (const word of text.match(/[^ \t\n]+/g) ?? []) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= characters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Shortens to at most `characters`, the last one an ellipsis. */
export function shorten(text: string, characters: number): string {
  const letters = [...text];
  return letters.length <= characters ? text : `${letters.slice(0, Math.max(1, characters - 1)).join('')}…`;
}
