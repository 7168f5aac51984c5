import { closest } from '../config/closest.js';
import { parseDuration } from '../config/duration.js';
import { RESPONDER_KINDS, type ResponderKind } from '../config/responders.js';
import type { Milliseconds } from '../domain/time/instant.js';
import { SentenceError, type WordReader } from './sentence.js';

/** Somebody to be asked for help: a user, or whoever is meant by a team, a schedule or a service. */
export interface AskedFor {
  readonly kind: ResponderKind;
  readonly id: string;
}

/** What a person asks for. */
export type Ask =
  | { readonly action: 'acknowledge' | 'take' | 'progress' | 'resolve' | 'unacknowledge' }
  | { readonly action: 'escalate'; readonly reason?: string }
  | { readonly action: 'severity'; readonly severity: string }
  | { readonly action: 'update' | 'note'; readonly text: string }
  | { readonly action: 'snooze'; readonly forMs: Milliseconds }
  /** `to`: the id of a user. */
  | { readonly action: 'reassign'; readonly to: string; readonly reason?: string }
  | { readonly action: 'add-responders'; readonly whom: readonly AskedFor[]; readonly reason?: string }
  | { readonly action: 'publish-postmortem'; readonly url: string };

const VERBS: Readonly<Record<string, Ask['action']>> = {
  ack: 'acknowledge',
  acks: 'acknowledge',
  acknowledge: 'acknowledge',
  acknowledges: 'acknowledge',
  take: 'take',
  takes: 'take',
  ok: 'progress',
  progress: 'progress',
  resolve: 'resolve',
  resolves: 'resolve',
  escalate: 'escalate',
  escalates: 'escalate',
  severity: 'severity',
  update: 'update',
  updates: 'update',
  note: 'note',
  notes: 'note',
  snooze: 'snooze',
  snoozes: 'snooze',
  unack: 'unacknowledge',
  unacks: 'unacknowledge',
  unacknowledge: 'unacknowledge',
  unacknowledges: 'unacknowledge',
  give: 'unacknowledge',
  gives: 'unacknowledge',
  reassign: 'reassign',
  reassigns: 'reassign',
  page: 'add-responders',
  pages: 'add-responders',
  publish: 'publish-postmortem',
  publishes: 'publish-postmortem',
};

const VERB_WORDS =
  'acks, takes, ok (still on it), resolves, escalates, severity SEV0, updates "…", notes "…", snoozes for 30m, gives it back, reassigns to bob, pages carol, or publishes https://…';

const EXAMPLE = 'Write it like "alice acks by sms at 0:40".';

/** Reads what somebody does: `acks`, `escalates "need a DBA"`, `snoozes for 30m`, `pages carol and service checkout`. */
export function readAsk(words: WordReader): Ask {
  const word = words.next();
  if (word === null) throw new SentenceError('does not say what they do', EXAMPLE);
  const action = VERBS[word.toLowerCase()];
  switch (action) {
    case undefined: {
      const meant = closest(word, Object.keys(VERBS));
      throw new SentenceError(
        `"${word}" is nothing that a person can do`,
        meant === undefined ? `Write ${VERB_WORDS}.` : `Did you mean ${meant}? People can: ${VERB_WORDS}.`,
      );
    }
    case 'acknowledge':
    case 'take':
    case 'progress':
    case 'resolve':
      return { action };
    case 'unacknowledge': {
      if (!word.toLowerCase().startsWith('give')) return { action };
      words.take('it');
      if (words.take('back') === null)
        throw new SentenceError(
          `says "${word}" and not "back"`,
          'Write: alice gives it back at 4:00. To somebody: alice reassigns to bob at 4:00.',
        );
      return { action };
    }
    case 'escalate':
      return { action, ...readReason(words) };
    case 'severity': {
      words.take('to');
      const severity = words.next();
      if (severity === null)
        throw new SentenceError('does not say which severity', 'Write: erin severity SEV0 at 20:00.');
      return { action, severity };
    }
    case 'update':
    case 'note': {
      const text = words.quoted();
      if (text === null)
        throw new SentenceError(
          `does not say what the ${action} says`,
          `Write: alice ${action} "rolled back" at 18:00.`,
        );
      return { action, text };
    }
    case 'snooze': {
      words.take('it');
      words.take('for');
      const forMs = parseDuration(words.next() ?? '');
      if (forMs === null)
        throw new SentenceError('does not say for how long', 'Write: alice snoozes for 30m at 2:00.');
      return { action, forMs };
    }
    case 'reassign': {
      words.take('it');
      words.take('to');
      const to = readName(words);
      if (to === null)
        throw new SentenceError(
          'does not say to whom',
          'Write: alice reassigns to bob "my shift is over" at 6:00.',
        );
      return { action, to, ...readReason(words) };
    }
    case 'add-responders':
      return { action, whom: readWhom(words), ...readReason(words) };
    case 'publish-postmortem': {
      const url = words.next()?.replaceAll('"', '') ?? '';
      if (!/^https?:\/\/\S+$/.test(url))
        throw new SentenceError(
          'does not say where it is published',
          'Write: alice publishes https://wiki.example.com/pm at 63:00:00.',
        );
      return { action, url };
    }
    default:
      return action satisfies never;
  }
}

function readReason(words: WordReader): { readonly reason?: string } {
  const reason = words.quoted();
  return reason === null ? {} : { reason };
}

/** Words that go on with a sentence; an id would stand before them. */
const GOES_ON = ['at', 'by', 'after', 'in', 'of', 'and'];

/** An id; null where the sentence goes on with something else, or ends. */
function readName(words: WordReader): string | null {
  const word = words.peek();
  if (word === null || word.startsWith('"') || GOES_ON.includes(word.toLowerCase())) return null;
  words.next();
  return word;
}

/** `carol`, `carol and service checkout`, `carol, team payments, schedule:network`. */
function readWhom(words: WordReader): readonly AskedFor[] {
  const whom: AskedFor[] = [];
  for (;;) {
    const word = readName(words);
    const [, kind = word?.toLowerCase(), joined] = /^([a-z]+):(.+)$/.exec(word ?? '') ?? [];
    const known = RESPONDER_KINDS.find((each) => each === kind);
    const id = known === undefined ? word : (joined ?? readName(words));
    if (id === null)
      throw new SentenceError(
        'does not say who is paged',
        'Write: alice pages carol and service checkout "needs a DBA" at 3:00; also team and schedule.',
      );
    whom.push({ kind: known ?? 'user', id: id.replace(/,$/, '') });
    if (!id.endsWith(',') && words.take('and') === null) return whom;
  }
}
