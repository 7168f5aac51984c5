import { durationOf } from '../config/duration.js';
import { nightOf } from '../config/load-limits.js';
import type { Path } from '../config/problems.js';
import type { Words } from '../config/schema/words.js';
import type { Config, User } from '../config/types.js';
import type { Channel, Via } from '../domain/incident/event.js';
import { MINUTE, type Instant, type Milliseconds } from '../domain/time/instant.js';
import { readAnswer, type ScriptedAnswer } from './answer-sentence.js';
import { askProblems, unknownId } from './check-ask.js';
import { readExpectation, type Expectation } from './expect-sentence.js';
import type { ScriptedWindow } from './maintenance.js';
import { OFFSET_WORDS, parseOffset, parseStart, START_WORDS } from './offsets.js';
import {
  FIRST_GROUP,
  type DeliveryRule,
  type Scenario,
  type ScriptedAlerts,
  type ScriptedOverride,
  type Sourced,
} from './scenario.js';
import type { WrittenScenario } from './scenario-schema.js';

/** How long a scenario runs that does not say: both rounds of the usual policy and two turns of its catch-all. */
const DEFAULT_UNTIL: Milliseconds = 80 * MINUTE;
/** Longer ones are slips of the pen: 400 days, as everywhere. */
const LONGEST: Milliseconds = 400 * 24 * 60 * MINUTE;

/** Says that something at a path is wrong. */
export type Complain = (at: Path, words: Words) => void;

/** How a channel is called when somebody lacks it. */
const LACKS: Readonly<
  Partial<Record<Via, { readonly channels: readonly Channel[]; readonly words: string }>>
> = {
  sms: { channels: ['sms'], words: 'no number that takes an SMS' },
  voice: { channels: ['voice'], words: 'no number that can be called' },
  link: {
    channels: ['sms', 'email', 'push', 'chat', 'webhook'],
    words: 'nothing that a link can be sent to',
  },
};

/**
 * Makes a scenario of what is written, or complains about everything that does not fit the configuration.
 * @param zoneOfSchedule without a zone it is that of the schedule by which the service is paged first, instead of UTC
 */
