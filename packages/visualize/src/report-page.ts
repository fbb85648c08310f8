import { formatNumber } from './number.js';
import { checkOptions } from './options.js';
import { REPORT_STYLE } from './report-style.js';
import { element, escapeText } from './xml.js';

export interface ReportSection {
  title: string;
  /** Plain text under the heading. */
  intro?: string;
  /** Markup, taken as it is: from functions of this package, or text passed through `escapeText`. */
  html: string;
}

export interface ReportOptions {
  /** The heading, and the name of the page. */
  readonly title: string;
  /** Plain text under the heading. Default: none. */
  readonly subtitle?: string;
  /** Key facts, shown as cards. Default: none. */
  readonly facts?: readonly (readonly [label: string, value: string | number])[];
  /** One below the other. */
  readonly sections: readonly ReportSection[];
  /** Plain text; each line a paragraph. Default: none. */
  readonly footer?: string;
}

// No script, and nothing from a network: a browser enforces what the page promises.
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/**
 * A complete HTML document that needs no network and no script: light or dark as the reader prefers, for phone, desk and paper.
 * @throws TypeError for unknown options.
 */
export function reportPage(options: ReportOptions): string {
  checkOptions('reportPage', options, ['title', 'subtitle', 'facts', 'sections', 'footer']);
  const { title, subtitle, facts = [], sections, footer } = options;
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('title', {}, escapeText(title)),
    element('style', {}, REPORT_STYLE),
  );
  const cards = facts.map(([name, value]) => {
    const text = typeof value === 'number' ? formatNumber(value) : value;
    return element('div', {}, element('dt', {}, escapeText(name)), element('dd', {}, escapeText(text)));
  });
  const header = element(
    'header',
    {},
    element('h1', {}, escapeText(title)),
    subtitle === undefined ? '' : element('p', { class: 'lm-subtitle' }, escapeText(subtitle)),
    cards.length === 0 ? '' : element('dl', { class: 'lm-facts' }, ...cards),
  );
  const parts = sections.map((section) => {
    checkOptions(`reportPage, section "${section.title}"`, section, ['title', 'intro', 'html']);
    const intro = section.intro === undefined ? '' : element('p', { class: 'lm-intro' }, escapeText(section.intro));
    return element(
      'section',
      {},
      element('h2', {}, escapeText(section.title)),
      intro,
      element('div', { class: 'lm-body' }, section.html),
    );
  });
  const lines = (footer ?? '').split('\n').filter((line) => line.trim() !== '');
  const foot =
    lines.length === 0 ? '' : element('footer', {}, ...lines.map((line) => element('p', {}, escapeText(line))));
  const page = element(
    'body',
    { class: 'lm' },
    element('div', { class: 'lm-page' }, header, element('main', {}, ...parts), foot),
  );
  return `<!DOCTYPE html>\n${element('html', { lang: 'en' }, head, page)}\n`;
}

/** Pictures in two columns where the page is wide, in three they would be too small to read; else beneath each other. `parts` are markup. */
export function columns(...parts: string[]): string {
  return element(
    'div',
    { class: 'lm-columns', style: `--lm-across:${Math.min(2, Math.max(1, parts.length))}` },
    ...parts.map((part) => element('div', {}, part)),
  );
}
