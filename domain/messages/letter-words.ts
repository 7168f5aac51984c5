import { escapeHtml } from './escape-html.js';
import type { EmailWords } from './email.js';
import { readable } from './gsm7.js';
import type { Letter } from './letter.js';
import { asSentence, cut, oneLine } from './text.js';
import { isWebAddress } from './web-address.js';

/** In characters. A subject longer than that is cut by mail programs; `short` is a promise of {@link Letter}. */
const LONGEST_SUBJECT = 140;
const LONGEST_SHORT = 300;
const LONGEST_PARAGRAPH = 2_000;

/** Where {@link Letter} and its `verification` ask for a code. */
const CODE = /\{code\}/g;

/** The letter with a code where its words say `{code}`; said one digit after the other where it is spoken. */
export function withCode(letter: Letter, code: string, isSpoken: boolean): Letter {
  const said = isSpoken ? [...code].join(', ') : code;
  const fill = (text: string): string => text.replace(CODE, () => said);
  return { ...letter, subject: fill(letter.subject), short: fill(letter.short), body: letter.body.map(fill) };
}

/** One line, never empty. */
export function letterSubject({ subject }: Letter): string {
  const line = oneLine(subject);
  return line === '' ? 'A message from Tocsin' : cut(line, LONGEST_SUBJECT);
}

/** `short` as it goes out by push and webhook. */
export function letterShort({ short, subject }: Letter): string {
  const line = oneLine(short);
  return cut(line === '' ? oneLine(subject) : line, LONGEST_SHORT);
}

/** The action, when it leads to a web address. */
export function letterAction({ action }: Letter): { readonly label: string; readonly url: string } | null {
  const url = action?.url.trim() ?? '';
  if (action === undefined || !isWebAddress(url)) return null;
  const label = oneLine(action.label);
  return { label: label === '' ? 'Open' : cut(label, 40), url };
}

/** The text message: `short`, and where the action leads unless the words say it. In the GSM alphabet where that loses nothing. */
export function letterSms(letter: Letter): string {
  const text = readable(letterShort(letter));
  const url = letterAction(letter)?.url;
  return url === undefined || text.includes(url) ? text : `${text} ${url}`;
}

/** What a call says, once; links are nothing to the ear. */
export function letterSpoken(letter: Letter): string {
  const words = letterShort(letter)
    .replace(/https?:\/\/\S+/g, 'a link')
    .replace(/\[TEST\]/g, 'This is a test.')
    .replace(/(?<=\w)[_/|]+(?=\w)/g, ' ');
  return asSentence(words);
}

/** Paragraphs and lists of the body, without what a reader can't see. Empty ones fall away. */
export function letterParagraphs({ body }: Letter): readonly string[] {
  return body
    .map((text) => {
      const isItem = text.startsWith('- ');
      const line = cut(oneLine(isItem ? text.slice(2) : text), LONGEST_PARAGRAPH);
      return line === '' || !isItem ? line : `- ${line}`;
    })
    .filter((text) => text !== '');
}

/** The mail: subject, plain text and HTML that say the same. */
export function letterEmail(letter: Letter): EmailWords {
  const written = letterParagraphs(letter);
  const paragraphs = written.length === 0 ? [letterShort(letter)] : written;
  const action = letterAction(letter);
  const subject = letterSubject(letter);
  return { subject, text: plainText(paragraphs, action), html: htmlText(subject, paragraphs, action) };
}

type Action = ReturnType<typeof letterAction>;

/** A blank line between paragraphs, none between the items of a list. */
function plainText(paragraphs: readonly string[], action: Action): string {
  const lines = paragraphs.flatMap((text, index) => {
    const goesOn = text.startsWith('- ') && paragraphs[index - 1]?.startsWith('- ') === true;
    return index === 0 || goesOn ? [text] : ['', text];
  });
  return [...lines, ...(action === null ? [] : ['', `${action.label}: ${action.url}`]), ''].join('\n');
}

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** As the mails of incidents look: colours are left to the reader's mail program but for the button. */
function htmlText(subject: string, paragraphs: readonly string[], action: Action): string {
  const blocks: string[] = [];
  let items: string[] = [];
  const endList = (): void => {
    if (items.length > 0) blocks.push(`<ul style="margin:0 0 12px;padding-left:20px">${items.join('')}</ul>`);
    items = [];
  };
  for (const text of paragraphs) {
    if (text.startsWith('- ')) {
      items.push(`<li style="margin:0 0 4px;overflow-wrap:anywhere">${escapeHtml(text.slice(2))}</li>`);
      continue;
    }
    endList();
    blocks.push(`<p style="margin:0 0 12px;overflow-wrap:anywhere">${escapeHtml(text)}</p>`);
  }
  endList();
  const button =
    action === null
      ? ''
      : `<p style="margin:24px 0"><a href="${escapeHtml(action.url)}" style="display:block;padding:16px 20px;border-radius:8px;background:#1f5fa8;color:#ffffff;font-size:20px;font-weight:600;text-align:center;text-decoration:none">${escapeHtml(action.label)}</a></p>`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(subject)}</title></head>`,
    `<body style="margin:0;padding:16px;${FONT};font-size:16px;line-height:1.45"><div style="max-width:560px;margin:0 auto">`,
    ...blocks,
    button,
    '</div></body></html>',
  ].join('');
}