export function buildScenario(
  written: WrittenScenario,
  config: Config,
  now: Instant,
  complain: Complain,
  zoneOfSchedule = false,
): Scenario | null {
  let isSound = true;
  const wrong: Complain = (at, words) => {
    isSound = false;
    complain(at, words);
  };
  const zone = written.zone ?? (zoneOfSchedule ? scheduleZone(written, config, now) : 'UTC');

  const offset = (at: Path, text: string | undefined, fallback: Milliseconds): Milliseconds => {
    if (text === undefined) return fallback;
    if (text.startsWith('-')) {
      wrong(at, {
        message: 'is before the beginning',
        remedy: 'Count from the first alert: 0:00 is the earliest.',
      });
      return fallback;
    }
    const parsed = parseOffset(text);
    if (parsed === null) wrong(at, { message: 'is not a time', remedy: `Write ${OFFSET_WORDS}.` });
    else if (parsed > LONGEST)
      wrong(at, { message: 'is more than 400 days away', remedy: 'Write an earlier time.' });
    return parsed ?? fallback;
  };
  const known = (at: Path, what: string, id: string, ids: readonly string[]): void => {
    const words = unknownId(what, id, ids);
    if (words !== null) wrong(at, words);
  };
  const userIds = [...config.users.keys()];
  const severityIds = config.severities.map(({ id }) => id);
  /** A user, or a group with contacts of its own: those are `group:<id>` within. */
  const person = (at: Path, id: string): User | null => {
    const found = config.person(id) ?? config.person(`group:${id}`);
    if (found === null) known(at, 'user', id, userIds);
    return found;
  };

  const startsAt =
    written.start === undefined ? Math.floor(now / MINUTE) * MINUTE : parseStart(written.start, zone, now);
  if (startsAt === null)
    wrong(['start'], { message: 'is no moment in time', remedy: `Write ${START_WORDS}.` });
  const untilMs = offset(['until'], written.until, DEFAULT_UNTIL);

  if (written.service !== undefined) known(['service'], 'service', written.service, config.serviceIds);
  if (written.severity !== undefined) known(['severity'], 'severity', written.severity, severityIds);
  if (written.policy !== undefined && written.service !== undefined)
    wrong(['policy'], {
      message: 'stands beside a service, which has a policy of its own',
      remedy: 'Name only one of the two.',
    });
  const serviceId = written.service ?? serviceOf(written.policy, config, startsAt ?? now);
  if (written.policy !== undefined && serviceId === null) {
    known(['policy'], 'policy', written.policy, config.policyIds);
    if (config.policyIds.includes(written.policy))
      wrong(['policy'], {
        message: 'is the policy of no service',
        remedy: 'Name a service whose policy it is.',
      });
  }
  /** What an incident of this service begins with, where nothing else is said. */
  const opensWith = (service: string | undefined, severity: string | undefined, title: string) => {
    const route = config.route(
      null,
      {},
      {
        ...(service === undefined ? {} : { service }),
        ...(severity === undefined ? {} : { severity }),
      },
    );
    return { serviceId: route.serviceId, severity: route.severity, title };
  };
  const title = written.title ?? 'simulated alert';

  const alerts = (
    written.alerts ??
    (written.declaredBy === undefined ? [{ at: '0:00', fires: ['alert'], summary: title }] : [])
  ).map((entry, index): ScriptedAlerts => {
    const at = ['alerts', index];
    if (entry.fires === undefined && entry.resolves === undefined)
      wrong(at, {
        message: 'neither fires nor resolves anything',
        remedy: 'Write fires: [disk] or resolves: [disk], or resolves: all.',
      });
    if (entry.service !== undefined) known([...at, 'service'], 'service', entry.service, config.serviceIds);
    if (entry.severity !== undefined) known([...at, 'severity'], 'severity', entry.severity, severityIds);
    const fires =
      typeof entry.fires === 'number'
        ? Array.from({ length: entry.fires }, (_, each) => `alert-${each + 1}`)
        : (entry.fires ?? []);
    const summary =
      entry.summary ?? written.title ?? (fires.length === 1 ? `${fires[0] ?? ''} is failing` : title);
    return {
      offsetMs: offset([...at, 'at'], entry.at, 0),
      group: entry.group ?? FIRST_GROUP,
      ...opensWith(entry.service ?? serviceId ?? undefined, entry.severity ?? written.severity, summary),
      fires,
      resolves: entry.resolves ?? [],
      withinMs: entry.within === undefined ? 0 : durationOf(entry.within),
    };
  });
  const groups = [
    ...new Set([
      ...(written.declaredBy === undefined ? [] : [FIRST_GROUP]),
      ...alerts.map(({ group }) => group),
    ]),
  ];
  if (written.declaredBy !== undefined) {
    person(['declaredBy'], written.declaredBy);
    if (written.alerts?.some(({ group }) => group === undefined || group === FIRST_GROUP) === true)
      wrong(['declaredBy'], {
        message: 'opens by hand what alerts open as well',
        remedy: `Give those alerts a group of their own: group: B.`,
      });
  }

  const answers = (written.answers ?? []).flatMap((text, index): readonly (ScriptedAnswer & Sourced)[] => {
    const at = ['answers', index];
    const read = readAnswer(text);
    if (!read.ok) {
      wrong(at, { message: read.message, remedy: read.remedy });
      return [];
    }
    const { who, via, meant, when } = read.value;
    const found = config.users.get(who) ?? null;
    if (found === null) known(at, 'user', who, userIds);
    const lacking = LACKS[via];
    if (
      found !== null &&
      lacking !== undefined &&
      !found.methods.some(({ channel }) => lacking.channels.includes(channel))
    )
      wrong(at, {
        message: `${who} has ${lacking.words}`,
        remedy: 'Let them answer by a method that they have, or by api or cli.',
      });
    if (
      found !== null &&
      when.kind === 'after' &&
      when.channel !== null &&
      !found.methods.some(({ channel }) => channel === when.channel)
    )
      wrong(at, {
        message: `${who} is never reached by ${when.channel}: the config gives them no such method`,
        remedy: 'Wait for a message that they can get.',
      });
    for (const words of askProblems(read.value, config)) wrong(at, words);
    if (meant !== null && meant !== 'all') known(at, 'group of alerts', meant, groups);
    return [{ ...read.value, at, source: text }];
  });

  const deliveries = (written.deliveries ?? []).map((rule, index): DeliveryRule => {
    const at = ['deliveries', index];
    const ids = list(rule.to);
    return {
      to:
        ids?.map(
          (id, each) =>
            person(typeof rule.to === 'string' ? [...at, 'to'] : [...at, 'to', each], id)?.id ?? id,
        ) ?? null,
      by: list(rule.by),
      provider: rule.provider ?? null,
      becomes: rule.becomes,
      afterMs: rule.after === undefined ? null : durationOf(rule.after),
      fromMs: offset([...at, 'from'], rule.from, 0),
      untilMs: offset([...at, 'until'], rule.until, Number.POSITIVE_INFINITY),
      nth: rule.nth ?? null,
    };
  });
  const overrides = (written.overrides ?? []).map((entry, index): ScriptedOverride => {
    const at = ['overrides', index];
    known([...at, 'schedule'], 'schedule', entry.schedule, config.scheduleIds);
    known([...at, 'user'], 'user', entry.user, userIds);
    if (entry.insteadOf !== undefined) known([...at, 'insteadOf'], 'user', entry.insteadOf, userIds);
    const fromMs = offset([...at, 'from'], entry.from, 0);
    const to = offset([...at, 'until'], entry.until, Math.max(untilMs, fromMs) + 1);
    if (to <= fromMs)
      wrong([...at, 'until'], {
        message: 'is not after `from`',
        remedy:
          'Write when it begins and when it is over, or leave `until` out: { from: 4:00, until: 44:00 }.',
      });
    return {
      schedule: entry.schedule,
      slot: entry.slot ?? 'primary',
      userId: entry.user,
      insteadOf: entry.insteadOf ?? null,
      fromMs,
      untilMs: to,
    };
  });
  const maintenance = (written.maintenance ?? []).map((entry, index): ScriptedWindow => {
    const at = ['maintenance', index];
    (entry.services ?? []).forEach((service, each) =>
      known([...at, 'services', each], 'service', service, config.serviceIds),
    );
    const fromMs = offset([...at, 'from'], entry.from, 0);
    const endsMs = offset([...at, 'until'], entry.until, fromMs + 1);
    if (endsMs <= fromMs)
      wrong([...at, 'until'], {
        message: 'is not after `from`',
        remedy: 'Write when it begins and when it is over: { from: 4:00, until: 44:00 }.',
      });
    if (entry.stopPages === true && entry.services === undefined)
      wrong([...at, 'stopPages'], {
        message: 'stands in a window of all services',
        remedy: 'Name the services whose pages rest: services: [payments].',
      });
    const endedMs = entry.endedAt === undefined ? null : offset([...at, 'endedAt'], entry.endedAt, 0);
    return {
      id: `window-${index + 1}`,
      services: entry.services ?? [],
      ...{ fromMs, untilMs: endsMs, endedMs },
      reason: entry.reason ?? 'maintenance',
      stopPages: entry.stopPages === true,
    };
  });
  const spans = (key: 'outages' | 'storeAway') =>
    (written[key] ?? []).map((entry, index) => {
      const at = [key, index];
      const [fromMs, toMs] = [offset([...at, 'from'], entry.from, 0), offset([...at, 'to'], entry.to, 0)];
      if (toMs <= fromMs)
        wrong([...at, 'to'], {
          message: 'is not after `from`',
          remedy: 'Write when it begins and when it is over: { from: 4:00, to: 44:00 }.',
        });
      return { fromMs, toMs };
    });
  const [outages, storeAway] = [spans('outages'), spans('storeAway')];
  for (const userId of Object.keys(written.nightPages ?? {})) {
    const at = ['nightPages', userId];
    known(at, 'user', userId, userIds);
    if (config.users.has(userId) && nightOf(config, userId, startsAt ?? now) === null)
      wrong(at, {
        message: 'has no night when it begins',
        remedy: 'Let it begin at night in their zone (start: 2026-11-29T03:00Z), or leave them out.',
      });
  }

  const expect = (written.expect ?? []).flatMap((text, index): readonly (Expectation & Sourced)[] => {
    const at = ['expect', index];
    const read = readExpectation(text);
    if (!read.ok) {
      wrong(at, { message: read.message, remedy: read.remedy });
      return [];
    }
    const { value } = read;
    const idOf = (id: string): string => person(at, id)?.id ?? id;
    const names =
      value.kind === 'contact'
        ? { ...value, who: value.who?.map(idOf) ?? null, but: value.but.map(idOf) }
        : value.kind === 'hears'
          ? { ...value, who: idOf(value.who) }
          : value.kind === 'owner'
            ? { ...value, who: value.who === null ? null : idOf(value.who) }
            : value;
    for (const late of lateMoments(names, untilMs))
      wrong(at, {
        message: `speaks of a time after the end at ${written.until ?? 'the default of 80:00'}`,
        remedy: `Let the scenario run until ${late} or longer: until: ${late}.`,
      });
    return [{ ...names, at, source: text }];
  });

  if (!isSound || startsAt === null) return null;
  return {
    title: written.scenario,
    startsAt,
    zone,
    untilMs,
    resolves: written.resolves ?? true,
    declared:
      written.declaredBy === undefined
        ? null
        : { by: written.declaredBy, ...opensWith(serviceId ?? undefined, written.severity, title) },
    alerts,
    answers,
    deliveries,
    providers: written.providers ?? {},
    overrides,
    maintenance,
    outages,
    storeAway,
    nightPages: written.nightPages ?? {},
    expect,
    contacts: written.contacts ?? null,
  };
}

