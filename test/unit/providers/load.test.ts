import { describe, expect, it } from 'vitest';
import type { DeliverInput } from '../../../activities/contracts.js';
import type { NoteSparedInput } from '../../../activities/load-contracts.js';
import { countingPages, createLoadActivities, type MorningMailStart } from '../../../activities/load.js';
import type { Config } from '../../../config/types.js';
import type { DeliveryReport } from '../../../domain/incident/event.js';
import type { SparedIncident } from '../../../domain/messages/morning-mail.js';
import type { NightPage } from '../../../domain/oncall/night.js';
import type { CountedPage } from '../../../store/page-counts.js';
import { configOf } from '../config/support.js';

/** 03:00 in Berlin, 21:00 of the evening before in New York. */
const AT = Date.parse('2026-11-29T02:00Z');
const USERS = `
  alice: { name: Alice, phone: "+12025550101", zone: Europe/Berlin, manager: erin }
  bob: { name: Bob, phone: "+12025550102", zone: Europe/Berlin }
  erin: { name: Erin, phone: "+12025550105", zone: America/New_York }
  gil: { name: Gil, phone: "+12025550107", zone: Asia/Tokyo }`;
const GROUPS = `
  management: { members: [bob, gil] }
  executives: { members: [erin] }
  ops-room: { name: Ops room, contacts: [{ channel: sms, to: "+12025550199" }] }`;

const SPARED: NoteSparedInput = {
  openingId: 'o-1',
  code: '7KQ2',
  title: 'disk is full',
  service: 'payments',
  severity: 'SEV1',
  at: AT,
  tier: 'primary',
  instead: 'secondary',
  people: [{ userId: 'alice', name: 'Alice', count: 3, limit: 3 }],
  management: [{ kind: 'group', id: 'management' }],
};

function world(
  config: Config = configOf({ users: USERS, groups: GROUPS }),
  pages: readonly NightPage[] = [],
) {
  const mails: { readonly mail: MorningMailStart; readonly spared: SparedIncident }[] = [];
  const logged: string[] = [];
  const log = (fields: unknown, message: string): void =>
    void logged.push(`${JSON.stringify(fields)} ${message}`);
  const activities = createLoadActivities({
    config: () => config,
    nightPages: () => pages,
    addToMorningMail: (mail, spared) => {
      mails.push({ mail, spared });
      return Promise.resolve();
    },
    log: { info: log, warn: log, error: log },
  });
  return { activities, mails, logged };
}

describe('who hears in the morning that somebody was past their limit', () => {
  it('is their manager, at nine by the manager’s clock', async () => {
    const { activities, mails, logged } = world();
    expect(await activities.noteSpared(SPARED)).toEqual({ unheard: [] });
    const { people: _people, management: _management, ...incident } = SPARED;
    expect(mails).toEqual([
      {
        mail: {
          key: expect.stringMatching(/^[0-9a-f]{20}$/) as string,
          userId: 'erin',
          at: Date.parse('2026-11-29T14:00Z'),
        },
        spared: { ...incident, person: SPARED.people[0] },
      },
    ]);
    // Neither numbers nor names.
    expect(logged.join('\n')).not.toMatch(/Alice|Erin|\+1202/);
  });

  it('is the same mail for the whole night, and another one for another manager or morning', async () => {
    const { activities, mails } = world();
    await activities.noteSpared(SPARED);
    await activities.noteSpared({ ...SPARED, openingId: 'o-2', at: AT + 3_600_000 });
    await activities.noteSpared({ ...SPARED, at: Date.parse('2026-11-29T14:00Z') });
    await activities.noteSpared({ ...SPARED, people: [{ ...SPARED.people[0], userId: 'bob' } as never] });
    const keys = mails.map(({ mail }) => mail.key);
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(3);
    expect(mails[2]?.mail.at).toBe(Date.parse('2026-11-30T14:00Z'));
  });

  it('is management where there is no manager, each on their own clock, but for the person themself', async () => {
    const { activities, mails } = world();
    const bob = { userId: 'bob', name: 'Bob', count: 4, limit: 3 };
    expect(await activities.noteSpared({ ...SPARED, people: [bob] })).toEqual({ unheard: [] });
    expect(mails.map(({ mail: { userId, at } }) => [userId, new Date(at).toISOString()])).toEqual([
      ['gil', '2026-11-30T00:00:00.000Z'],
    ]);
  });

  it('is nobody where neither is configured: said, and not an error', async () => {
    const { activities, mails } = world();
    const bob = { userId: 'bob', name: 'Bob', count: 4, limit: 3 };
    expect(await activities.noteSpared({ ...SPARED, people: [bob], management: [] })).toEqual({
      unheard: ['Bob'],
    });
    expect(mails).toEqual([]);
  });
});

