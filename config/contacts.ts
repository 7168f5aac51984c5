import type { Channel, Method, NotificationRule } from '../domain/incident/event.js';
import type { Urgency } from '../domain/severity/severity.js';
import { durationOf } from './duration.js';
import { variableOf, type WrittenAddress } from './schema/contact-address.js';
import type { WrittenGroup, WrittenNotify, WrittenUser } from './schema/root.js';
import type { ContactMethod, User } from './types.js';

/** Values of environment variables that the config refers to, by name. */
export type Variables = ReadonlyMap<string, string>;
const NONE: Variables = new Map();

/** Best first, for messages that are no page. A voice call is none. */
const NOTICE_ORDER: readonly Channel[] = ['sms', 'push', 'chat', 'email', 'webhook'];

/**
 * When a person is notified, unless the config says otherwise. Source: specification, scenarios: SMS and push at once, a
 * call after 1 minute, another after 3; low urgency: email.
 */
export const DEFAULT_NOTIFY = {
  high: [
    { after: '0s', via: ['sms', 'push', 'email', 'webhook'] },
    { after: '1m', via: ['voice'] },
    { after: '3m', via: ['voice'] },
  ],
  low: [{ after: '0s', via: ['email'] }],
} satisfies Required<WrittenNotify>;

/** Channels of a group that names none. */
export const DEFAULT_GROUP_CHANNELS = ['sms', 'push', 'email', 'webhook'] as const;

interface WrittenContact {
  readonly id?: string | undefined;
  readonly channel: 'sms' | 'voice' | 'push' | 'email' | 'webhook';
  readonly to: WrittenAddress;
  readonly trusted?: boolean | undefined;
}

/** Where a person reads or hears a code. Nobody types back what went to a topic or to a program: those are trusted. */
const CAN_BE_PROVEN: readonly Channel[] = ['sms', 'voice', 'email'];

/** What an address stands for. Empty where the variable is missing, which only `tocsin check` lets pass. */
function resolved(to: WrittenAddress, variables: Variables): string {
  const name = variableOf(to);
  if (name !== null) return variables.get(name) ?? '';
  return typeof to === 'string' ? to : '';
}

/**
 * Contacts with their ids: the written one, else channel and number within the channel, e.g. `sms-1`. `isTrusted`: of those that do
 * not say.
 */
export function toMethods(
  contacts: readonly WrittenContact[],
  variables: Variables = NONE,
  isTrusted = true,
): readonly ContactMethod[] {
  const counts = new Map<string, number>();
  return contacts.map(({ id, channel, to, trusted = isTrusted }) => {
    const number = (counts.get(channel) ?? 0) + 1;
    counts.set(channel, number);
    const method = { id: id ?? `${channel}-${number}`, channel, address: resolved(to, variables) };
    return trusted || !CAN_BE_PROVEN.includes(channel) ? method : { ...method, needsProof: true };
  });
}

/** The contact methods of a user: the written ones, else sms and voice to each phone, then push and email. */
export function methodsOfUser(
  user: Pick<WrittenUser, 'methods' | 'phone' | 'phones' | 'push' | 'email' | 'trusted'>,
  variables: Variables = NONE,
  isTrusted = true,
): readonly ContactMethod[] {
  const trusted = user.trusted ?? isTrusted;
  if (user.methods !== undefined) return toMethods(user.methods, variables, trusted);
  const phones = [...(user.phone === undefined ? [] : [user.phone]), ...(user.phones ?? [])];
  return toMethods(
    [
      ...phones.map((to) => ({ channel: 'sms' as const, to })),
      ...phones.map((to) => ({ channel: 'voice' as const, to })),
      ...(user.push === undefined ? [] : [{ channel: 'push' as const, to: user.push }]),
      ...(user.email === undefined ? [] : [{ channel: 'email' as const, to: user.email }]),
    ],
    variables,
    trusted,
  );
}

/** A user as the rest of Tocsin knows it. */
export function toUser(
  id: string,
  user: WrittenUser,
  defaultZone: string,
  variables: Variables = NONE,
  isTrusted = true,
): User {
  return {
    id,
    name: user.name,
    zone: user.zone ?? defaultZone,
    ...(user.manager === undefined ? {} : { manager: user.manager }),
    methods: methodsOfUser(user, variables, isTrusted),
  };
}

/** The user that stands for a group's own contacts: its id is `group:<id>`. */
export function toGroupUser(
  id: string,
  group: WrittenGroup,
  defaultZone: string,
  variables: Variables = NONE,
): User {
  return {
    id: `group:${id}`,
    name: group.name ?? id,
    zone: defaultZone,
    methods: toMethods(group.contacts ?? [], variables),
  };
}

/** A method without its address: what may leave for the machine. */
function bare({ id, channel }: ContactMethod): Method {
  return { id, channel };
}

/** Methods for messages that are no page, best first. */
export function noticeMethods(methods: readonly ContactMethod[]): readonly Method[] {
  return NOTICE_ORDER.flatMap((channel) => methods.filter((method) => method.channel === channel)).map(bare);
}

/**
 * A person's rules of one urgency. A name in `via` is a method's id or a channel, which means all its methods. Rules
 * that come to nothing fall away; when all do, everything that the urgency allows is used at once: low urgency never
 * calls. Empty: there is no way.
 */
export function rulesOf(
  methods: readonly ContactMethod[],
  urgency: Urgency,
  ...notify: readonly (WrittenNotify | undefined)[]
): readonly NotificationRule[] {
  const written = notify.find((each) => each?.[urgency] !== undefined)?.[urgency] ?? DEFAULT_NOTIFY[urgency];
  const rules = written
    .map(({ after, via }) => {
      const chosen = via.flatMap((name) => {
        const byId = methods.filter((method) => method.id === name);
        return byId.length > 0 ? byId : methods.filter((method) => method.channel === name);
      });
      return { afterMs: durationOf(after), methods: [...new Set(chosen)].map(bare) };
    })
    .filter((rule) => rule.methods.length > 0)
    .sort((one, other) => one.afterMs - other.afterMs);
  if (rules.length > 0) return rules;
  const last = urgency === 'high' ? methods.map(bare) : noticeMethods(methods);
  return last.length === 0 ? [] : [{ afterMs: 0, methods: last }];
}

/** The rules of somebody reached as part of a group: its channels only, all at once. */
export function groupRules(
  methods: readonly ContactMethod[],
  channels: readonly Channel[],
): { readonly rules: readonly NotificationRule[]; readonly notice: readonly Method[] } {
  const chosen = noticeMethods(methods.filter((method) => channels.includes(method.channel)));
  return { rules: chosen.length === 0 ? [] : [{ afterMs: 0, methods: chosen }], notice: chosen };
}

/** Every phone number (E.164) with its owner; the first owner has it. */
export function phoneBook(users: Iterable<User>): ReadonlyMap<string, User> {
  const book = new Map<string, User>();
  for (const user of users) {
    for (const { channel, address } of user.methods) {
      if ((channel === 'sms' || channel === 'voice') && !book.has(address)) book.set(address, user);
    }
  }
  return book;
}
