import { closest } from '../config/closest.js';
import { responderIdsOf } from '../config/responders.js';
import type { Words } from '../config/schema/words.js';
import type { Config } from '../config/types.js';
import type { Via } from '../domain/incident/event.js';
import { BOUNDS } from '../domain/incident/state.js';
import { durationWords } from '../domain/messages/duration-words.js';
import { offsetText } from './offsets.js';
import type { ScriptedAnswer } from './answer-sentence.js';

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
export function askProblems({ who, ask, via, when }: ScriptedAnswer, config: Config): readonly Words[] {
  const said = (...problems: readonly (Words | null)[]): readonly Words[] =>
    problems.filter((problem) => problem !== null);
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
      return said(badVia('snooze', via, ['link']), outOfBounds(ask.forMs, config));
    case 'unacknowledge':
      return said(badVia('give it back', via, ['link']));
    case 'reassign': {
      const takes = when.kind === 'at' ? `${who} takes at ${offsetText(when.offsetMs)}` : `${who} takes`;
      return said(
        badVia('reassign', via),
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
        badVia('page others', via),
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
    case 'publish-postmortem':
      return [];
    default:
      return ask satisfies never;
  }
}

/** A message is answered with few words, and its page has few buttons. */
function badVia(what: string, via: Via, also: readonly Via[] = []): Words | null {
  const ways: readonly Via[] = ['cli', 'api', 'web', 'chat', ...also];
  if (ways.includes(via)) return null;
  const word = via === 'voice' ? 'call' : via;
  return { message: `nobody can ${what} by ${word}`, remedy: `Write by ${ways.join(', ')}.` };
}

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