describe('the words of a morning mail', () => {
  const { people: _people, management: _management, ...incident } = SPARED;
  const spared = [{ ...incident, person: { userId: 'alice', name: 'Alice', count: 3, limit: 3 } }];

  it('are in the reader’s zone, and count the whole night as far as it is known', async () => {
    const pages = ['a', 'b', 'c', 'o-1', 'd'].map((openingId, index) => ({
      userId: 'alice',
      openingId,
      at: AT + index,
    }));
    const { activities } = world(undefined, pages);
    const letter = await activities.writeMorningMail({ userId: 'erin', id: 'morning-mail:k', spared });
    expect(letter).toMatchObject({ id: 'morning-mail:k', topic: 'morning' });
    expect(letter?.body[1]).toContain('Alice was paged for 5 incidents that night (limit 3)');
    expect(letter?.body[2]).toContain('Sat 28 Nov, 21:00');
    // A worker that knows less says what was known then.
    const fewer = await world(undefined, pages.slice(0, 1)).activities.writeMorningMail({
      ...{ userId: 'erin', id: 'k', spared },
    });
    expect(fewer?.body[1]).toContain('Alice was paged for 3 incidents');
  });

  it('are none for somebody who has left', async () => {
    const { activities, logged } = world();
    expect(await activities.writeMorningMail({ userId: 'zoe', id: 'k', spared })).toBeNull();
    expect(logged.join()).toContain('has left the configuration');
  });
});

describe('a page that a provider has', () => {
  const page: DeliverInput = {
    deliveryId: 'd1',
    idempotencyKey: 'k',
    userId: 'alice',
    method: { id: 'sms-1', channel: 'sms' },
    attempt: 1,
    message: {
      kind: 'page',
      openingId: 'o-1',
      code: '7KQ2',
      title: 'disk is full',
      service: 'payments',
      severity: 'SEV1',
      openedAt: AT,
      firing: 1,
      parts: [{ type: 'page', reason: 'alert', tier: 'primary', round: 1 }],
      validForMs: 60_000,
    },
  };

  async function noted(
    input: DeliverInput = page,
    status: 'sent' | 'failed' | 'cancelled' = 'sent',
    at = AT,
  ): Promise<readonly CountedPage[]> {
    const pages: CountedPage[] = [];
    const report =
      status === 'failed'
        ? { deliveryId: 'd1', provider: 'p', status, reason: 'unavailable' as const, retryable: true }
        : { deliveryId: 'd1', provider: 'p', status };
    const counting = countingPages(
      { deliver: (_input: DeliverInput): Promise<DeliveryReport> => Promise.resolve(report) },
      {
        config: () => configOf({ users: USERS }),
        clock: () => at,
        note: (each) => void pages.push(each),
        log: { error: () => undefined },
      },
    );
    expect(await counting.deliver(input)).toBe(report);
    return pages;
  }

  it('counts for the night of whoever got it', async () => {
    expect(await noted()).toEqual([
      { userId: 'alice', openingId: 'o-1', at: AT, nightFrom: Date.parse('2026-11-28T21:00Z') },
    ]);
  });

  it('does not count by day, for a group, or where it was not sent', async () => {
    expect(await noted(page, 'sent', AT + 5 * 3_600_000)).toEqual([]);
    expect(await noted({ ...page, userId: 'group:ops-room' })).toEqual([]);
    expect(await noted(page, 'failed')).toEqual([]);
    expect(await noted(page, 'cancelled')).toEqual([]);
  });

  it('says that a page has left also where it could not be counted', async () => {
    const report = { deliveryId: 'd1', provider: 'p', status: 'sent' } as const;
    const errors: string[] = [];
    const log = { error: (_fields: object, message: string) => void errors.push(message) };
    const fails = (): never => {
      throw new RangeError('broken');
    };
    const deliver = (_input: DeliverInput): Promise<DeliveryReport> => Promise.resolve(report);
    const config = () => configOf({ users: USERS });
    const broken = [
      { config: fails, note: () => undefined },
      { config, note: fails },
    ];
    for (const each of broken) {
      const counting = countingPages({ deliver }, { clock: () => AT, log, ...each });
      expect(await counting.deliver(page)).toBe(report);
    }
    expect(errors).toEqual(Array(2).fill('a page of the night could not be counted'));
    const refused = countingPages(
      {
        deliver: (_input: DeliverInput): Promise<DeliveryReport> => Promise.reject(new RangeError('broken')),
      },
      { clock: () => AT, log, config, note: () => undefined },
    );
    await expect(refused.deliver(page)).rejects.toThrow('broken');
  });

  it('does not count where it rings nobody', async () => {
    const [part] = page.message.parts;
    const informing = {
      ...part,
      type: 'page',
      reason: 'for-information',
      tier: 'primary',
      round: 1,
    } as const;
    expect(await noted({ ...page, message: { ...page.message, parts: [informing] } })).toEqual([]);
    const told = { type: 'told', what: 'management' } as const;
    expect(await noted({ ...page, message: { ...page.message, kind: 'notice', parts: [told] } })).toEqual([]);
  });
});
