import { createHash } from 'node:crypto';
import nodemailer from 'nodemailer';
import type { FailureReason } from '../../../domain/incident/event.js';
import { emailWords } from '../../../domain/messages/email.js';
import type { Letter } from '../../../domain/messages/letter.js';
import { letterEmail } from '../../../domain/messages/letter-words.js';
import { calledOff, codeOf, scrub, transportFailure, type SendFailure } from '../../failures.js';
import { zoneTimes } from '../../../config/zone-times.js';
import type { Provider, Recipient, SendResult } from '../provider.js';
import { isAddress, senderOf, type SmtpConfig } from './config.js';

/** Each stage of a session ends after this; the signal of a send ends the whole of it. */
const STAGE_TIMEOUT_MS = 8_000;

/**
 * Mail by SMTP, one session per message: a page must not queue behind another one. All mails of an incident form one
 * thread. Throws a RangeError when the sender is no address.
 */
export function createSmtp(config: SmtpConfig): Provider {
  const sender = senderOf(config.from);
  if (sender === null) throw new RangeError('Expected MAIL_FROM to be a mail address or `Name <address>`.');
  const host = sender.address.slice(sender.address.lastIndexOf('@') + 1);
  const transport = nodemailer.createTransport(
    {
      url: config.url,
      connectionTimeout: STAGE_TIMEOUT_MS,
      greetingTimeout: STAGE_TIMEOUT_MS,
      socketTimeout: STAGE_TIMEOUT_MS,
      dnsTimeout: STAGE_TIMEOUT_MS,
      // Alerts are other people's text: nothing in a mail may name a file or a URL to be read in.
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from: sender },
  );
  const post = async (to: Recipient, mail: Mail, signal: AbortSignal): Promise<SendResult> => {
    if (!isAddress(to.address)) {
      return { ok: false, reason: 'bad-address', retryable: false, detail: 'not a mail address' };
    }
    if (signal.aborted) return calledOff('SMTP');
    const { thread, part, headers, ...rest } = mail;
    const first = `<${idPart(thread)}@${host}>`;
    try {
      const info = await transport.sendMail({
        to: { name: to.name, address: to.address },
        ...rest,
        messageId: `<${idPart(thread)}.${idPart(part)}@${host}>`,
        inReplyTo: first,
        references: first,
        headers: { ...headers, 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        signal,
      });
      return { ok: true, providerId: info.messageId };
    } catch (error) {
      return smtpFailure(error, signal);
    }
  };
  return {
    name: 'smtp',
    channel: 'email',
    send: (message, to, { urls, deliveryId, signal }) => {
      const mail: Mail = {
        ...emailWords(message, { link: urls.incident, times: zoneTimes(to.zone) }),
        thread: message.openingId,
        part: deliveryId,
        headers: { 'X-Tocsin-Delivery': idPart(deliveryId) },
        ...(message.kind === 'page' ? { priority: 'high' } : {}),
      };
      return post(to, mail, signal);
    },
    sendLetter: (letter, to, { idempotencyKey, signal }) => {
      const mail: Mail = {
        ...letterEmail(letter),
        thread: `letter.${letter.id}`,
        part: createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 24),
        headers: { 'X-Tocsin-Letter': letter.topic },
        ...invitationOf(letter),
      };
      return post(to, mail, signal);
    },
  };
}

/** One mail, but for what all have. */
interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Mails of the same are one thread; with `part` it names this mail. */
  readonly thread: string;
  readonly part: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly priority?: 'high';
  readonly icalEvent?: { readonly filename: string; readonly method: string; readonly content: string };
}

/** The invitation as mail programs want it: a part beside text and HTML, and a file. Source: RFC 6047, 2.4. */
function invitationOf({ calendar }: Letter): Pick<Mail, 'icalEvent'> {
  if (calendar === undefined) return {};
  const method = /^METHOD:([A-Za-z-]{1,20})\s*$/m.exec(calendar.text)?.[1]?.toUpperCase() ?? 'PUBLISH';
  const filename = calendar.fileName.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 80);
  return { icalEvent: { filename, method, content: calendar.text } };
}

/** What may stand in a Message-ID and in a header of ours. */
function idPart(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 120);
}

/** What went wrong in a session. Reply codes: RFC 5321, 4.2.3. */
function smtpFailure(error: unknown, signal: AbortSignal): SendFailure {
  const { responseCode, command } = facts(error);
  const code = codeOf(error);
  if (responseCode === null || signal.aborted) {
    if (code === 'EAUTH' && !signal.aborted) return unauthorized(null);
    const { ambiguous, ...failure } = transportFailure('SMTP', error, signal);
    // Only a mail whose text was on its way can have gone out.
    const unsent = !signal.aborted && /^(CONN|EHLO|HELO|STARTTLS|AUTH|MAIL|RCPT)/i.test(command);
    return ambiguous === undefined || unsent ? failure : { ...failure, ambiguous };
  }
  // 454 and 421 at the login are the server's trouble, not a wrong password.
  if (responseCode >= 500 && (code === 'EAUTH' || responseCode === 530 || responseCode === 535)) {
    return unauthorized(responseCode);
  }
  const detail = `SMTP ${responseCode}: ${scrub(words(error, responseCode))}`;
  if (responseCode >= 500)
    return { ok: false, reason: refusalReason(responseCode, command, detail), retryable: false, detail };
  // 452 is "too many" or "full"; the rest of 4xx (greylisting among it) passes by itself.
  return {
    ok: false,
    reason: responseCode === 452 ? 'rate-limited' : 'unavailable',
    retryable: true,
    detail,
  };
}

/** A refused recipient is a bad address, unless the enhanced code says that policy refuses it (RFC 3463: 5.7.x). */
function refusalReason(responseCode: number, command: string, detail: string): FailureReason {
  if (/: 5\.7\./.test(detail)) return 'blocked';
  return /^RCPT/i.test(command) && [550, 551, 553, 556].includes(responseCode) ? 'bad-address' : 'rejected';
}

function unauthorized(responseCode: number | null): SendFailure {
  return {
    ok: false,
    reason: 'unauthorized',
    retryable: false,
    detail: `SMTP${responseCode === null ? '' : ` ${responseCode}`}: the mail server refused our login (SMTP_URL)`,
  };
}

function facts(error: unknown): { responseCode: number | null; command: string } {
  if (typeof error !== 'object' || error === null) return { responseCode: null, command: '' };
  return {
    responseCode:
      'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : null,
    command: 'command' in error && typeof error.command === 'string' ? error.command : '',
  };
}

/** The server's last line without its code. */
function words(error: unknown, responseCode: number): string {
  const response =
    typeof error === 'object' && error !== null && 'response' in error && typeof error.response === 'string'
      ? error.response
      : '';
  return response.replace(new RegExp(`^\\s*${responseCode}[\\s-]*`), '');
}
