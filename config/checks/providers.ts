import { hasNestedRepetition, regexOf } from '../regex.js';
import { PLACEHOLDERS } from '../provider-settings.js';
import { TEMPLATES } from '../providers.js';
import { entriesOf, entryOf, itemsOf, textsOf } from '../raw.js';
import { WORDS } from '../schema/words.js';
import { isPlaceholder, placeholdersIn, textsIn, variablesIn } from '../text-template.js';
import type { Path } from '../problems.js';
import type { Check, Report } from './check.js';

/** Names in logs and metrics that the providers of the environment have. */
const TAKEN = ['twilio-sms', 'twilio-voice', 'smtp', 'none'];

function kindsIn(raw: unknown): readonly unknown[] {
  return entriesOf(entryOf(raw, 'providers')).map(([, provider]) => entryOf(provider, 'kind'));
}

/** A contact method that nothing can send through is found out in the night. */
const channelsHaveProviders: Check = (raw, report) => {
  const kinds = kindsIn(raw);
  const needs = (channel: unknown, at: Path): void => {
    const kind = channel === 'push' ? 'ntfy' : channel === 'webhook' ? 'webhook' : null;
    if (kind === null || kinds.includes(kind)) return;
    report('error', at, 'value', {
      message: `needs a provider of kind ${kind}, and there is none`,
      remedy:
        kind === 'ntfy'
          ? 'Add it: providers: { ntfy: { kind: ntfy, url: https://ntfy.sh } }.'
          : 'Add it: providers: { hooks: { kind: webhook, secret: { env: TOCSIN_WEBHOOK_SECRET } } }.',
    });
  };
  for (const [section, list] of [
    ['users', 'methods'],
    ['groups', 'contacts'],
  ] as const) {
    for (const [id, entry] of entriesOf(entryOf(raw, section))) {
      if (section === 'users' && entryOf(entry, 'push') !== undefined) needs('push', [section, id, 'push']);
      for (const [index, contact] of itemsOf(entryOf(entry, list)).entries()) {
        needs(entryOf(contact, 'channel'), [section, id, list, index, 'channel']);
      }
    }
  }
};

/** Every topic that is written out, with its place and whose it is. */
function* topicsIn(
  raw: unknown,
): Generator<{ readonly topic: string; readonly at: Path; readonly of: string }> {
  for (const [section, list, word] of [
    ['users', 'methods', 'user'],
    ['groups', 'contacts', 'group'],
  ] as const) {
    for (const [id, entry] of entriesOf(entryOf(raw, section))) {
      const of = `${word} ${id}`;
      const own = section === 'users' ? entryOf(entry, 'push') : undefined;
      if (typeof own === 'string' && !own.startsWith('$'))
        yield { topic: own, at: [section, id, 'push'], of };
      for (const [index, contact] of itemsOf(entryOf(entry, list)).entries()) {
        const to = entryOf(contact, 'to');
        if (entryOf(contact, 'channel') !== 'push' || typeof to !== 'string' || to.startsWith('$')) continue;
        yield { topic: to, at: [section, id, list, index, 'to'], of };
      }
    }
  }
}

/** Shorter ones are guessed: names, teams, words. */
const GUESSABLE = 16;

/** Whoever knows a topic reads its pages and presses their buttons. */
const topicsAreSecret: Check = (raw, report) => {
  const isProtected = entriesOf(entryOf(raw, 'providers')).some(
    ([, provider]) => entryOf(provider, 'kind') === 'ntfy' && entryOf(provider, 'token') !== undefined,
  );
  const owners = new Map<string, string>();
  for (const { topic, at, of } of topicsIn(raw)) {
    const first = owners.get(topic) ?? of;
    owners.set(topic, first);
    if (first !== of) {
      report('warning', at, 'value', {
        message: `is the topic of ${first} as well, so that each reads the other's pages and can answer them`,
        remedy: 'Give each person a topic of their own.',
      });
    } else if (!isProtected && topic.length < GUESSABLE) {
      report('warning', at, 'value', {
        message: 'is easily guessed, and whoever knows a topic reads its pages and presses their buttons',
        remedy: `Use ${GUESSABLE} random characters or more, or protect the topic on the server and give the provider a token.`,
      });
    }
  }
};

