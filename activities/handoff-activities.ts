import { ApplicationFailure } from '@temporalio/common';
import { plannedAnnouncements, plannedHandoffs, type HandoffSettings } from '../config/handoffs.js';
import { nightOf } from '../config/load-limits.js';
import type { Config, User } from '../config/types.js';
import { zoneTimes } from '../config/zone-times.js';
import { isStillAnnounced, wasOnCall, type PlannedAnnouncement } from '../domain/handoff/announce.js';
import type { NamedChange } from '../domain/handoff/digest.js';
import { DIGEST_BEFORE_MS, type PlannedHandoff } from '../domain/handoff/handoff.js';
import { callBegins, invitationText } from '../domain/handoff/invitation.js';
import {
  announcementLetter,
  confirmedLetter,
  digestLetter,
  firstShiftTest,
  placeWords,
  reminderLetter,
  unconfirmedLetter,
  type HandoffLetterInput,
} from '../domain/handoff/letters.js';
import { beginsAt, besideAfter, handsOver, isStillSo } from '../domain/handoff/planner.js';
import type { HandoffStarter, HandoffWorld } from '../domain/handoff/ports.js';
import type { Letter } from '../domain/messages/letter.js';
import type { OverridesAsOf } from '../domain/oncall/known.js';
import { dutyAt, onCallAt, type PreparedSchedule } from '../domain/oncall/on-call.js';
import { DAY, HOUR, MINUTE, type Instant } from '../domain/time/instant.js';
import { StoreAway, StoreTooNew } from '../store/errors.js';
import type { Store } from '../store/store.js';
import type { Tokens } from '../tokens/signed-token.js';
import type { Log } from './create-activities.js';
import type { HandoffActivities, WriteHandoffInput, Written } from './handoff-contracts.js';
import { gatherFacts, shiftBegan } from './handoff-facts.js';
import type { LetterActivities, SendLetterInput } from './letter-contracts.js';

export interface HandoffActivityDeps {
  /** Answers by the overrides that are known. */
  readonly config: () => Config;
  readonly overrides: () => OverridesAsOf;
  readonly starter: HandoffStarter;
  readonly world: HandoffWorld;
  readonly sendLetter: LetterActivities['sendLetter'];
  /** Absent: this installation has none; then there are no notes, and first shifts are told by the rotations alone. */
  readonly store?: Pick<Store, 'handoffs'>;
  readonly tokens: Pick<Tokens, 'sign'>;
  readonly publicUrl: string;
  readonly clock: () => Instant;
  readonly log: Log;
}

/** The planner comes every 15 minutes: what begins before it has come twice is started now. */
const AHEAD_MS = 30 * MINUTE;
/** A change that came about less than this ago (an override from now on, an outage) is still handed over. */
const BEHIND_MS = 30 * MINUTE;
/** A digest comes at most a night and an evening before its change. */
const LONGEST_LEAD_MS = 26 * HOUR;
/** How far back the rotations are looked at for an earlier shift where there is no store. */
const FIRST_SHIFT_LOOK_MS = 366 * DAY;

