import { escapeHtml } from '../domain/messages/escape-html.js';
import { isWebAddress } from '../domain/messages/web-address.js';

/** A piece of HTML that is safe to put into a page: only `html` makes it. */
export interface Html {
  readonly html: string;
}

/** What may stand in a template. Text is escaped; `null` is nothing. */
export type HtmlPart = Html | string | number | null | readonly Html[];

/**
 * Makes HTML from a template: whatever is put in is escaped, unless `html` made it. Attribute values stand in double
 * quotes. Addresses go through `href` first: escaping does not make `javascript:` harmless.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  const text = strings.reduce((made, string, index) => {
    const part = index === 0 ? null : (parts[index - 1] ?? null);
    return made + rendered(part) + string;
  }, '');
  return { html: text };
}

function rendered(part: HtmlPart): string {
  if (part === null) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escapeHtml(part);
  if ('html' in part) return part.html;
  return part.map((one) => one.html).join('');
}

/** A web address for an attribute; null for anything but http and https. */
export function href(address: string | undefined): string | null {
  return address !== undefined && isWebAddress(address) ? address : null;
}
