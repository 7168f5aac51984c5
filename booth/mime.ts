import { decodeEntities } from './twiml.js';
import type { MailAttachment } from './types.js';

/** What the booth shows of a mail. */
export interface ParsedMail {
  headers: Record<string, string>;
  subject: string;
  text: string;
  html: string | undefined;
  links: string[];
  attachments: MailAttachment[];
}

/** Multiparts inside each other that are still read. */
const maxDepth = 10;

/** Reads a mail as it came over SMTP. Never throws: what it cannot read it shows as it is. */
export function parseMail(raw: Buffer): ParsedMail {
  const parts: Leaf[] = [];
  // Latin-1 keeps every byte as one character, so that parts can be cut out of it.
  const root = splitPart(raw.toString('latin1'));
  collect(root, parts, 0);
  const shown = (type: string): string | undefined => {
    const found = parts.filter((part) => part.type === type && !part.attached);
    return found.length > 0 ? found.map((part) => part.text()).join('\n') : undefined;
  };
  const html = shown('text/html');
  const text = shown('text/plain') ?? (html === undefined ? '' : textOfHtml(html));
  return {
    headers: Object.fromEntries(
      Object.entries(root.headers).map(([name, value]) => [name, decodeWords(value)]),
    ),
    subject: decodeWords(root.headers['subject'] ?? ''),
    text,
    html,
    links: linksOf(text, html),
    attachments: parts
      .filter((part) => part.attached || !['text/plain', 'text/html'].includes(part.type))
      .map((part) => ({ name: part.name, type: part.type, sizeBytes: part.bytes().length })),
  };
}

interface Part {
  headers: Record<string, string>;
  body: string;
}

interface Leaf {
  type: string;
  name: string;
  attached: boolean;
  bytes: () => Buffer;
  text: () => string;
}

function splitPart(source: string): Part {
  const end = /\r?\n\r?\n/.exec(source);
  const head =
    source.startsWith('\n') || source.startsWith('\r\n') ? '' : source.slice(0, end?.index ?? source.length);
  const body =
    head === '' ? source.replace(/^\r?\n/, '') : end === null ? '' : source.slice(end.index + end[0].length);
  const headers: Record<string, string> = {};
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}\n${value}`;
  }
  return { headers, body };
}

function collect(part: Part, leaves: Leaf[], depth: number): void {
  const contentType = parameterized(part.headers['content-type'] ?? 'text/plain');
  const boundary = contentType.parameters['boundary'];
  if (contentType.value.startsWith('multipart/') && boundary !== undefined && depth < maxDepth) {
    const escaped = boundary.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
    const pieces = part.body.split(new RegExp(`(?:^|\\r?\\n)--${escaped}(--)?[ \\t]*(?=\\r?\\n|$)`));
    // split() keeps the group: preamble, mark, part, mark, part … and after the closing mark the epilogue.
    for (let index = 1; index + 1 < pieces.length && pieces[index] === undefined; index += 2) {
      collect(splitPart((pieces[index + 1] ?? '').replace(/^\r?\n/, '')), leaves, depth + 1);
    }
    return;
  }
  const disposition = parameterized(part.headers['content-disposition'] ?? 'inline');
  const encoding = (part.headers['content-transfer-encoding'] ?? '7bit').toLowerCase();
  const bytes = (): Buffer => decodeBody(part.body, encoding);
  leaves.push({
    type: contentType.value,
    name: decodeWords(
      disposition.parameters['filename'] ?? contentType.parameters['name'] ?? contentType.value,
    ),
    attached: disposition.value === 'attachment',
    bytes,
    text: () => decodeCharset(bytes(), contentType.parameters['charset'] ?? 'utf-8').replace(/\r\n/g, '\n'),
  });
}

function parameterized(header: string): { value: string; parameters: Record<string, string> } {
  const parameters: Record<string, string> = {};
  for (const [, name, quoted, plain] of header.matchAll(
    /;\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/g,
  )) {
    if (name !== undefined) parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
  }
  return { value: (header.split(';')[0] ?? '').trim().toLowerCase(), parameters };
}

function decodeBody(body: string, encoding: string): Buffer {
  switch (encoding) {
    case 'base64':
      return Buffer.from(body, 'base64');
    case 'quoted-printable':
      return decodeQuotedPrintable(body.replace(/[ \t]+(?=\r?\n|$)/g, '').replace(/=\r?\n/g, ''));
    default:
      return Buffer.from(body, 'latin1');
  }
}

function decodeQuotedPrintable(text: string): Buffer {
  const bytes = text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1');
}

function decodeCharset(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    // A charset that the runtime does not know: show the bytes rather than nothing.
    return bytes.toString('latin1');
  }
}

/** RFC 2047 encoded words; raw UTF-8 in a header is read as such. */
function decodeWords(header: string): string {
  return decodeCharset(Buffer.from(header, 'latin1'), 'utf-8')
    .replace(/(=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=)\s+(?==\?)/g, '$1')
    .replace(
      /=\?([^?\s*]+)(?:\*[^?]*)?\?([bqBQ])\?([^?\s]*)\?=/g,
      (_, charset: string, kind: string, data: string) =>
        decodeCharset(
          kind.toLowerCase() === 'b'
            ? Buffer.from(data, 'base64')
            : decodeQuotedPrintable(data.replace(/_/g, ' ')),
          charset,
        ),
    );
}

/** Enough to show a mail that has HTML alone. */
function textOfHtml(html: string): string {
  return decodeEntities(
    html
      .replace(/<(style|script|head)\b[\s\S]*?<\/\1>/gi, '')
      .replace(/<(?:br|\/p|\/div|\/tr|\/h\d|\/li)\b[^>]*>/gi, '\n')
      .replace(/<[^>]*>/g, ''),
  )
    .replace(/[ \t]+/g, ' ')
    .replace(/\n\s*\n+/g, '\n\n')
    .trim();
}

function linksOf(text: string, html: string | undefined): string[] {
  const inText = [...text.matchAll(/https?:\/\/[^\s<>"')\]]+/g)].map(([url]) =>
    url.replace(/[.,;:!?]+$/, ''),
  );
  const inHtml = [...(html ?? '').matchAll(/\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)].map(
    ([, double, single]) => decodeEntities(double ?? single ?? '').trim(),
  );
  return [...new Set([...inText, ...inHtml])].filter((url) => /^https?:\/\//i.test(url));
}