/** What looks like a name of a secret, in a header or a field. */
const SECRET_NAME = /authori[sz]ation|token|secret|passw|api[-_]?key|^key$|^x-.*key/i;

const gatewaysFit: Check = (raw, report) => {
  for (const [id, provider] of entriesOf(entryOf(raw, 'providers'))) {
    if (entryOf(provider, 'kind') === 'sms-gateway') checkGateway(provider, ['providers', id], report);
  }
};

function checkGateway(gateway: unknown, at: Path, report: Report): void {
  const used = new Set<string>();
  for (const key of TEMPLATES) {
    for (const { text, at: place } of textsIn(entryOf(gateway, key), [...at, key])) {
      for (const name of placeholdersIn(text)) {
        used.add(name);
        if (!isPlaceholder(name)) {
          report('error', place, 'value', {
            message: `has {${name}}, which is no placeholder`,
            remedy: `Use ${PLACEHOLDERS.map((known) => `{${known}}`).join(', ')}, or \${NAME} for an environment variable.`,
          });
        } else if (key === 'headers' && name === 'text') {
          report('error', place, 'value', {
            message: 'puts the text into a header, which cannot hold every character',
            remedy: 'Put {text} into query, form or json.',
          });
        }
      }
      const field = place.at(-1);
      if (key !== 'url' && typeof field === 'string' && SECRET_NAME.test(field)) {
        const isOpen = variablesIn(text).length === 0 && placeholdersIn(text).length === 0;
        if (isOpen) {
          report('error', place, 'value', {
            message: WORDS.inlineSecret.message,
            remedy:
              'Put it into an environment variable and name that here, as in "Bearer ${SMS_KEY}"; and replace the key: it was written down.',
          });
        }
      }
    }
  }
  for (const needed of ['to', 'text'].filter((name) => !used.has(name))) {
    report('error', at, 'key', {
      message: `sends no {${needed}}`,
      remedy: 'Put {to} and {text} into query, form or json, where the gateway expects them.',
    });
  }
  const has = (key: string): boolean => entryOf(gateway, key) !== undefined;
  if (has('form') && has('json')) {
    report('error', [...at, 'form'], 'key', {
      message: 'stands beside json',
      remedy: 'Keep one of the two.',
    });
  }
  if (entryOf(gateway, 'method') === 'GET' && (has('form') || has('json'))) {
    report('error', [...at, 'method'], 'value', {
      message: 'is GET, which has no body',
      remedy: 'Use POST, or put the fields under query.',
    });
  }
  if (used.has('from') && !has('from')) {
    report('error', at, 'key', {
      message: 'uses {from}, which is not set',
      remedy: 'Write from: with your number or name at the gateway.',
    });
  }
  checkSuccess(gateway, at, report);
  const reports = entryOf(gateway, 'reports');
  const isToldApart = used.has('callback') || (used.has('id') && entryOf(reports, 'id') !== undefined);
  if (reports !== undefined && !isToldApart) {
    report('error', [...at, 'reports'], 'key', {
      message: 'cannot say which message a report is about',
      remedy:
        'Send {callback} as the address of reports; or send {id}, and name under reports.id the field in which it comes back.',
    });
  }
}

