const FONT = `ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Liberation Sans',sans-serif`;

/** Colours of series, light and dark: the set of Okabe and Ito (https://jfly.uni-koeln.de/color/), told apart by colour-blind readers; lightened on dark, darkened yellow on light. */
const SERIES_LIGHT = ['#0072b2', '#d55e00', '#009e73', '#b0578d', '#a87b00', '#3a97cf'];
const SERIES_DARK = ['#5cb0ea', '#f2925a', '#35c79a', '#e39cc6', '#e5b93c', '#9bd4f5'];

/** Font size of text in pictures, in their own units. */
export const FONT_SIZE = 14;

/** Number of distinct series colours; further series repeat them with dashes. */
const SERIES_COLOURS: number = SERIES_LIGHT.length;

function variables(ink: string, muted: string, line: string, paper: string, soft: string, series: string[]): string {
  const numbered = series.map((c, i) => `--lm-${i}:${c}`).join(';');
  return `--lm-ink:${ink};--lm-muted:${muted};--lm-line:${line};--lm-paper:${paper};--lm-soft:${soft};${numbered}`;
}

/**
 * The style that every picture carries, so that it can stand alone, be inlined or be a file: colours as CSS variables on `.lm`
 * (`--lm-ink`, `--lm-muted`, `--lm-line`, `--lm-paper`, `--lm-soft`, `--lm-0` … `--lm-5`), light by default and in print, dark where
 * the reader prefers it. On narrow screens text of pictures grows to their `--lm-phone` size, since the picture itself shrinks.
 */
export const THEME: string = [
  `.lm{${variables('#1b1f24', '#5b636d', '#dfe3e8', '#ffffff', '#f4f6f8', SERIES_LIGHT)};font-family:${FONT};color:var(--lm-ink)}`,
  `@media screen and (prefers-color-scheme:dark){.lm{${variables('#e8eaed', '#a2abb6', '#343b44', '#14171a', '#1e2328', SERIES_DARK)}}}`,
  `svg.lm text{font-size:${FONT_SIZE}px;fill:var(--lm-ink);font-variant-numeric:tabular-nums}`,
  `svg.lm .lm-title{font-size:16px;font-weight:600}`,
  `svg.lm .lm-muted{fill:var(--lm-muted)}`,
  `svg.lm .lm-onfill{fill:#fff}`,
  `@media (max-width:560px){svg.lm text{font-size:var(--lm-phone)}svg.lm .lm-title{font-size:calc(var(--lm-phone)*1.1)}}`,
].join('\n');

/** The CSS colour of series `index`. */
export function seriesColour(index: number): string {
  return `var(--lm-${index % SERIES_COLOURS})`;
}

/** The dash pattern of series `index`: solid for the first round of colours, then dashed, then dotted. */
export function seriesDash(index: number): string | undefined {
  const round = Math.floor(index / SERIES_COLOURS) % 3;
  return round === 0 ? undefined : round === 1 ? '7 4' : '2 4';
}
