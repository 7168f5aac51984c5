import { responderLine, whyUnreachable } from '../config/responders.js';
import type { Words } from '../config/schema/words.js';
import type { Config } from '../config/types.js';
import type { PersonAction } from '../domain/incident/event.js';
import { because } from '../domain/incident/reason.js';
import type { Target } from '../domain/escalation/policy.js';
import type { Instant } from '../domain/time/instant.js';
import type { Ask } from './ask-sentence.js';
import type { ScriptedWorld } from './world.js';

/** Distributes over the union. */
type WhatOf<T> = T extends unknown ? Omit<T, 'requestId' | 'openingId' | 'by' | 'via'> : never;

/** What reaches an incident of what a person asks: as the API hands it over, without who and where. */
export type Asked = WhatOf<PersonAction>;

/** What becomes of an ask at `now`, by the people and policies of this moment; or why it is refused before it reaches the incident. */
export function askedAt(
  ask: Exclude<Ask, { action: 'publish-postmortem' }>,
  { config, world, now }: { readonly config: Config; readonly world: ScriptedWorld; readonly now: Instant },
): { readonly asked: Asked } | { readonly refused: Words } {
  const find = (targets: readonly Target[]) => world.find({ targets, urgency: 'high' }, now);
  const why = 'reason' in ask ? because(ask.reason) : {};
  switch (ask.action) {
    case 'reassign': {
      const line = responderLine('user', ask.to, config, now);
      const gap = whyUnreachable(line, find);
      if (gap !== null) return refused(`asks ${ask.to} to take it over`, gap);
      return { asked: { action: ask.action, to: ask.to, toName: line.name, ...why } };
    }
    case 'add-responders': {
      const responders = ask.whom.map(({ kind, id }) => responderLine(kind, id, config, now));
      for (const line of responders) {
        const gap = whyUnreachable(line, find);
        if (gap !== null) return refused(`asks ${line.name} for help`, gap);
      }
      return { asked: { action: ask.action, responders, ...why } };
    }
    default:
      return { asked: ask };
  }
}

function refused(what: string, why: string): { readonly refused: Words } {
  return {
    refused: {
      message: `${what}, and nobody can be paged there: ${why.replace(/\.$/, '')}`,
      remedy: 'Ask somebody else, or give them a way to be paged (tocsin check).',
    },
  };
}
