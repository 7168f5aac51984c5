import { createHash } from 'node:crypto';
import { nightOf } from '../config/load-limits.js';
import type { Config } from '../config/types.js';
import { zoneRules } from '../config/zones.js';
import { zoneTimes } from '../config/zone-times.js';
import type { SparedPerson } from '../domain/incident/command.js';
import { ringsAtNight } from '../domain/incident/load.js';
import { morningMail, type SparedIncident } from '../domain/messages/morning-mail.js';
import { incidentsOf, nextTimeOfDay, type NightPage } from '../domain/oncall/night.js';
import type { Instant } from '../domain/time/instant.js';
import type { Activities } from './contracts.js';
import type { Log } from './create-activities.js';
import type { LoadActivities, NoteSparedInput } from './load-contracts.js';

/** One manager's mail of one morning. */
export interface MorningMailStart {
  /** The same for the same manager and morning; without personal data. */
  readonly key: string;
  readonly userId: string;
  /** When it is sent. */
  readonly at: Instant;
}

/** Adds an incident to a morning mail, which is begun with the first. Resolves once that is durable. */
export type AddToMorningMail = (mail: MorningMailStart, spared: SparedIncident) => Promise<void>;

export interface LoadActivityDeps {
  readonly config: () => Config;
  /** Who was paged for what at night, as far as this process knows. */
  readonly nightPages: () => Iterable<NightPage>;
  readonly addToMorningMail: AddToMorningMail;
  readonly log: Log;
}

/** On the clock of whoever reads it. Source: specification, scenario 11. */
const MORNING_MINUTE = 9 * 60;

/** What load limits need of a worker. */
export function createLoadActivities(deps: LoadActivityDeps): LoadActivities {
  const { config, nightPages, addToMorningMail, log } = deps;
  return {
    noteSpared: async (input) => {
      const { people, management: _management, ...incident } = input;
      const current = config();
      const unheard: string[] = [];
      for (const person of people) {
        const leaders = leadersOf(current, person, input);
        if (leaders.length === 0) unheard.push(person.name);
        for (const userId of leaders)
          await addToMorningMail(mailOf(current, userId, input.at), { ...incident, person });
      }
      const fields = { openingId: input.openingId, people: people.length, unheard: unheard.length };
      log.info(fields, 'others were asked first: somebody was past their limit of the night');
      return { unheard };
    },
    writeMorningMail: ({ userId, id, spared }) => {
      const current = config();
      const reader = current.person(userId);
      if (reader === null) {
        log.warn({ letter: id }, 'whose morning mail it is has left the configuration: nobody gets it');
        return Promise.resolve(null);
      }
      const pages = [...nightPages()];
      const told = spared.map((one): SparedIncident => {
        const { userId: sparedId, count } = one.person;
        const night = nightOf(current, sparedId, one.at);
        // More pages may have come after it.
        const known = night === null ? 0 : incidentsOf(pages, sparedId, night);
        return { ...one, person: { ...one.person, count: Math.max(count, known) } };
      });
      return Promise.resolve(morningMail(id, told, zoneTimes(reader.zone)));
    },
  };
}

/** The manager; else whoever management means, but for the person themself. */
function leadersOf(
  config: Config,
  { userId }: SparedPerson,
  { management, at }: NoteSparedInput,
): readonly string[] {
  const manager = config.users.get(userId)?.manager;
  if (manager !== undefined && config.users.has(manager)) return [manager];
  return config
    .findPeople(management, 'low', at)
    .people.map((found) => found.userId)
    .filter((each) => each !== userId && config.person(each) !== null);
}

function mailOf(config: Config, userId: string, at: Instant): MorningMailStart {
  const zone = zoneRules(config.person(userId)?.zone ?? 'UTC');
  const morning = nextTimeOfDay(zone, MORNING_MINUTE, at);
  const key = createHash('sha256').update(`${userId}\n${morning}`).digest('hex').slice(0, 20);
  return { key, userId, at: morning };
}

export interface CountingDeps {
  readonly config: () => Pick<Config, 'users' | 'load'>;
  readonly clock: () => Instant;
  /** Returns at once. */
  readonly note: (page: NightPage & { readonly nightFrom: Instant }) => void;
  readonly log: Pick<Log, 'error'>;
}

/**
 * The same activities, with each page that rings somebody at night noted once a provider has it. Nobody waits for that, and one that
 * can't be noted has left all the same: if it failed here, it would be sent again.
 */
export function countingPages<A extends Pick<Activities, 'deliver'>>(
  activities: A,
  { config, clock, note, log }: CountingDeps,
): A {
  return {
    ...activities,
    deliver: async (input) => {
      const report = await activities.deliver(input);
      try {
        if (report.status === 'sent' && ringsAtNight(input.message)) noteNight(input);
      } catch (error) {
        log.error({ err: error, delivery: report.deliveryId }, 'a page of the night could not be counted');
      }
      return report;
    },
  };

  function noteNight({ userId, message }: Parameters<A['deliver']>[0]): void {
    const at = clock();
    const night = nightOf(config(), userId, at);
    if (night !== null) note({ userId, openingId: message.openingId, at, nightFrom: night.from });
  }
}
