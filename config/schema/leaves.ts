import { isValidPhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import * as z from 'zod';
import { DURATION_PATTERN, parseDuration } from '../duration.js';
import { parseTarget } from '../targets.js';
import { WORDS, type Words } from './words.js';

const says = (words: Words): { error: string } => ({ error: words.message });

/** A text that is not empty, at most `longest` characters. */
export const text = (longest = 200): z.ZodString =>
  z.string(says(WORDS.text)).min(1, says(WORDS.text)).max(longest, says(WORDS.text));

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
/** An id of a user, team, schedule, policy, service, integration or key. */
export const id = z.string(says(WORDS.id)).regex(ID, says(WORDS.id));

/** Begins with a letter: keys that look like numbers lose their place in a map, and the place is the rank. */
export const severityId = z
  .string(says(WORDS.severityId))
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,11}$/, says(WORDS.severityId));

/** A duration, zero included. */
export const duration = z
  .string(says(WORDS.duration))
  .regex(DURATION_PATTERN, says(WORDS.duration))
  .refine((value) => parseDuration(value) !== null, says(WORDS.duration));

/** A duration of at least a millisecond. */
export const positiveDuration = duration.refine(
  (value) => parseDuration(value) !== 0,
  says(WORDS.positiveDuration),
);

/** A duration of at least a millisecond, or `off`. */
export const durationOrOff = z
  .string(says(WORDS.durationOrOff))
  .regex(/^(?:off|(?:\d{1,9}(?:ms|s|m|h|d|w))+)$/, says(WORDS.durationOrOff))
  .refine((value) => value === 'off' || (parseDuration(value) ?? 0) > 0, says(WORDS.durationOrOff));

/** True when this JavaScript engine knows the time zone. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    // RangeError is how Intl says no.
    return false;
  }
}

/** An IANA time zone. */
export const zone = z.string(says(WORDS.zone)).refine(isZone, says(WORDS.zone));

/** True for a number that exists in its country's plan, written in E.164. */
export function isPhone(value: string): boolean {
  return isValidPhoneNumber(value) && parsePhoneNumberFromString(value)?.number === value;
}

/** A phone number in E.164. */
export const phone = z
  .string(says(WORDS.phone))
  .regex(/^\+[1-9]\d{6,14}$/, says(WORDS.phone))
  .refine(isPhone, says(WORDS.phone));

export const email = z.email(says(WORDS.email));

/** What a contact method leads to: checked against its channel in the checks. */
export const address = z
  .string(says(WORDS.contact))
  .refine((value) => isPhone(value) || email.safeParse(value).success, says(WORDS.contact));

export const url = z.url({ protocol: /^https?$/, ...says(WORDS.url) });

/** A time of day, `00:00` to `23:59`. */
export const time = z.string(says(WORDS.time)).regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, says(WORDS.time));

/** A time of day at which something ends: `24:00` is allowed. */
export const closingTime = z
  .string(says(WORDS.closingTime))
  .regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, says(WORDS.closingTime));

function isDate(value: string): boolean {
  const parsed = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value);
}

/** A local date, `2026-01-05`. */
export const date = z
  .string(says(WORDS.date))
  .regex(/^\d{4}-\d\d-\d\d$/, says(WORDS.date))
  .refine(isDate, says(WORDS.date));

const DAY_NAME =
  '(?:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)';

/** A day of the week, long or short. */
export const day = z.string(says(WORDS.day)).regex(new RegExp(`^${DAY_NAME}$`), says(WORDS.day));

/** Days of the week and ranges of them: `[mon-fri]`, `[saturday, sunday]`. */
export const days = z
  .array(z.string(says(WORDS.days)).regex(new RegExp(`^${DAY_NAME}(?:-${DAY_NAME})?$`), says(WORDS.days)))
  .min(1);

/** Who is meant: see `targets.ts`. */
export const target = z
  .string(says(WORDS.target))
  .regex(/^(?:user|schedule|team|group|manager):.+$/, says(WORDS.target))
  .refine((value) => parseTarget(value) !== null, says(WORDS.target));

export const targets = z.array(target).min(1);

/** A whole number from 1 to 100. */
export const count = z.int(says(WORDS.count)).min(1, says(WORDS.count)).max(100, says(WORDS.count));

/** A whole number from 1 to 100, or `off`. */
export const countOrOff = z.union(
  [
    z.int(says(WORDS.countOrOff)).min(1, says(WORDS.countOrOff)).max(100, says(WORDS.countOrOff)),
    z.literal('off', says(WORDS.countOrOff)),
  ],
  says(WORDS.countOrOff),
);

const ENVIRONMENT_NAME = /^[A-Z_][A-Z0-9_]*$/;
/** A secret by reference: `{ env: NAME }`, `$NAME` or `${NAME}`. A secret in the file itself is a problem. */
export const secret = z.union(
  [
    z.strictObject({
      env: z.string(says(WORDS.environmentName)).regex(ENVIRONMENT_NAME, says(WORDS.environmentName)),
    }),
    z.string().regex(/^\$(?:[A-Z_][A-Z0-9_]*|\{[A-Z_][A-Z0-9_]*\})$/, says(WORDS.inlineSecret)),
  ],
  says(WORDS.inlineSecret),
);

/** The environment variable that a reference names. */
export function environmentNameOf(reference: z.infer<typeof secret>): string {
  return typeof reference === 'string' ? reference.replace(/[${}]/g, '') : reference.env;
}
