import type * as z from 'zod';
import { closest } from './closest.js';
import { keysAt, type JsonSchema } from './json-schema.js';
import { remedyOf, WORDS, type Words } from './schema/words.js';

type Issue = z.core.$ZodIssue;
/** What zod says, where, in our words. */
export interface Finding extends Words {
  readonly path: readonly (string | number)[];
  /** Which end of the entry is meant. */
  readonly part: 'key' | 'value';
}

/** What to do about a key that is missing, by its name. */
const MISSING: Readonly<Record<string, string>> = {
  catchAll:
    'Say who is paged when every round went unanswered: catchAll: { targets: ["group:ops-room"], every: 15m }.',
  steps: 'List who is paged, tier by tier: steps: [{ targets: ["schedule:payments/primary"] }].',
  targets: 'Name who is meant: targets: ["schedule:payments/primary"].',
  key: 'Name the environment variable that holds the key: key: { env: TOCSIN_KEY_… }.',
  kind: 'Write kind: alertmanager, generic, grafana or pagerduty.',
  'providers.kind': 'Write kind: ntfy, webhook, sms-gateway, twilio or smtp.',
  'providers.url': 'Write the address of its server: url: https://ntfy.example.com.',
  'providers.secret': 'Name the environment variable that holds it: secret: { env: TOCSIN_WEBHOOK_SECRET }.',
  'heartbeats.key': 'Name the environment variable that holds it: key: { env: TOCSIN_HEARTBEAT_… }.',
  'providers.key': 'Name the environment variable that holds it: key: { env: TOCSIN_SMS_HOOK_KEY }.',
  name: 'Write the name that people read in messages.',
  page: 'Write page: with immediately, escalate-off-hours, wait-for-business-hours, next-business-day or ticket.',
  participants: 'List user ids in the order of their shifts: participants: [alice, bob].',
  start: 'Write the local date of the first shift: start: 2026-01-05.',
  handover: 'Write the wall-clock time of the hand-over: handover: "09:00".',
  type: 'Write type: hourly, daily or weekly.',
  members: 'List user ids: members: [alice, bob].',
  via: 'List channels or contact methods: via: [sms, email].',
  every: 'Write how often a beat comes: every: 24h.',
  reason: 'Write why, for people: reason: "database upgrade".',
  service: 'Name the service whose people are paged: service: payments.',
  after: 'Write how long after the page began: after: 0s.',
};

const IS_MISSING = 'is missing';

const KINDS: Readonly<Record<string, Words>> = {
  object: {
    message: 'is not a map',
    remedy: 'Write keys with their values, indented below it or in braces.',
  },
  record: { message: 'is not a map', remedy: 'Write ids with their entries, indented below it.' },
  array: {
    message: 'is not a list',
    remedy: 'Write a list: [one, another], or lines that begin with a dash.',
  },
  boolean: { message: 'is neither true nor false', remedy: 'Write true or false, without quotes.' },
};

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<PropertyKey, unknown>)[part]
        : undefined,
    raw,
  );
}

/** Of the ways in which a value fits none of several shapes, the one that tells most: the shape that it tried to be. */
function likeliest(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] | null {
  const isMap = typeof value === 'object' && value !== null;
  const score = (issues: readonly Issue[]): number => {
    const first = issues[0];
    if (first === undefined) return 0;
    if (first.path.length > 0 || first.code === 'unrecognized_keys') return 2;
    return first.code !== 'invalid_type' && !isMap ? 1 : 0;
  };
  // Of two maps the one that knows more of the keys.
  const strange = (issues: readonly Issue[]): number =>
    issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
  const best = [...branches].sort(
    (one, other) => score(other) - score(one) || strange(one) - strange(other),
  )[0];
  return best === undefined || score(best) === 0 ? null : best;
}

/** The issues of a failed parse as findings, several for one issue where it names several keys. Values are never repeated. */
export function findingsOf(issues: readonly Issue[], raw: unknown, schema: JsonSchema): readonly Finding[] {
  const misspelt = new Set<string>();
  const findings = toFindings(issues, raw, schema, misspelt);
  // A misspelt key is one slip, not two: the right one is not missing as well.
  return findings.filter(({ path, message }) => message !== IS_MISSING || !misspelt.has(path.join('\n')));
}

function toFindings(
  issues: readonly Issue[],
  raw: unknown,
  schema: JsonSchema,
  misspelt: Set<string>,
): readonly Finding[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    const at = (words: Words, part: Finding['part'] = 'value'): readonly Finding[] => [
      { path, part, message: words.message, remedy: words.remedy },
    ];
    const own = remedyOf(issue.message);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const known = keysAt(schema, path);
        const meant = closest(key, known);
        if (meant !== undefined) misspelt.add([...path, meant].join('\n'));
        return {
          path: [...path, key],
          part: 'key' as const,
          message: 'is not a key that Tocsin knows here',
          remedy:
            meant === undefined
              ? `Remove it, or use one of: ${known.join(', ')}.`
              : `Did you mean ${JSON.stringify(meant)}?`,
        };
      });
    }
    if (issue.code === 'invalid_key') {
      const message = issue.issues[0]?.message ?? WORDS.id.message;
      return at({ message, remedy: remedyOf(message) ?? WORDS.id.remedy }, 'key');
    }
    const value = valueAt(raw, path);
    if (value === undefined) {
      const name = String(path.at(-1) ?? '');
      return at(
        {
          message: IS_MISSING,
          remedy: MISSING[`${String(path[0])}.${name}`] ?? MISSING[name] ?? `Write ${name}: with its value.`,
        },
        'key',
      );
    }
    switch (issue.code) {
      case 'invalid_union': {
        const branch = likeliest(issue.errors, value);
        if (branch !== null) {
          const inner = branch.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
          return toFindings(inner, raw, schema, misspelt);
        }
        return at({ message: issue.message, remedy: own ?? 'Compare it with docs/configuration.md.' });
      }
      case 'invalid_value': {
        const words = issue.values.map(String);
        const meant = typeof value === 'string' ? closest(value, words) : undefined;
        return at({
          message: own === undefined ? `is not one of ${words.join(', ')}` : issue.message,
          remedy:
            meant === undefined ? (own ?? `Write one of ${words.join(', ')}.`) : `Did you mean ${meant}?`,
        });
      }
      case 'too_small':
        if (issue.origin === 'array') return at({ message: 'is empty', remedy: 'Name at least one.' });
        break;
      case 'invalid_type':
        if (own === undefined) return at(KINDS[issue.expected] ?? WORDS.text);
        break;
      default:
        break;
    }
    return at({ message: issue.message, remedy: own ?? 'Compare it with docs/configuration.md.' });
  });
}
