import { describe, expect, it } from 'vitest';
import { createHandoffActivities, type HandoffActivityDeps } from '../../../activities/handoff-activities.js';
import type { LetterReport, SendLetterInput } from '../../../activities/letter-contracts.js';
import { plannedAnnouncements, plannedHandoffs } from '../../../config/handoffs.js';
import type { DigestIncident } from '../../../domain/handoff/digest.js';
import type { TakeOver } from '../../../domain/handoff/ports.js';
import type { Override } from '../../../domain/oncall/override.js';
import { DAY, HOUR, MINUTE, type Instant } from '../../../domain/time/instant.js';
import { StoreAway } from '../../../store/errors.js';
import { createTokens } from '../../../tokens/signed-token.js';
import { configOf, utc } from '../config/support.js';
import { overrideOf } from './support.js';

/** From alice to bob, Monday 09:00 in Berlin. Three people, so that bob moves up and carol comes. */
const CHANGE = utc('2026-01-12 08:00');
const tokens = createTokens('a secret of the tests, long enough');
const SENT: LetterReport = {
  status: 'sent',
  methodId: 'sms-1',
  channel: 'sms',
  provider: 'texts',
  providerId: 'SM1',
};

function world(
  changes: Partial<HandoffActivityDeps> & { readonly now?: Instant; readonly owner?: string } = {},
) {
  const { now = CHANGE - 30 * MINUTE, owner, ...deps } = changes;
  const letters: SendLetterInput[] = [];
  const started: string[] = [];
  const taken: TakeOver[] = [];
  const asked: unknown[] = [];
  const config = configOf({
    users: `
  alice: { name: Alice, phone: "+12025550101", email: alice@example.com, zone: Europe/Berlin }
  bob: { name: Bob, phone: "+12025550102", email: bob@example.com, zone: Europe/Berlin, manager: erin }
  carol: { name: Carol, phone: "+12025550103", zone: Europe/Berlin }
  dan: { name: Dan, phone: "+12025550104", zone: Europe/Berlin }
  erin: { name: Erin, phone: "+12025550105", email: erin@example.com }`,
    schedules: `
  payments:
    zone: Europe/Berlin
    rotation: { type: weekly, handover: "09:00", start: 2026-01-05, participants: [alice, bob, carol] }${owner === undefined ? '' : `\n    handoff: { owner: "${owner}" }`}`,
  });
  const once = (id: string): Promise<boolean> => {
    if (started.includes(id)) return Promise.resolve(false);
    started.push(id);
    return Promise.resolve(true);
  };
  const open: DigestIncident = {
    code: '7KQ2',
    title: 'checkout is down',
    service: 'other',
    severity: 'SEV1',
    phase: 'acknowledged',
    owner: 'Alice',
    openedAt: now - HOUR,
  };
  const activities = createHandoffActivities({
    config: () => config,
    overrides: () => ({ overrides: [], asOf: now, isStale: false }),
    starter: {
      handoff: (plan) => once(`handoff ${plan.slot}`),
      announcement: (plan) => once(`announcement ${plan.slot} ${plan.coming}`),
    },
    world: {
      open: (services) => {
        asked.push(services);
        return Promise.resolve([open]);
      },
      recent: (services, since) => {
        asked.push([services, since]);
        return Promise.resolve([]);
      },
      duties: () => Promise.reject(new Error('Temporal is away')),
      takeOver: (request) => {
        taken.push(request);
        return Promise.resolve(2);
      },
    },
    sendLetter: (input) => {
      letters.push(input);
      return Promise.resolve(SENT);
    },
    tokens,
    publicUrl: 'https://tocsin.example.com/',
    clock: () => now,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    ...deps,
  });
  const plans = plannedHandoffs(config, [], CHANGE - HOUR, CHANGE + HOUR);
  const [primary, secondary] = plans;
  if (primary === undefined || secondary === undefined) throw new Error('nothing is planned');
  return { activities, letters, started, taken, asked, primary, secondary, config };
}

const overrides = (...all: Override[]): Pick<HandoffActivityDeps, 'overrides'> => ({
  overrides: () => ({ overrides: all, asOf: CHANGE, isStale: false }),
});