/** What the workflows of hand-overs need of a worker. None of these lets a number or an address out. */
export function createHandoffActivities(deps: HandoffActivityDeps): HandoffActivities {
  const { config, clock, log } = deps;
  const scheduleOf = (id: string): PreparedSchedule | null =>
    config().schedulesWith(deps.overrides().overrides).get(id) ?? null;
  const standing = (id: string): { schedule: PreparedSchedule; settings: HandoffSettings } | null => {
    const [schedule, settings] = [scheduleOf(id), config().handoffs.get(id)];
    return schedule === null || settings === undefined ? null : { schedule, settings };
  };

  async function send(input: SendLetterInput): Promise<Written> {
    const report = await deps.sendLetter(input);
    if (report.status === 'sent') return { status: 'sent' };
    const { topic } = input.letter;
    if (report.unknown === true || report.tries.some(({ retryable }) => retryable))
      throw ApplicationFailure.retryable(`no method took the ${topic} letter`, 'letter-not-sent');
    log.warn({ userId: input.userId, topic }, 'a letter could not be delivered');
    return { status: 'failed' };
  }

  return {
    planHandoffs: async () => {
      const now = clock();
      const { overrides } = deps.overrides();
      const handoffs = plannedHandoffs(config(), overrides, now - BEHIND_MS, now + LONGEST_LEAD_MS).filter(
        (plan) => beginsAt(plan) <= now + AHEAD_MS,
      );
      const announcements = plannedAnnouncements(config(), overrides, now, now + AHEAD_MS);
      const started = { handoffs: 0, announcements: 0 };
      for (const plan of handoffs) if (await deps.starter.handoff(plan)) started.handoffs += 1;
      for (const plan of announcements) if (await deps.starter.announcement(plan)) started.announcements += 1;
      if (started.handoffs + started.announcements > 0) log.info(started, 'hand-overs were planned');
      return started;
    },

    isHandoffStillSo: ({ plan }) => {
      const found = standing(plan.schedule);
      return Promise.resolve(found !== null && isStillSo(found.schedule, plan));
    },

    isAnnouncementStillSo: ({ plan }) => {
      const found = standing(plan.schedule);
      return Promise.resolve(found !== null && isStillAnnounced(found.schedule, plan));
    },

    writeHandoff: async (input) => {
      const { plan, kind, to } = input;
      const [found, reader] = [standing(plan.schedule), config().person(to)];
      if (found === null || reader === null) return { status: 'failed' };
      const letter = await handoffLetter(deps, input, found, reader);
      return send({
        userId: to,
        letter,
        by: { kind: 'notice' },
        idempotencyKey: `handoff-${plan.id}-${kind}`,
      });
    },

    whomToTell: ({ plan }) => {
      const found = standing(plan.schedule);
      if (found === null) return Promise.resolve([]);
      const beside = besideAfter(found.schedule, plan);
      const { owner } = found.settings;
      const target = owner ?? (plan.coming === null ? null : { kind: 'manager' as const, of: [plan.coming] });
      const owners =
        target === null
          ? []
          : config()
              .findPeople([target], 'low', clock())
              .people.map(({ userId }) => userId);
      const people = [beside, ...owners].filter((id): id is string => id !== null && id !== plan.coming);
      return Promise.resolve([...new Set(people)]);
    },

    takeOver: async ({ plan, confirmed }) => {
      const found = standing(plan.schedule);
      const to = config().person(confirmed.by);
      if (found === null || to === null || plan.leaving === null) return 0;
      if (!handsOver(found.schedule, plan)) return 0;
      return deps.world.takeOver({
        handoffId: plan.id,
        schedule: plan.schedule,
        services: found.settings.services,
        from: plan.leaving,
        to: { id: to.id, name: to.name },
        via: confirmed.via,
      });
    },

    writeAnnouncement: async ({ plan, to }) => {
      const [found, reader] = [standing(plan.schedule), config().person(to.userId)];
      if (found === null || reader === null) return { status: 'failed' };
      const names = {
        schedule: found.settings.name,
        coming: nameOf(config(), plan.coming),
        until: dutyAt(found.schedule, plan.slot, plan.at)?.to ?? null,
      };
      return send({
        userId: to.userId,
        letter: announcementLetter(plan, to.role, names, zoneTimes(reader.zone)),
        by: { kind: 'notice' },
        idempotencyKey: `announcement-${plan.id}`,
      });
    },

    firstShiftMethods: async ({ plan }) => {
      const [found, reader] = [standing(plan.schedule), config().person(plan.coming)];
      if (found === null || reader === null) return [];
      // A test minutes before somebody changes to the other place only frightens: they are paged this way already.
      const duty = onCallAt(found.schedule, clock());
      if (duty.primary === plan.coming || duty.secondary === plan.coming) return [];
      if (!(await isFirstShift(deps, found.schedule, plan))) return [];
      const { people } = config().findPeople([{ kind: 'user', id: plan.coming }], 'high', clock());
      // An override that came late may fall into their night: a test is no reason to ring.
      const isNight = nightOf(config(), plan.coming, clock()) !== null;
      const ids = people
        .flatMap(({ rules }) => rules.flatMap(({ methods }) => methods))
        .filter(({ channel }) => !(isNight && channel === 'voice'))
        .map(({ id }) => id);
      return [...new Set(ids)];
    },

    writeFirstShiftTest: async ({ plan, methodId }) => {
      const [found, reader] = [standing(plan.schedule), config().person(plan.coming)];
      if (found === null || reader === null) return { status: 'failed' };
      return send({
        userId: plan.coming,
        letter: firstShiftTest(plan, { schedule: found.settings.name }, zoneTimes(reader.zone)),
        by: { kind: 'method', id: methodId },
        idempotencyKey: `first-shift-${plan.id}`,
      });
    },
  };
}

