import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../config/load.js';
import type { Target } from '../../../domain/escalation/policy.js';
import { MINUTE } from '../../../domain/time/instant.js';
import { configOf, utc } from './support.js';

const TUESDAY = utc('2026-01-06 10:00');
const primary: Target = { kind: 'schedule', id: 'payments', slot: 'primary' };
const secondary: Target = { kind: 'schedule', id: 'payments', slot: 'secondary' };

describe('people are found', () => {
  it('by schedule, user, team and manager, in the order of the targets and each once', () => {
    const config = configOf({ teams: '\n  web: { members: [bob, erin, alice] }' });
    const found = config.findPeople(
      [secondary, { kind: 'team', id: 'web' }, { kind: 'manager', of: ['alice'] }, primary],
      'high',
      TUESDAY,
    );
    expect(found.people.map(({ userId, name, via }) => [userId, name, via])).toEqual([
      ['bob', 'Bob', 'secondary of payments'],
      ['erin', 'Erin', 'team web'],
      ['alice', 'Alice', 'team web'],
    ]);
    expect(found.problems).toEqual([]);
  });

  it('with the rules of the specification: SMS and email at once, a call after 1 minute, another after 3', () => {
    const [alice] = configOf().findPeople([primary], 'high', TUESDAY).people;
    expect(alice?.rules).toEqual([
      {
        afterMs: 0,
        methods: [
          { id: 'sms-1', channel: 'sms' },
          { id: 'email-1', channel: 'email' },
        ],
      },
      { afterMs: MINUTE, methods: [{ id: 'voice-1', channel: 'voice' }] },
      { afterMs: 3 * MINUTE, methods: [{ id: 'voice-1', channel: 'voice' }] },
    ]);
    expect(alice?.notice.map(({ channel }) => channel)).toEqual(['sms', 'email']);
  });

  it('with low urgency by email only', () => {
    const [alice] = configOf().findPeople([primary], 'low', TUESDAY).people;
    expect(alice?.rules).toEqual([{ afterMs: 0, methods: [{ id: 'email-1', channel: 'email' }] }]);
  });

  it('with low urgency by SMS when they have no mailbox, never by a call', () => {
    const config = configOf({
      users: `
  alice: { name: Alice, phone: "+12025550101", manager: erin }
  bob: { name: Bob, phone: "+12025550102" }
  erin: { name: Erin, phone: "+12025550105" }`,
    });
    expect(config.findPeople([primary], 'low', TUESDAY).people[0]?.rules).toEqual([
      { afterMs: 0, methods: [{ id: 'sms-1', channel: 'sms' }] },
    ]);
  });

  it('by their own rules and methods, else by those under defaults', () => {
    const config = configOf({
      users: `
  alice:
    name: Alice
    methods:
      - { id: work, channel: sms, to: "+12025550101" }
      - { channel: voice, to: "+12025550101" }
      - { channel: voice, to: "+12025550111" }
    notify: { high: [{ after: 90s, via: [voice] }, { after: 0s, via: [work] }] }
  bob: { name: Bob, phone: "+12025550102", email: bob@example.com }
  erin: { name: Erin, phone: "+12025550105", email: erin@example.com }`,
      defaults: '{ notify: { high: [{ after: 0s, via: [voice] }] } }',
    });
    const found = config.findPeople([primary, secondary], 'high', TUESDAY).people;
    expect(found[0]?.rules).toEqual([
      { afterMs: 0, methods: [{ id: 'work', channel: 'sms' }] },
      {
        afterMs: 90_000,
        methods: [
          { id: 'voice-1', channel: 'voice' },
          { id: 'voice-2', channel: 'voice' },
        ],
      },
    ]);
    expect(found[1]?.rules).toEqual([{ afterMs: 0, methods: [{ id: 'voice-1', channel: 'voice' }] }]);
  });

  it('in a group as its own contacts and its members, by its channels, at once and never by a call', () => {
    const config = configOf({
      groups: `
  ops-room:
    name: Ops room
    channels: [sms]
    members: [erin]
    contacts: [{ channel: email, to: ops@example.com }, { channel: sms, to: "+12025550199" }]`,
    });
    const found = config.findPeople([{ kind: 'group', id: 'ops-room' }], 'high', TUESDAY);
    expect(found.people.map(({ userId, name, via, rules }) => ({ userId, name, via, rules }))).toEqual([
      {
        userId: 'group:ops-room',
        name: 'Ops room',
        via: 'group ops-room',
        rules: [
          {
            afterMs: 0,
            methods: [
              { id: 'sms-1', channel: 'sms' },
              { id: 'email-1', channel: 'email' },
            ],
          },
        ],
      },
      {
        userId: 'erin',
        name: 'Erin',
        via: 'group ops-room',
        rules: [{ afterMs: 0, methods: [{ id: 'sms-1', channel: 'sms' }] }],
      },
    ]);
    expect(config.method('group:ops-room', 'sms-1')?.method.address).toBe('+12025550199');
    expect(config.userByPhone('+12025550199')?.id).toBe('group:ops-room');
    expect(config.person('group:ops-room')?.name).toBe('Ops room');
    expect(config.person('alice')?.name).toBe('Alice');
    expect(config.person('group:dissolved')).toBeNull();
  });

  it('and what is missing is said in words', () => {
    const config = configOf({
      schedules: `
  payments:
    rotation:
      { type: weekly, handover: "09:00", start: 2026-01-05, participants: [alice, bob], restrict: [{ from: "12:00", to: "09:00" }] }`,
    });
    expect(
      config.findPeople(
        [primary, { kind: 'manager', of: ['bob'] }, { kind: 'user', id: 'zoe' }, { kind: 'user', id: 'bob' }],
        'high',
        TUESDAY,
      ),
    ).toMatchObject({
      people: [{ userId: 'bob' }],
      problems: [
        'nobody is primary of payments now',
        'bob has no manager in the config',
        'zoe (user zoe) is no longer in the config',
      ],
    });
  });

  it('without any phone number or address in the answer', () => {
    const config = configOf();
    const found = config.findPeople([primary, secondary, { kind: 'group', id: 'ops-room' }], 'high', TUESDAY);
    expect(JSON.stringify(found)).not.toMatch(/\+\d|@/);
  });

  it('within five milliseconds', async () => {
    const result = await loadConfig('examples/follow-the-sun', {}, { secrets: 'optional' });
    if (!result.ok) throw new Error('the example is valid');
    const { config } = result;
    const targets: readonly Target[] = [
      { kind: 'schedule', id: 'platform', slot: 'primary' },
      { kind: 'schedule', id: 'platform', slot: 'secondary' },
      { kind: 'team', id: 'platform' },
    ];
    config.findPeople(targets, 'high', TUESDAY);
    const begin = performance.now();
    for (let hour = 0; hour < 100; hour += 1) config.findPeople(targets, 'high', TUESDAY + hour * 3_600_000);
    expect((performance.now() - begin) / 100).toBeLessThan(5);
  });
});

describe('contact methods', () => {
  it('are looked up by user and id, and gone when the config no longer has them', () => {
    const config = configOf();
    expect(config.method('alice', 'voice-1')).toMatchObject({
      user: { id: 'alice', zone: 'UTC', manager: 'erin' },
      method: { channel: 'voice', address: '+12025550101' },
    });
    expect(config.method('alice', 'voice-2')).toBeNull();
    expect(config.method('zoe', 'sms-1')).toBeNull();
  });

  it('lead back to their user', () => {
    const config = configOf();
    expect(config.userByPhone('+12025550102')?.id).toBe('bob');
    expect(config.userByPhone('+12025550999')).toBeNull();
  });
});

describe('who is on call', () => {
  it('is told for every schedule, with the time of the next change', () => {
    expect(configOf().onCall(TUESDAY)).toMatchObject([
      { schedule: 'payments', primary: 'alice', secondary: 'bob', until: utc('2026-01-12 08:00') },
    ]);
  });
});
