import { createHash } from 'node:crypto';
import { html, type Html } from './html.js';
import { LIVE_SCRIPT_NAME } from './live-script.js';
import { STYLE } from './style.js';

const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** The policy that goes with every page: nothing loads, nothing runs, forms stay here. */
export const CONTENT_SECURITY_POLICY = policy([]);

/** The policy of a page that updates itself: a script of ours from a file of its own, which may ask this host. */
export const LIVE_CONTENT_SECURITY_POLICY = policy(["script-src 'self'", "connect-src 'self'"]);

function policy(more: readonly string[]): string {
  return [
    "default-src 'none'",
    ...more,
    `style-src ${STYLE_SOURCE}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const STYLE_ELEMENT: Html = { html: `<style>${STYLE}</style>` };

/** A whole page. `live`: with the script that keeps it fresh. */
export function layout(
  title: string,
  main: Html,
  { live = false }: { readonly live?: boolean } = {},
): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${STYLE_ELEMENT} ${live ? html`<script src="${LIVE_SCRIPT_NAME}" defer></script>` : null}
      </head>
      <body>
        <main>${main}</main>
      </body>
    </html>`.html;
}
