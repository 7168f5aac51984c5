import * as z from 'zod';
import type { Channel } from '../../domain/incident/event.js';
import { email, environmentNameOf, isPhone, secret } from './leaves.js';
import { WORDS, type Words } from './words.js';

/** What an ntfy server takes as a topic. Source: ntfy, server/server.go, topicRegex. */
const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;

const reference = z.strictObject({
  env: z
    .string({ error: WORDS.environmentName.message })
    .regex(/^[A-Z_][A-Z0-9_]*$/, { error: WORDS.environmentName.message }),
});

/** What a contact method leads to. What it must be depends on the channel: see {@link whyNotAddress}. */
export const contactAddress = z.union([reference, z.string()], { error: WORDS.contact.message });

export type WrittenAddress = z.infer<typeof contactAddress>;

/** An ntfy topic, or the environment variable that holds it. */
export const pushTopic = contactAddress.refine((to) => isReference(to) || isTopic(to), {
  error: WORDS.topic.message,
});

function isTopic(to: WrittenAddress): boolean {
  return typeof to === 'string' && TOPIC.test(to);
}

export function isWebhookUrl(to: WrittenAddress): boolean {
  return typeof to === 'string' && z.url({ protocol: /^https?$/ }).safeParse(to).success;
}

/** Whether an address stands for an environment variable: `{ env: NAME }`, `$NAME` or `${NAME}`. */
export function isReference(to: unknown): boolean {
  return secret.safeParse(to).success;
}

/** The environment variable that an address refers to; null when it is written out. */
export function variableOf(to: unknown): string | null {
  const parsed = secret.safeParse(to);
  return parsed.success ? environmentNameOf(parsed.data) : null;
}

/** Reports what is wrong with the address of a contact. That a number stands where an address belongs is for the checks. */
export function whyNotAddress(
  { channel, to }: { readonly channel: Channel; readonly to: WrittenAddress },
  context: z.RefinementCtx,
): void {
  const words = wrong(channel, to);
  if (words !== null) context.addIssue({ code: 'custom', path: ['to'], message: words.message });
}

function wrong(channel: Channel, to: WrittenAddress): Words | null {
  switch (channel) {
    case 'push':
      return isReference(to) || isTopic(to) ? null : WORDS.topic;
    case 'webhook':
      return isReference(to) || isWebhookUrl(to) ? null : WORDS.webhookUrl;
    case 'sms':
    case 'voice':
    case 'email':
    case 'chat':
      if (isReference(to)) return WORDS.addressByReference;
      return typeof to === 'string' && (isPhone(to) || email.safeParse(to).success) ? null : WORDS.contact;
    default:
      return channel satisfies never;
  }
}
