import { countWords, headOf } from './bundle-words.js';
import type { EmailWords } from './email.js';
import { escapeHtml } from './escape-html.js';
import type { BundledPage } from './message.js';
import { titleOf } from './parts.js';
import { cut, oneLine } from './text.js';

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const NEXT =
  'If nobody acknowledges in time, the next person is paged. Opening a page changes nothing; its button acknowledges.';

/** The mail about several incidents: each with its own link. */
export function bundleEmail(pages: readonly BundledPage[]): EmailWords {
  const intro = `You are paged for ${countWords(pages)}.`;
  return {
    subject: cut(`${countWords(pages)}: ${pages.map(headOf).join(', ')}`, 140),
    text: [
      intro,
      ...pages.flatMap((page) => [
        '',
        `${headOf(page)}: ${titleOf(page)}`,
        `Service: ${serviceOf(page)}`,
        `Open to acknowledge: ${page.url}`,
      ]),
      '',
      NEXT,
      '',
    ].join('\n'),
    html: [
      '<!doctype html><html lang="en"><head><meta charset="utf-8">',
      '<meta name="viewport" content="width=device-width,initial-scale=1">',
      '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
      `<title>${escapeHtml(countWords(pages))}</title></head>`,
      `<body style="margin:0;padding:16px;${FONT};font-size:16px;line-height:1.45"><div style="max-width:560px;margin:0 auto">`,
      `<h1 style="margin:0 0 12px;font-size:22px;line-height:1.25">${escapeHtml(intro)}</h1>`,
      ...pages.map(entryOf),
      `<p style="margin:16px 0;opacity:.8">${escapeHtml(NEXT)}</p>`,
      '</div></body></html>',
    ].join(''),
  };
}

function serviceOf({ service }: BundledPage): string {
  return cut(oneLine(service), 80);
}

function entryOf(page: BundledPage): string {
  return [
    `<p style="margin:16px 0 4px;overflow-wrap:anywhere"><strong>${escapeHtml(headOf(page))}</strong>: ${escapeHtml(titleOf(page))}<br><span style="opacity:.7">${escapeHtml(serviceOf(page))}</span></p>`,
    `<p style="margin:0 0 16px"><a href="${escapeHtml(page.url)}" style="display:block;padding:12px 16px;border-radius:8px;background:#b3261e;color:#ffffff;font-weight:600;text-align:center;text-decoration:none">Open ${escapeHtml(page.code)} to acknowledge</a></p>`,
  ].join('');
}
