import type { Variables } from './contacts.js';
import type { BodyRule, ProviderSettings, SmsGatewaySettings } from './provider-settings.js';
import { environmentNameOf, type secret } from './schema/leaves.js';
import type { Written, WrittenProvider } from './schema/root.js';
import { textsIn, variablesIn } from './text-template.js';
import type * as z from 'zod';

type WrittenGateway = Extract<WrittenProvider, { readonly kind: 'sms-gateway' }>;

/** The providers with their secrets, in the order of the file. One whose secret is missing is left out: it could not send. */
export function toProviders(
  written: NonNullable<Written['providers']>,
  variables: Variables,
): readonly ProviderSettings[] {
  return Object.entries(written).flatMap(([id, provider]) => {
    const settings = toSettings(id, provider, variables);
    return settings === null ? [] : [settings];
  });
}

function toSettings(id: string, provider: WrittenProvider, variables: Variables): ProviderSettings | null {
  const read = (reference: z.infer<typeof secret>): string | undefined =>
    variables.get(environmentNameOf(reference));
  switch (provider.kind) {
    case 'twilio':
    case 'smtp':
      return { kind: provider.kind, id };
    case 'ntfy': {
      const url = provider.url.replace(/\/+$/, '');
      if (provider.token === undefined) return { kind: 'ntfy', id, url };
      const token = read(provider.token);
      return token === undefined ? null : { kind: 'ntfy', id, url, token };
    }
    case 'webhook': {
      const secret = read(provider.secret);
      return secret === undefined ? null : { kind: 'webhook', id, secret, names: provider.names ?? false };
    }
    case 'sms-gateway': {
      const names = variablesOf(provider);
      if (names.some((name) => !variables.has(name))) return null;
      const replyKey = provider.replies === undefined ? undefined : read(provider.replies.key);
      return toGateway(id, provider, variables, replyKey);
    }
    default:
      return provider satisfies never;
  }
}

/** The environment variables that the templates of a gateway's request refer to. */
export function variablesOf(gateway: unknown): readonly string[] {
  const names = TEMPLATES.flatMap((key) => {
    const value = (gateway as Readonly<Record<string, unknown>>)[key];
    return [...textsIn(value)].flatMap(({ text }) => variablesIn(text));
  });
  return [...new Set(names)];
}

/** Keys of a gateway whose texts are filled in. */
export const TEMPLATES = ['url', 'headers', 'query', 'form', 'json'] as const;

function toGateway(
  id: string,
  written: WrittenGateway,
  variables: Variables,
  replyKey: string | undefined,
): SmsGatewaySettings {
  const { reports, replies, success } = written;
  const rule = bodyRule(success);
  return {
    kind: 'sms-gateway',
    id,
    url: written.url,
    method: written.method ?? 'POST',
    headers: written.headers ?? {},
    query: written.query ?? {},
    body:
      written.json !== undefined
        ? { type: 'json', value: written.json }
        : written.form !== undefined
          ? { type: 'form', fields: written.form }
          : { type: 'none' },
    variables: Object.fromEntries(variablesOf(written).map((name) => [name, variables.get(name) ?? ''])),
    from: written.from ?? '',
    ...(written.perSecond === undefined ? {} : { perSecond: written.perSecond }),
    numbers: written.numbers ?? 'plus',
    encoding: written.encoding ?? { gsm7: 'gsm7', ucs2: 'ucs2' },
    success: { status: success?.status ?? [], ...(rule === undefined ? {} : { body: rule }) },
    ...(written.messageId === undefined ? {} : { messageId: written.messageId }),
    errors: written.errors ?? {},
    ...(reports === undefined
      ? {}
      : {
          reports: {
            status: reports.status,
            ...(reports.id === undefined ? {} : { id: reports.id }),
            ...(reports.messageId === undefined ? {} : { messageId: reports.messageId }),
            delivered: reports.delivered.map(String),
            failed: reports.failed.map(String),
          },
        }),
    ...(replies === undefined || replyKey === undefined
      ? {}
      : {
          replies: {
            key: replyKey,
            from: replies.from,
            text: replies.text,
            ...(replies.id === undefined ? {} : { id: replies.id }),
            answer: replies.answer ?? 'sms',
          },
        }),
  };
}

function bodyRule(success: WrittenGateway['success']): BodyRule | undefined {
  if (success?.matches !== undefined) return { type: 'matches', pattern: success.matches };
  if (success?.path === undefined) return undefined;
  return { type: 'path', path: success.path, values: (success.values ?? []).map(String) };
}
