import { THEME } from './theme.js';

/** The style sheet of a report page, over the variables of the theme. */
export const REPORT_STYLE: string = `${THEME}
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body.lm{margin:0;background:var(--lm-paper);line-height:1.6;font-size:16px;-webkit-font-smoothing:antialiased}
.lm-page{max-width:1120px;margin:0 auto;padding:56px 32px 48px}
.lm-page h1{font-size:clamp(1.75rem,1.2rem + 2.2vw,2.5rem);line-height:1.15;letter-spacing:-.02em;font-weight:700;margin:0;text-wrap:balance}
.lm-page .lm-subtitle{font-size:1.0625rem;color:var(--lm-muted);margin:10px 0 0;max-width:68ch;text-wrap:pretty}
.lm-facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;margin:32px 0 0;border:1px solid var(--lm-line);border-radius:12px;overflow:hidden}
.lm-facts div{box-shadow:0 0 0 1px var(--lm-line);padding:16px 18px}
.lm-facts dt{font-size:.8125rem;color:var(--lm-muted);margin:0}
.lm-facts dd{font-size:1.375rem;line-height:1.3;font-weight:600;letter-spacing:-.01em;margin:2px 0 0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.lm-page section{margin-top:56px}
.lm-page h2{font-size:1.25rem;line-height:1.3;letter-spacing:-.01em;font-weight:650;margin:0 0 4px}
.lm-page .lm-intro{color:var(--lm-muted);margin:0;max-width:68ch;text-wrap:pretty}
.lm-body{margin-top:20px;overflow-x:auto}
.lm-body>*+*{margin-top:28px}
.lm-columns{display:grid;gap:32px;grid-template-columns:minmax(0,1fr)}
.lm-columns>*{min-width:0}
svg.lm{display:block}
.lm-page footer{margin-top:64px;padding-top:20px;border-top:1px solid var(--lm-line);font-size:.875rem;color:var(--lm-muted);overflow-wrap:anywhere}
.lm-page footer p{margin:0 0 6px;max-width:80ch}
@media (min-width:1000px){.lm-columns{grid-template-columns:repeat(var(--lm-across,2),minmax(0,1fr))}}
@media (max-width:560px){.lm-page{padding:32px 16px}.lm-page section{margin-top:40px}.lm-facts{grid-template-columns:1fr 1fr}.lm-facts div{padding:12px 14px}.lm-facts dd{font-size:1.125rem}}
@media print{.lm-page{max-width:none;padding:0}.lm-page section{margin-top:28px}h2,.lm-intro{break-after:avoid}svg.lm,figure,tr,.lm-facts{break-inside:avoid}body.lm{-webkit-print-color-adjust:exact;print-color-adjust:exact;font-size:11pt}}`;