/** The words of one letter, with what is so at this moment. */
async function handoffLetter(
  deps: HandoffActivityDeps,
  { plan, kind, to }: WriteHandoffInput,
  { schedule, settings }: { readonly schedule: PreparedSchedule; readonly settings: HandoffSettings },
  reader: User,
): Promise<Letter> {
  const now = deps.clock();
  const change = namedChange(deps.config(), settings.name, plan);
  const input: HandoffLetterInput = {
    id: plan.id,
    code: plan.code,
    change,
    takesOver: handsOver(schedule, plan),
    times: zoneTimes(reader.zone),
    now,
  };
  const action = {
    label: 'Confirm the hand-over',
    url: `${deps.publicUrl.replace(/\/+$/, '')}/h/${deps.tokens.sign({ p: 'handoff', o: plan.id, u: to, e: plan.until + DAY })}`,
  };
  switch (kind) {
    case 'digest-leaving':
    case 'digest-coming': {
      const facts = await gatherFacts({
        world: deps.world,
        services: settings.services,
        since: shiftBegan(schedule, plan),
        notes: () => notesOf(deps, plan, shiftBegan(schedule, plan)),
        log: deps.log,
      });
      const side = kind === 'digest-coming' ? 'coming' : 'leaving';
      const calendar = callOf(settings, plan, change, now);
      return digestLetter(input, side, facts, {
        ...(side === 'coming' ? { action } : {}),
        ...(calendar === null ? {} : { calendar }),
      });
    }
    case 'reminder':
      return reminderLetter(input, action);
    case 'unconfirmed':
      return unconfirmedLetter(input);
    case 'confirmed':
      return confirmedLetter(input);
    default:
      return kind satisfies never;
  }
}

/** The call in which the two hand over: only with two people, and while it is still ahead. */
function callOf(
  { callMs }: HandoffSettings,
  plan: PlannedHandoff,
  change: NamedChange,
  now: Instant,
): NonNullable<Letter['calendar']> | null {
  const from = callBegins(plan);
  if (callMs === null || plan.leaving === null || plan.coming === null || from + DIGEST_BEFORE_MS < now)
    return null;
  const title = `${placeWords(change)}: ${change.leaving ?? ''} to ${change.coming ?? ''}`;
  return {
    fileName: 'hand-over.ics',
    text: invitationText({
      id: plan.id,
      from,
      lengthMs: callMs,
      title,
      description: `${change.leaving ?? ''} tells ${change.coming ?? ''} what is open and what to watch.`,
      madeAt: now,
    }),
  };
}

function namedChange(config: Config, schedule: string, plan: PlannedHandoff): NamedChange {
  const { slot, at, leaving, coming } = plan;
  const name = (id: string | null): string | null => (id === null ? null : nameOf(config, id));
  return { schedule, slot, at, leaving: name(leaving), coming: name(coming) };
}

function nameOf(config: Config, userId: string): string {
  return config.person(userId)?.name ?? userId;
}

async function notesOf({ store, config }: HandoffActivityDeps, { schedule }: PlannedHandoff, since: Instant) {
  const notes = (await store?.handoffs.notes({ schedule, since })) ?? [];
  return notes.map(({ by, createdAt, text }) => ({ by: nameOf(config(), by), at: createdAt, text }));
}

/**
 * Whether somebody has no earlier shift of this schedule: none was announced before, as the store knows; while it can't say, and
 * without one, none by the rotations of the year before.
 */
async function isFirstShift(
  { store, log, clock }: HandoffActivityDeps,
  schedule: PreparedSchedule,
  { id, coming, at }: PlannedAnnouncement,
): Promise<boolean> {
  const byRotations = !wasOnCall(schedule, coming, at - FIRST_SHIFT_LOOK_MS, at);
  if (store === undefined) return byRotations;
  try {
    return await store.handoffs.isFirst({
      schedule: schedule.id,
      userId: coming,
      announcement: id,
      at: clock(),
    });
  } catch (error) {
    if (!(error instanceof StoreAway || error instanceof StoreTooNew)) throw error;
    log.warn({ schedule: schedule.id }, 'the store could not be asked whether a shift is the first');
    return byRotations;
  }
}
