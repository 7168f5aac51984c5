import { z } from 'zod';

/** How to reach the mail server, and as whom. */
export interface SmtpConfig {
  /** `smtp://user:password@host:port` or `smtps://…`. Never logged. */
  readonly url: string;
  /** Sender: an address, or `Name <address>`. */
  readonly from: string;
}

const ADDRESS = /^[^\s<>@,;:"()]+@[^\s<>@,;:"()]+$/;

/** The environment variables, checked. */
export const smtpEnvironment = z.object({
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'expected smtp://user:password@host:587 or smtps://…' }),
  MAIL_FROM: z
    .string()
    .refine((text) => senderOf(text) !== null, 'expected an address, e.g. Tocsin <tocsin@example.com>'),
});

/** Name and address of a sender; null when there is no address in it. */
export function senderOf(text: string): { readonly name: string; readonly address: string } | null {
  const named = /^\s*"?([^"<>\r\n]*?)"?\s*<([^<>\s]+)>\s*$/.exec(text);
  const address = named?.[2] ?? text.trim();
  return ADDRESS.test(address) ? { name: named?.[1]?.trim() ?? '', address } : null;
}

/** Whether the text is one plain mail address; header injection and lists are not. */
export function isAddress(text: string): boolean {
  return text.length <= 254 && ADDRESS.test(text) && !/[\p{Cc}]/u.test(text);
}
