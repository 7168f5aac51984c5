import type { Config } from '../config/types.js';
import type { Actor } from '../domain/incident/plan.js';
import { MINUTE, type Instant } from '../domain/time/instant.js';
import { actOn, lacksMessage, publish } from './answering.js';
import { askedAt } from './asked.js';
import type { Input } from './input.js';
import { chosenBy } from './meant.js';
import type { Opening } from './opening.js';
import { offsetText } from './offsets.js';
import type { Contact, GivenAnswer, Impossible } from './result.js';
import type { Scenario } from './scenario.js';
import { asRead } from './ways.js';
import { isFailure, type ScriptedWorld } from './world.js';

/** A call is answered while it lasts. */
const CALL_LASTS_MS = 2 * MINUTE;

interface AnswersDeps {
  readonly scenario: Scenario;
  readonly config: Config;
  readonly world: ScriptedWorld;
  /** Every message so far, and every incident: both grow. */
  readonly contacts: readonly Contact[];
  readonly openings: readonly Opening[];
  readonly now: () => Instant;
  /** Has something done at a later time. */
  readonly at: (when: Instant, what: () => void) => void;
  /** When this person is next reached by this channel (null: by any) if nobody answers anything; null: never. */
  readonly nextContact: (who: string, channel: Contact['channel'] | null) => Instant | null;
  /** Something was done to an incident. */
  readonly acted: (opening: Opening) => void;
  readonly onInput: ((input: Input) => void) | undefined;
}

/** What people do in a scenario: each thing at its time, or so long after what reached them. */
export interface Answers {
  /** Sees a message that left: whoever waits for it answers so much later. */
  sent(contact: Contact): void;
  readonly given: readonly GivenAnswer[];
  /** What could not be; at the end with what was never given. */
  impossible(): readonly Impossible[];
}

/** Plans the answers that have a time of their own, and the others as messages reach people. */
export function createAnswers(deps: AnswersDeps): Answers {
  const { scenario, config, world, contacts, openings, now, onInput } = deps;
  const { startsAt } = scenario;
  const given: GivenAnswer[] = [];
  const impossible: Impossible[] = [];
  /** Messages that reached somebody, counted for answers that wait for the nth. */
  const waiting = new Map<number, number>();
  const done = new Set<number>();

  function answer(index: number): void {
    done.add(index);
    const scripted = scenario.answers[index];
    if (scripted === undefined) return;
    const { who, ask, via } = scripted;
    const time = offsetText(now() - startsAt);
    const refuse = (message: string, remedy: string): void =>
      void impossible.push({ answer: index, message, remedy });
    const outage = scenario.outages.find(
      ({ fromMs, toMs }) => startsAt + fromMs < now() && now() < startsAt + toMs,
    );
    if (outage !== undefined)
      return refuse(
        `comes at ${time}, while nothing of Tocsin runs: nobody hears it`,
        `Answer at ${offsetText(outage.toMs)} or later; what is said during an outage has to be said again.`,
      );
    const reached = contacts.filter(isReaching);
    if (lacksMessage({ who, via, at: now(), contacts: reached, callLastsMs: CALL_LASTS_MS })) {
      const next = deps.nextContact(who, via === 'voice' || via === 'sms' ? via : null);
      const then = next === null ? 'never' : `at ${offsetText(next - startsAt)} at the earliest`;
      const how = via === 'voice' ? 'called' : via === 'sms' ? 'sent an SMS' : 'written to';
      return refuse(
        `answers at ${time} what has not come: without it ${who} is ${how} ${then}`,
        `Answer after that, say how long after with "after 10s", or answer in another way: by api, by cli.`,
      );
    }
    const chosen = chosenBy(scripted, openings, reached);
    if (chosen.kind === 'unclear') return refuse(`${chosen.message}, at ${time}`, chosen.remedy);
    const meant = chosen.openings;
    const heard = { at: now(), userId: who, action: ask.action, via };
    if (chosen.kind === 'said') {
      const { outcome, sentence } = chosen;
      given.push({ ...heard, incident: meant.map(({ label }) => label).join(' + '), outcome, sentence });
      return onInput?.({ kind: 'answer', at: now(), index, incidents: [], asked: null });
    }
    const by: Actor = { kind: 'user', id: who, name: config.person(who)?.name ?? who };
    const asker = { by, via, requestId: `answer-${index}` };
    const incidents = meant.map((opening) => opening.label);
    if (ask.action === 'publish-postmortem') {
      onInput?.({ kind: 'answer', at: now(), index, incidents, asked: null });
      for (const opening of meant) {
        const told = publish(opening, ask.url, asker);
        if (told === null)
          refuse(
            'publishes what is not owed: there is no review yet',
            'Publish after the incident is resolved.',
          );
        else given.push({ ...heard, incident: opening.label, ...told });
        deps.acted(opening);
      }
      return;
    }
    const said = chosen.acknowledges ? ({ action: 'acknowledge' } as const) : asRead(ask, via);
    const found = askedAt(said, { config, world, now: now() });
    if ('refused' in found)
      return refuse(`comes at ${time}: it ${found.refused.message}`, found.refused.remedy);
    const { asked } = found;
    onInput?.({ kind: 'answer', at: now(), index, incidents, asked });
    for (const opening of meant) {
      given.push({ ...heard, incident: opening.label, ...actOn(opening, asked, asker) });
      deps.acted(opening);
    }
  }

  scenario.answers.forEach(({ when }, index) => {
    if (when.kind === 'at') deps.at(startsAt + when.offsetMs, () => answer(index));
  });

  return {
    given,
    sent(contact) {
      if (!isReaching(contact)) return;
      scenario.answers.forEach(({ who, when }, index) => {
        if (when.kind !== 'after' || who !== contact.userId) return;
        if (when.channel !== null && when.channel !== contact.channel) return;
        const count = (waiting.get(index) ?? 0) + 1;
        waiting.set(index, count);
        if (count === when.nth) deps.at(now() + when.delayMs, () => answer(index));
      });
    },
    impossible: () => [
      ...impossible,
      ...scenario.answers.flatMap(({ who, when }, index): readonly Impossible[] => {
        if (done.has(index)) return [];
        const why =
          when.kind === 'at'
            ? `${offsetText(when.offsetMs)} is after the end at ${offsetText(scenario.untilMs)}`
            : `it waits for number ${when.nth} of what ${who} gets ${waiting.get(index) ?? 0} times by then`;
        return [
          {
            answer: index,
            message: `is never given: ${why}`,
            remedy: 'Let the scenario run longer with `until`, or answer something that comes.',
          },
        ];
      }),
    ],
  };
}

/** An answering machine presses no key, and a call that nobody takes is no call to answer. */
function isReaching({ outcome }: Pick<Contact, 'outcome'>): boolean {
  return !isFailure(outcome) && outcome !== 'voicemail' && outcome !== 'unanswered';
}