describe('the planner', () => {
  it('starts what begins before it has come twice, and again nothing', async () => {
    const { activities, started } = world({ now: CHANGE - HOUR });
    expect(await activities.planHandoffs()).toEqual({ handoffs: 2, announcements: 2 });
    expect(started).toEqual([
      'handoff primary',
      'handoff secondary',
      'announcement primary bob',
      'announcement secondary carol',
    ]);
    expect(await activities.planHandoffs()).toEqual({ handoffs: 0, announcements: 0 });
  });

  it('comes neither too early nor, after an outage, much too late', async () => {
    const at = async (now: Instant): Promise<number> =>
      (await world({ now }).activities.planHandoffs()).handoffs;
    expect(await at(CHANGE - 61 * MINUTE)).toBe(0);
    expect(await at(CHANGE + 29 * MINUTE)).toBe(2);
    expect(await at(CHANGE + 31 * MINUTE)).toBe(0);
  });

  it('hands over by an override that begins now', async () => {
    const now = CHANGE + 3 * HOUR;
    const cover = overrideOf({ schedule: 'payments', userId: 'dan', from: now - MINUTE, to: now + 4 * HOUR });
    const { activities, started } = world({ now, ...overrides(cover) });
    await activities.planHandoffs();
    expect(started).toEqual(['handoff primary']);
  });
});

describe('what is still so', () => {
  it('is asked of the overrides that are known now', async () => {
    const { activities, primary } = world();
    expect(await activities.isHandoffStillSo({ plan: primary })).toBe(true);
    const cover = overrideOf({ schedule: 'payments', userId: 'dan', from: CHANGE, to: CHANGE + DAY });
    expect(await world(overrides(cover)).activities.isHandoffStillSo({ plan: primary })).toBe(false);
    expect(await activities.isHandoffStillSo({ plan: { ...primary, schedule: 'gone' } })).toBe(false);
  });
});

describe('a letter of a hand-over', () => {
  it('goes to who comes with what is open, a link of their own and the call; what is unknown is named', async () => {
    const { activities, letters, primary, asked } = world();
    await activities.writeHandoff({ plan: primary, kind: 'digest-coming', to: 'bob' });
    const [sent] = letters;
    expect(sent).toMatchObject({
      userId: 'bob',
      by: { kind: 'notice' },
      idempotencyKey: `handoff-${primary.id}-digest-coming`,
    });
    expect(sent?.letter.body).toContainEqual(expect.stringContaining('7KQ2 other: checkout is down'));
    expect(sent?.letter.body).toContainEqual(
      expect.stringContaining('The postmortems could not be looked up'),
    );
    const token = /^https:\/\/tocsin\.example\.com\/h\/(.+)$/.exec(sent?.letter.action?.url ?? '')?.[1] ?? '';
    expect(tokens.verify(token, CHANGE)).toMatchObject({
      ok: true,
      claims: { p: 'handoff', o: primary.id, u: 'bob' },
    });
    expect(sent?.letter.calendar?.text).toContain('DTSTART:20260112T080000Z');
    // The shift that ends began a week ago.
    expect(asked).toEqual([['other'], [['other'], CHANGE - 7 * DAY]]);
    expect(JSON.stringify(letters)).not.toMatch(/\+1202|@example\.com/);
  });

  it('has no button for who leaves', async () => {
    const { activities, letters, primary } = world();
    await activities.writeHandoff({ plan: primary, kind: 'digest-leaving', to: 'alice' });
    expect(letters[0]?.letter.action).toBeUndefined();
  });

  it('is tried again by whoever asked when that can help, and is given up when not', async () => {
    const report = (retryable: boolean): LetterReport => ({
      status: 'failed',
      tries: [{ methodId: 'sms-1', channel: 'sms', reason: 'unavailable', retryable }],
    });
    const send = (retryable: boolean) => {
      const { activities, primary } = world({ sendLetter: () => Promise.resolve(report(retryable)) });
      return activities.writeHandoff({ plan: primary, kind: 'reminder', to: 'bob' });
    };
    await expect(send(true)).rejects.toThrow('no method took the handoff letter');
    expect(await send(false)).toEqual({ status: 'failed' });
  });

  it('has the notes of the shift, and goes out without them while the store is away', async () => {
    const note = {
      id: 'n',
      schedule: 'payments',
      text: 'watch the queue',
      by: 'alice',
      createdAt: CHANGE - DAY,
    };
    const handoffs = (notes: () => Promise<readonly (typeof note)[]>): HandoffActivityDeps['store'] => ({
      handoffs: { notes, addNote: never, removeNote: never, isFirst: never },
    });
    const bodyWith = async (store: HandoffActivityDeps['store']): Promise<string> => {
      const { activities, letters, primary } = world(store === undefined ? {} : { store });
      await activities.writeHandoff({ plan: primary, kind: 'digest-coming', to: 'bob' });
      return letters[0]?.letter.body.join('\n') ?? '';
    };
    expect(await bodyWith(handoffs(() => Promise.resolve([note])))).toContain(
      '- Alice, Sun 11 Jan, 09:00 CET: watch the queue',
    );
    expect(await bodyWith(handoffs(() => Promise.reject(new StoreAway('unreachable', 'gone'))))).toContain(
      'The notes could not be looked up',
    );
  });
});

