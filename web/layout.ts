import { createHash } from 'node:crypto';
import { html, type Html } from './html.js';

/** Read half asleep on a phone of 320 px, by day and night, without a script, a font or an image. */
const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1c1f;--soft:#5a626c;--line:#d5d9de;--card:#f4f6f8;--go:#0b6b3a;--go-fg:#fff;--alarm:#b3261e;--alarm-fg:#fff;--note:#fff4d6;--note-fg:#4a3600}
@media (prefers-color-scheme:dark){:root{--bg:#101214;--fg:#e8eaed;--soft:#a3abb5;--line:#343a41;--card:#1b1f23;--go:#2e9e63;--go-fg:#04150b;--alarm:#e5645c;--alarm-fg:#1c0504;--note:#3a2f10;--note-fg:#ffe7ad}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:17px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:break-word}
main{max-width:40rem;margin:0 auto;padding:1rem}
h1{font-size:1.35rem;line-height:1.25;margin:.5rem 0 .25rem}
h2{font-size:1rem;margin:1.75rem 0 .5rem;color:var(--soft)}
p{margin:.5rem 0}
a{color:inherit}
.top{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;color:var(--soft);margin:0}
.badge{background:var(--alarm);color:var(--alarm-fg);border-radius:.35rem;padding:.1rem .5rem;font-weight:700}
.calm{background:var(--go);color:var(--go-fg)}
.code{font-family:ui-monospace,Menlo,Consolas,monospace;font-weight:700;color:var(--fg)}
.state{font-size:1.1rem;font-weight:600;margin:.75rem 0}
.said{background:var(--note);color:var(--note-fg);border-radius:.5rem;padding:.75rem 1rem;font-weight:600}
form{margin:0}
.actions{display:grid;gap:.75rem;margin:1.25rem 0}
button{width:100%;min-height:3rem;border:1px solid var(--line);border-radius:.6rem;background:var(--card);color:var(--fg);font:inherit;font-weight:600;padding:.6rem 1rem;cursor:pointer}
button.main{min-height:4.5rem;border:0;background:var(--go);color:var(--go-fg);font-size:1.35rem;font-weight:700}
button:focus-visible,a:focus-visible{outline:3px solid var(--soft);outline-offset:2px}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.25rem .9rem;margin:0}
.facts dt{color:var(--soft)}
.facts dd{margin:0}
ol{list-style:none;margin:0;padding:0;border-top:1px solid var(--line)}
li{padding:.5rem 0;border-bottom:1px solid var(--line)}
time{color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap;margin-right:.5rem}
.foot{color:var(--soft);font-size:.85rem;margin-top:1.75rem}
`;

/** The policy that goes with every page: nothing loads, nothing runs, forms stay here. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const STYLE_ELEMENT: Html = { html: `<style>${STYLE}</style>` };

/** A whole page. */
export function layout(title: string, main: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>${main}</main>
      </body>
    </html>`.html;
}