/** The times of an expectation that a scenario never reaches: what must be so then would never be seen. */
function lateMoments({ when, not }: Expectation, untilMs: Milliseconds): readonly string[] {
  const last =
    when.kind === 'at'
      ? Math.max(...when.offsetsMs)
      : not && when.toMs === Number.POSITIVE_INFINITY
        ? when.fromMs
        : when.toMs;
  if (last === Number.POSITIVE_INFINITY || last <= untilMs) return [];
  return [`${Math.ceil(last / MINUTE)}:00`];
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] | null {
  if (value === undefined) return null;
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** On whose clock the people of this service read their shifts; UTC where no schedule is asked. */
function scheduleZone({ service, policy }: WrittenScenario, config: Config, now: Instant): string {
  const known = service ?? serviceOf(policy, config, now);
  const { serviceId } = config.route(null, {}, known === null ? {} : { service: known });
  const targets = config.plan(serviceId, now, []).policy.steps.flatMap((step) => step.targets);
  const first = targets.find((target) => target.kind === 'schedule');
  return first === undefined ? 'UTC' : config.zoneOfSchedule(first.id);
}

/** The first service with this policy; without a policy null: whatever takes what fits nothing. */
function serviceOf(policy: string | undefined, config: Config, at: Instant): string | null {
  if (policy === undefined) return null;
  return config.serviceIds.find((id) => config.plan(id, at, []).policy.id === policy) ?? null;
}
