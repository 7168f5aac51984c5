import { bundleEmail } from './bundle-email.js';
import { escapeHtml } from './escape-html.js';
import type { Message } from './message.js';
import { bodySentences, firingWords, titleOf } from './parts.js';
import { cut, joined, oneLine } from './text.js';
import { utcTimes, type TimeWords } from './times.js';
import { isWebAddress } from './web-address.js';

export interface EmailOptions {
  /** Where the reader can see and answer the incident. */
  readonly link?: string;
  /** How this reader's times are written. Default UTC. */
  readonly times?: TimeWords;
}

export interface EmailWords {
  /** Without line breaks, at most about 140 characters; the same for all mails of an incident but for "Re: ". */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The mail for a person: subject, plain text and HTML that say the same. */
export function emailWords(message: Message, options: EmailOptions = {}): EmailWords {
  if (message.bundle !== undefined) return bundleEmail(message.bundle.pages);
  const times = options.times ?? utcTimes;
  const page = message.kind === 'page';
  const title = titleOf(message);
  const service = cut(oneLine(message.service), 80);
  const severity = cut(oneLine(message.severity), 30);
  const sentences = bodySentences(message, times);
  const facts: readonly (readonly [string, string])[] = [
    ['Service', service],
    ['Severity', severity],
    ['Code', message.code],
    ['Open since', times.moment(message.openedAt)],
    ['Alerts', firingWords(message.firing)],
  ];
  const links: readonly (readonly [string, string])[] = [
    ['Runbook', message.runbook],
    ['Alert source', message.link],
  ].flatMap(([label, url]): [string, string][] =>
    label !== undefined && url !== undefined && isWebAddress(url.trim()) ? [[label, url.trim()]] : [],
  );
  const next = page
    ? 'If nobody acknowledges in time, the next person is paged. Opening the page changes nothing; its button acknowledges.'
    : '';
  const words: Words = { page, title, severity, service, code: message.code, sentences, facts, links, next };
  return {
    subject: `${page ? '' : 'Re: '}${severity} ${message.code}: ${cut(title, 110)}`,
    text: plainText(words, options.link),
    html: htmlText(words, options.link),
  };
}

interface Words {
  readonly page: boolean;
  readonly title: string;
  readonly severity: string;
  readonly service: string;
  readonly code: string;
  readonly sentences: readonly string[];
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly links: readonly (readonly [label: string, url: string])[];
  readonly next: string;
}

function plainText(words: Words, link: string | undefined): string {
  return [
    joined(words.sentences.join(' ')),
    '',
    words.title,
    ...words.facts.map(([label, value]) => `${label}: ${value}`),
    ...words.links.map(([label, url]) => `${label}: ${url}`),
    ...(link === undefined ? [] : ['', `${actionWords(words.page)}: ${link}`]),
    ...(words.next === '' ? [] : ['', words.next]),
    '',
  ].join('\n');
}

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** Colours are left to the reader's mail program but for the button, which stands out on light and dark alike. */
function htmlText(words: Words, link: string | undefined): string {
  const rows = words.facts
    .map(
      ([label, value]) =>
        `<tr><td style="padding:2px 16px 2px 0;opacity:.7;white-space:nowrap;vertical-align:top">${escapeHtml(label)}</td><td style="padding:2px 0">${escapeHtml(value)}</td></tr>`,
    )
    .join('');
  const links = words.links
    .map(
      ([label, url]) => `<p style="margin:8px 0"><a href="${escapeHtml(url)}">${escapeHtml(label)}</a></p>`,
    )
    .join('');
  const button =
    link === undefined
      ? ''
      : `<p style="margin:24px 0"><a href="${escapeHtml(link)}" style="display:block;padding:16px 20px;border-radius:8px;background:${words.page ? '#b3261e' : '#1f5fa8'};color:#ffffff;font-size:20px;font-weight:600;text-align:center;text-decoration:none">${escapeHtml(actionWords(words.page))}</a></p>`;
  const next = words.next === '' ? '' : `<p style="margin:16px 0;opacity:.8">${escapeHtml(words.next)}</p>`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(`${words.severity} ${words.code}`)}</title></head>`,
    `<body style="margin:0;padding:16px;${FONT};font-size:16px;line-height:1.45"><div style="max-width:560px;margin:0 auto">`,
    `<p style="margin:0 0 12px">${escapeHtml(words.sentences.join(' '))}</p>`,
    `<h1 style="margin:0 0 12px;font-size:22px;line-height:1.25;overflow-wrap:anywhere">${escapeHtml(words.title)}</h1>`,
    `<table role="presentation" style="border-collapse:collapse;font-size:16px">${rows}</table>`,
    button,
    links,
    next,
    '</div></body></html>',
  ].join('');
}

function actionWords(page: boolean): string {
  return page ? 'Open to acknowledge' : 'Open the incident';
}
