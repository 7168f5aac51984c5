import { closest } from '../config/closest.js';
import { responderIdsOf } from '../config/responders.js';
import type { Words } from '../config/schema/words.js';
import type { Config } from '../config/types.js';
import { BOUNDS } from '../domain/incident/state.js';
import { durationWords } from '../domain/messages/duration-words.js';
import { offsetText } from './offsets.js';
import type { ScriptedAnswer } from './answer-sentence.js';
import type { Ask } from './ask-sentence.js';
import { waysOf, type Way } from './ways.js';

/** Ids that are told when one is unknown. */
const LISTED = 12;

/** What to say of an id that the configuration does not have; null when it has it. */
export function unknownId(what: string, id: string, ids: readonly string[]): Words | null {
  if (ids.includes(id)) return null;
  const meant = closest(id, ids);
  const list = ids.length > LISTED ? `${ids.slice(0, LISTED).join(', ')} …` : ids.join(', ');
  const remedy = meant !== undefined ? `Did you mean ${meant}? There are: ${list}.` : `Use one of: ${list}.`;
  return {
    message: `there is no ${what} ${id} in the config`,
    remedy: ids.length === 0 ? `The config has no ${what} at all.` : remedy,
  };
}

/** Everything about what somebody asks for that this configuration makes impossible, whenever it is asked. */
export function askProblems(answer: ScriptedAnswer, config: Config): readonly Words[] {
  const { who, ask, when } = answer;
  const said = (...problems: readonly (Words | null)[]): readonly Words[] =>
    [badWay(answer), ...problems].filter((problem) => problem !== null);
  switch (ask.action) {
    case 'severity':
      return said(
        unknownId(
          'severity',
          ask.severity,
          config.severities.map(({ id }) => id),
        ),
      );
    case 'snooze':
      return said(outOfBounds(ask.forMs, config));
    case 'reassign': {
      const takes = when.kind === 'at' ? `${who} takes at ${offsetText(when.offsetMs)}` : `${who} takes`;
      return said(
        unknownId('user', ask.to, [...config.users.keys()]),
        who !== ask.to
          ? null
          : {
              message: `${who} asks themselves to take it over`,
              remedy: `Nobody is paged for that: let them take it ("${takes}"), or name somebody else.`,
            },
      );
    }
    case 'add-responders':
      return said(
        ...ask.whom.map(({ kind, id }) => unknownId(kind, id, responderIdsOf(config, kind))),
        ask.whom.length <= BOUNDS.lines
          ? null
          : {
              message: `asks for ${ask.whom.length} at once, and at most ${BOUNDS.lines} may be`,
              remedy: 'Name a team or a service instead of many people.',
            },
      );
    case 'acknowledge':
    case 'take':
    case 'progress':
    case 'resolve':
    case 'escalate':
    case 'update':
    case 'note':
    case 'unacknowledge':
    case 'publish-postmortem':
      return said();
    default:
      return ask satisfies never;
  }
}

/** A message is answered with few words, a call has three keys, and the page of a link has few buttons. */
function badWay({ ask, via, meant }: ScriptedAnswer): Words | null {
  const ways = waysOf(ask);
  if (!ways.includes(via))
    return {
      message: `nobody can ${WORDS[ask.action]}${qualified(ask, via)} by ${wordOf(via)}`,
      remedy: `Write by ${ways.map(wordOf).join(', ')}.`,
    };
  if (meant !== 'all' || via === 'sms') return null;
  return {
    message: `nobody can acknowledge all at once by ${wordOf(via)}`,
    remedy: 'Write by sms, or an answer for each: alice acks by call at 1:00 in B.',
  };
}

/** What of the ask stands in the way, where that is not the action itself. */
function qualified(ask: Ask, via: Way): string {
  if (ask.action === 'escalate' && ask.reason !== undefined) return ' with a reason';
  if (ask.action === 'snooze' && via === 'link') return ` for ${durationWords(ask.forMs)}`;
  if (ask.action === 'update' && via === 'sms') return ' with these words';
  return '';
}

function wordOf(via: Way): string {
  return via === 'voice' ? 'call' : via;
}

const WORDS: Readonly<Record<Ask['action'], string>> = {
  acknowledge: 'acknowledge',
  take: 'take over',
  progress: 'say "still on it"',
  resolve: 'resolve',
  escalate: 'escalate',
  severity: 'change the severity',
  update: 'post an update',
  note: 'add a note',
  snooze: 'snooze',
  unacknowledge: 'give it back',
  reassign: 'reassign',
  'add-responders': 'page others',
  'publish-postmortem': 'publish a postmortem',
};

function outOfBounds(forMs: number, config: Config): Words | null {
  // The timings are the same for every service.
  const [service] = config.serviceIds;
  if (service === undefined) return null;
  const { snoozeShortestMs, snoozeLongestMs } = config.plan(service, 0, []).timings;
  if (forMs >= snoozeShortestMs && forMs <= snoozeLongestMs) return null;
  const [shortest, longest] = [durationWords(snoozeShortestMs), durationWords(snoozeLongestMs)];
  return {
    message: `snoozes for ${durationWords(forMs)}, and a snooze lasts from ${shortest} to ${longest}`,
    remedy: 'Write a time in between, or change snoozeShortest and snoozeLongest under `timings`.',
  };
}