function checkSuccess(gateway: unknown, at: Path, report: Report): void {
  const success = entryOf(gateway, 'success');
  const [path, values, matches] = ['path', 'values', 'matches'].map((key) => entryOf(success, key));
  if ((path === undefined) !== (values === undefined)) {
    report('error', [...at, 'success'], 'key', {
      message:
        path === undefined ? 'has values, but no path to where they stand' : 'has a path, but no values',
      remedy: 'Write both: success: { path: status, values: [ok] }.',
    });
  }
  if (path !== undefined && matches !== undefined) {
    report('error', [...at, 'success', 'matches'], 'key', {
      message: 'stands beside path',
      remedy: 'Keep path and values for JSON, matches for anything else.',
    });
  }
  if (typeof matches === 'string') {
    const words = whyNoPattern(matches);
    if (words !== null) report('error', [...at, 'success', 'matches'], 'value', words);
  }
  if (entryOf(gateway, 'errors') !== undefined && path === undefined) {
    report('error', [...at, 'errors'], 'key', {
      message: 'says what values mean, but not where they stand',
      remedy: 'Write success: { path: status, values: [ok] }.',
    });
  }
}

function whyNoPattern(value: string): { readonly message: string; readonly remedy: string } | null {
  try {
    if (regexOf(value) === null) return WORDS.regex;
  } catch {
    // A SyntaxError is how the engine says no.
    return WORDS.regex;
  }
  return hasNestedRepetition(value) ? WORDS.nestedRegex : null;
}

const placesAreClear: Check = (raw, report) => {
  const seen = new Set<unknown>();
  for (const [id, provider] of entriesOf(entryOf(raw, 'providers'))) {
    const kind = entryOf(provider, 'kind');
    const isPlace = kind === 'twilio' || kind === 'smtp';
    if (isPlace && seen.has(kind)) {
      report('error', ['providers', id], 'key', {
        message: `is a second place for ${kind}`,
        remedy: 'Keep one of the two.',
      });
    }
    seen.add(kind);
    if (!isPlace && TAKEN.includes(id)) {
      report('error', ['providers', id], 'key', {
        message: 'is the name of another provider',
        remedy: 'Choose another id.',
      });
    }
  }
};

/** Messages hold links that answer in somebody's name. */
const transportIsSafe: Check = (raw, report) => {
  const look = (address: unknown, at: Path): void => {
    if (typeof address !== 'string' || !/^http:\/\//i.test(address)) return;
    if (/^http:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?:[:/]|$)/i.test(address)) return;
    report('warning', at, 'value', {
      message: 'is not https: whoever listens on the way reads the message, and its link answers',
      remedy: 'Use https.',
    });
  };
  for (const [id, provider] of entriesOf(entryOf(raw, 'providers')))
    look(entryOf(provider, 'url'), ['providers', id, 'url']);
  for (const [section, list] of [
    ['users', 'methods'],
    ['groups', 'contacts'],
  ] as const) {
    for (const [id, entry] of entriesOf(entryOf(raw, section))) {
      for (const [index, contact] of itemsOf(entryOf(entry, list)).entries()) {
        if (entryOf(contact, 'channel') === 'webhook')
          look(entryOf(contact, 'to'), [section, id, list, index, 'to']);
      }
    }
  }
};

/** A group whose channels nobody in it has is told elsewhere; this is for channels that nothing sends. */
const groupChannelsHaveProviders: Check = (raw, report) => {
  const kinds = kindsIn(raw);
  for (const [id, group] of entriesOf(entryOf(raw, 'groups'))) {
    textsOf(entryOf(group, 'channels')).forEach((channel, index) => {
      const kind = channel === 'push' ? 'ntfy' : channel === 'webhook' ? 'webhook' : null;
      if (kind === null || kinds.includes(kind)) return;
      report('warning', ['groups', id, 'channels', index], 'value', {
        message: `has no effect: there is no provider of kind ${kind}`,
        remedy: `Add one under providers, or remove ${channel}.`,
      });
    });
  }
};

export const PROVIDER_CHECKS: readonly Check[] = [
  channelsHaveProviders,
  groupChannelsHaveProviders,
  topicsAreSecret,
  gatewaysFit,
  placesAreClear,
  transportIsSafe,
];