const never = (): Promise<never> => Promise.reject(new Error('not asked for'));

describe('when nobody confirms', () => {
  it('who is beside them is told, and the owner of the schedule, else their manager', async () => {
    const { activities, primary } = world();
    expect(await activities.whomToTell({ plan: primary })).toEqual(['carol', 'erin']);
    expect(await world({ owner: 'user:dan' }).activities.whomToTell({ plan: primary })).toEqual([
      'carol',
      'dan',
    ]);
  });
});

describe('taking over', () => {
  it('passes on what the leaving primary has of the services of the schedule', async () => {
    const { activities, taken, primary } = world();
    expect(await activities.takeOver({ plan: primary, confirmed: { by: 'bob', via: 'sms' } })).toBe(2);
    expect(taken).toEqual([
      {
        handoffId: primary.id,
        schedule: 'payments',
        services: ['other'],
        from: 'alice',
        to: { id: 'bob', name: 'Bob' },
        via: 'sms',
      },
    ]);
  });

  it('leaves a secondary who is primary now what they have', async () => {
    const { activities, taken, secondary } = world();
    expect(secondary).toMatchObject({ leaving: 'bob', coming: 'carol' });
    expect(await activities.takeOver({ plan: secondary, confirmed: { by: 'carol', via: 'sms' } })).toBe(0);
    expect(taken).toEqual([]);
  });
});

describe('before a first shift', () => {
  const plansOf = (config: ReturnType<typeof world>['config'], at: Instant) =>
    plannedAnnouncements(config, [], at - HOUR, at);

  it('each way to page is tested, by the rotations where there is no store', async () => {
    const { activities, letters, config } = world();
    const [bob, carol] = plansOf(config, CHANGE);
    if (bob === undefined || carol === undefined) throw new Error('nothing is announced');
    // bob was secondary in the week before; carol was neither.
    expect(await activities.firstShiftMethods({ plan: bob })).toEqual([]);
    const methods = await activities.firstShiftMethods({ plan: carol });
    expect(methods).toEqual(['sms-1', 'voice-1']);
    await activities.writeFirstShiftTest({ plan: carol, methodId: 'voice-1' });
    expect(letters[0]).toMatchObject({
      userId: 'carol',
      by: { kind: 'method', id: 'voice-1' },
      letter: { topic: 'test' },
    });
    expect(letters[0]?.letter.short).toMatch(/^\[TEST\]/);
  });

  it('nobody is rung up by night', async () => {
    const { activities, config } = world({ now: CHANGE - 6 * HOUR });
    const [, carol] = plansOf(config, CHANGE);
    if (carol === undefined) throw new Error('nothing is announced');
    expect(await activities.firstShiftMethods({ plan: carol })).toEqual(['sms-1']);
  });

  it('the store decides where there is one, and the rotations while it is away', async () => {
    const store = (isFirst: () => Promise<boolean>): Partial<HandoffActivityDeps> => ({
      store: { handoffs: { notes: never, addNote: never, removeNote: never, isFirst } },
    });
    const methodsOf = async (changes: Partial<HandoffActivityDeps>): Promise<number[]> => {
      const { activities, config } = world(changes);
      const all = await Promise.all(
        plansOf(config, CHANGE).map((plan) => activities.firstShiftMethods({ plan })),
      );
      return all.map(({ length }) => length);
    };
    // Bob is secondary until then: pages reach him already, whatever the store knows.
    expect(await methodsOf(store(() => Promise.resolve(true)))).toEqual([0, 2]);
    expect(await methodsOf(store(() => Promise.resolve(false)))).toEqual([0, 0]);
    expect(await methodsOf(store(() => Promise.reject(new StoreAway('slow', 'slow'))))).toEqual([0, 2]);
  });
});
