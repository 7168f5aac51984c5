import { describe, expect, it } from 'vitest';
import { load, marked, said, yamlWith } from './support.js';

interface Case {
  readonly of: string;
  /** Sections of the config; `‸` marks where the problem must point. */
  readonly given: Readonly<Record<string, string | null>>;
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
  readonly variable?: string;
}

const user = (rest: string): Record<string, string> => ({
  users: `
  alice: { name: Alice, phone: "+12025550101", email: alice@example.com, manager: erin }
  bob: { name: Bob, phone: "+12025550102", email: bob@example.com }
  erin: { name: Erin, phone: "+12025550105", email: erin@example.com }
  ${rest}`,
});
const policy = (rest: string): Record<string, string> => ({ policies: `\n  default:${rest}` });
const STEPS = '\n    steps: [{ targets: ["user:alice"] }]';
const CATCH_ALL = '\n    catchAll: { targets: ["group:ops-room"] }';

const ERRORS: readonly Case[] = [
  {
    of: 'a misspelt section',
    given: { '‸polices': '{}' },
    path: 'polices',
    message: 'is not a key that Tocsin knows here',
    remedy: 'Did you mean "policies"?',
  },
  {
    of: 'a misspelt key deep inside',
    given: policy(`${STEPS}\n    ‸catchall: { targets: ["group:ops-room"] }`),
    path: 'policies.default.catchall',
    message: 'is not a key that Tocsin knows here',
    remedy: 'Did you mean "catchAll"?',
  },
  {
    of: 'a key that resembles nothing',
    given: { businessHours: '{ ‸elephant: 3 }' },
    path: 'businessHours.elephant',
    message: 'is not a key that Tocsin knows here',
    remedy: 'Remove it, or use one of: zone, days, from, to, holidays.',
  },
  {
    of: 'a user without a name',
    given: user('‸fay: { phone: "+12025550107" }'),
    path: 'users.fay.name',
    message: 'is missing',
    remedy: 'Write the name that people read in messages.',
  },
  {
    of: 'a phone number without its country',
    given: user('fay: { name: Fay, phone: ‸"2025550107" }'),
    path: 'users.fay.phone',
    message: 'is not a phone number in E.164 form',
    remedy: 'Write plus, country code and number without spaces, in quotes: "+12025550101".',
  },
  {
    of: 'a phone number that YAML reads as a number',
    given: user('fay: { name: Fay, phone: ‸+12025550107 }'),
    path: 'users.fay.phone',
    message: 'is not a phone number in E.164 form',
    remedy: 'Write plus, country code and number without spaces, in quotes: "+12025550101".',
  },
  {
    of: 'a phone number that its country does not have',
    given: user('fay: { name: Fay, phone: ‸"+15550100000" }'),
    path: 'users.fay.phone',
    message: 'is not a phone number in E.164 form',
    remedy: 'Write plus, country code and number without spaces, in quotes: "+12025550101".',
  },
  {
    of: 'a time zone that does not exist',
    given: user('fay: { name: Fay, email: fay@example.com, zone: ‸Europe/Atlantis }'),
    path: 'users.fay.zone',
    message: 'is not a time zone',
    remedy: 'Write an IANA name such as Europe/Berlin, America/New_York or UTC.',
  },
  {
    of: 'a person whom nothing can reach',
    given: user('‸fay: { name: Fay }'),
    path: 'users.fay',
    message: 'has no way to be paged',
    remedy: 'Give this user a phone: "+12025550101" or an email: alice@example.com.',
  },
  {
    of: 'two people with one number',
    given: user('fay: { name: Fay, phone: ‸"+12025550102" }'),
    path: 'users.fay.phone',
    message: "is already a number of user bob, so that an answer from it could be anybody's",
    remedy: 'Give each person a number of their own.',
  },
  {
    of: 'an unknown manager',
    given: user('fay: { name: Fay, phone: "+12025550107", manager: ‸irin }'),
    path: 'users.fay.manager',
    message: 'there is no user "irin"',
    remedy: 'Did you mean "erin"?',
  },
  {
    of: 'a notification rule that names no method',
    given: user(
      'fay: { name: Fay, phone: "+12025550107", notify: { high: [{ after: 0s, via: [‸pigeon] }] } }',
    ),
    path: 'users.fay.notify.high[0].via[0]',
    message: 'there is no channel or contact method "pigeon" here',
    remedy: 'Use one of: sms, voice, push, email, webhook, sms-1, voice-1.',
  },
  {
    of: 'an address where a number belongs',
    given: user('fay: { name: Fay, methods: [{ channel: voice, to: ‸fay@example.com }] }'),
    path: 'users.fay.methods[0].to',
    message: 'is an address where a phone number belongs',
    remedy: 'Write the number in E.164: "+12025550101".',
  },
  {
    of: 'an id that is none',
    given: user('‸"fay frost": { name: Fay, phone: "+12025550107" }'),
    path: 'users["fay frost"]',
    message: 'is not an id',
    remedy: 'Use 1 to 40 letters, digits, dots, dashes or underscores, beginning with a letter or digit.',
  },
  {
    of: 'a group that would call',
    given: { teams: '{}', groups: '\n  ops-room: { members: [erin], channels: [‸voice] }' },
    path: 'groups.ops-room.channels[0]',
    message: 'is not a channel of a group',
    remedy: 'Use sms, push, email or webhook: a group is never called.',
  },
  {
    of: 'a group of nobody',
    given: { groups: '\n  ops-room: { contacts: [{ channel: sms, to: "+12025550199" }] }\n  ‸empty: {}' },
    path: 'groups.empty',
    message: 'has nobody in it',
    remedy: 'List members: [alice], or contacts: [{ channel: sms, to: "+12025550199" }].',
  },
  {
    of: 'a duration without a unit',
    given: policy(`\n    steps: [{ targets: ["user:alice"], timeout: ‸5 }]${CATCH_ALL}`),
    path: 'policies.default.steps[0].timeout',
    message: 'is not a duration',
    remedy: 'Write a number with its unit, at most 400 days in all: 30s, 5m, 1h30m, 48h, 7d.',
  },
  {
    of: 'an ack time-out of nothing',
    given: policy(`\n    steps: [{ targets: ["user:alice"], timeout: ‸0s }]${CATCH_ALL}`),
    path: 'policies.default.steps[0].timeout',
    message: 'must be longer than nothing',
    remedy: 'Write at least 1ms, usually minutes: 5m.',
  },
  {
    of: 'a policy without a catch-all',
    given: { policies: `\n  ‸default:${STEPS}` },
    path: 'policies.default.catchAll',
    message: 'is missing',
    remedy:
      'Say who is paged when every round went unanswered: catchAll: { targets: ["group:ops-room"], every: 15m }.',
  },
  {
    of: 'a policy without steps',
    given: policy(`\n    steps: ‸[]${CATCH_ALL}`),
    path: 'policies.default.steps',
    message: 'is empty',
    remedy: 'Name at least one.',
  },
  {
    of: 'an unknown user in a step',
    given: policy(`\n    steps: [{ targets: [‸"user:alcie"] }]${CATCH_ALL}`),
    path: 'policies.default.steps[0].targets[0]',
    message: 'there is no user "alcie"',
    remedy: 'Did you mean "alice"?',
  },
  {
    of: 'an unknown schedule in a step',
    given: policy(`\n    steps: [{ targets: [‸"schedule:frontend/primary"] }]${CATCH_ALL}`),
    path: 'policies.default.steps[0].targets[0]',
    message: 'there is no schedule "frontend"',
    remedy: 'Use one of: payments; or add it under schedules.',
  },
  {
    of: 'a target that is none',
    given: policy(`\n    steps: [{ targets: [‸alice] }]${CATCH_ALL}`),
    path: 'policies.default.steps[0].targets[0]',
    message: 'is not a target',
    remedy:
      'Write user:<id>, schedule:<id>/primary, schedule:<id>/secondary, team:<id>, group:<id> or manager:<user id>.',
  },
  {
    of: 'a third slot of a schedule',
    given: policy(`\n    steps: [{ targets: [‸"schedule:payments/tertiary"] }]${CATCH_ALL}`),
    path: 'policies.default.steps[0].targets[0]',
    message: 'is not a target',
    remedy:
      'Write user:<id>, schedule:<id>/primary, schedule:<id>/secondary, team:<id>, group:<id> or manager:<user id>.',
  },
  {
    of: 'a secondary of a schedule that never has one',
    given: {
      schedules: `
  payments:
    rotation: { type: weekly, handover: "09:00", start: 2026-01-05, participants: [alice] }`,
      ...policy(`\n    steps: [{ targets: [‸"schedule:payments/secondary"] }]${CATCH_ALL}`),
    },
    path: 'policies.default.steps[0].targets[0]',
    message: 'schedule payments never has a secondary, so this target never pages anybody',
    remedy: 'Name somebody who can be reached, or remove the target.',
  },
  {
    of: 'the manager of somebody without one',
    given: policy(`\n    steps: [{ targets: [‸"manager:bob"] }]${CATCH_ALL}`),
    path: 'policies.default.steps[0].targets[0]',
    message: 'bob has no manager, so this target never pages anybody',
    remedy: 'Name somebody who can be reached, or remove the target.',
  },
  {
    of: 'a group that its channels cannot reach',
    given: {
      groups: '\n  ops-room: { members: [fay], channels: [email] }',
      ...user('fay: { name: Fay, phone: "+12025550107" }'),
      ...policy(`${STEPS}\n    catchAll: { targets: [‸"group:ops-room"] }`),
    },
    path: 'policies.default.catchAll.targets[0]',
    message: 'nobody in group ops-room can be reached by email, so this target never pages anybody',
    remedy: 'Name somebody who can be reached, or remove the target.',
  },
  {
    of: 'a service without a policy',
    given: { services: '\n  other: { policy: default, catchAll: true }\n  ‸lonely: {}' },
    path: 'services.lonely',
    message: 'has no escalation policy',
    remedy: 'Write policy: with the id of a policy, or give its team one.',
  },
  {
    of: 'a config without a catch-all service',
    given: { '‸services': '\n  shop: { policy: default }' },
    path: 'services',
    message: 'no service is the catch-all, so an alert of an unknown service would be lost',
    remedy: 'Add catchAll: true to one service.',
  },
  {
    of: 'two catch-all services',
    given: {
      services: '\n  one: { policy: default, catchAll: true }\n  two: { policy: default, catchAll: ‸true }',
    },
    path: 'services.two.catchAll',
    message: 'one is the catch-all already',
    remedy: 'Keep catchAll: true in one service.',
  },
  {
    of: 'a broken regular expression',
    given: { services: '\n  other: { policy: default, catchAll: true, match: [{ job: ‸"/pay(/" }] }' },
    path: 'services.other.match[0].job',
    message: 'is not a regular expression',
    remedy:
      'Between the slashes stands a JavaScript regular expression that matches the whole value: /pay.*/.',
  },
  {
    of: 'a regular expression that could block the process',
    given: { services: '\n  other: { policy: default, catchAll: true, match: [{ job: ‸"/(a+)+b/" }] }' },
    path: 'services.other.match[0].job',
    message: 'repeats something that repeats or chooses itself, which can block Tocsin on a long label',
    remedy:
      'Write it without a repetition around another one or around alternatives: /a+b/ for /(a+)+b/, /[ab]+/ for /(a|b)+/; or list several values.',
  },
  {
    of: 'a severity of another scheme',
    given: { services: '\n  other: { policy: default, catchAll: true, severity: ‸P1 }' },
    path: 'services.other.severity',
    message: 'there is no severity "P1"',
    remedy: 'Use one of: SEV0, SEV1, SEV2, SEV3; or add it under severities.',
  },
  {
    of: 'a page mode that does not exist',
    given: { severities: '{ override: { SEV1: { page: ‸immediatly } } }' },
    path: 'severities.override.SEV1.page',
    message:
      'is not one of immediately, escalate-off-hours, wait-for-business-hours, next-business-day, ticket',
    remedy: 'Did you mean immediately?',
  },
  {
    of: 'a change to a severity that does not exist',
    given: { severities: '{ override: { ‸SEV9: { page: immediately } } }' },
    path: 'severities.override.SEV9',
    message: 'there is no severity "SEV9"',
    remedy: 'Did you mean "SEV0"?',
  },
  {
    of: 'a rotation that begins on another day than its hand-over',
    given: {
      schedules: `
  payments:
    rotation: { type: weekly, day: monday, handover: "09:00", start: ‸2026-01-06, participants: [alice, bob] }`,
    },
    path: 'schedules.payments.rotation.start',
    message: 'is a tuesday, but the hand-over is on monday',
    remedy: 'Write the date of a monday, or change day.',
  },
  {
    of: 'a date that does not exist',
    given: {
      schedules: `
  payments:
    rotation: { type: daily, handover: "09:00", start: ‸2026-02-30, participants: [alice, bob] }`,
    },
    path: 'schedules.payments.rotation.start',
    message: 'is not a date',
    remedy: 'Write year-month-day of a day that exists: 2026-01-05.',
  },
  {
    of: 'a time of day that does not exist',
    given: {
      schedules: `
  payments:
    rotation: { type: daily, handover: ‸"24:30", start: 2026-01-05, participants: [alice, bob] }`,
    },
    path: 'schedules.payments.rotation.handover',
    message: 'is not a time of day',
    remedy: 'Write hours and minutes with two digits each, in quotes: "09:00".',
  },
  {
    of: 'a schedule without a rotation',
    given: { schedules: '\n  ‸payments: { zone: UTC }', ...policy(STEPS + CATCH_ALL) },
    path: 'schedules.payments',
    message: 'has no rotation',
    remedy:
      'Write rotation: { type: weekly, handover: "09:00", start: 2026-01-05, participants: [alice, bob] }.',
  },
  {
    of: 'an unknown participant',
    given: {
      schedules: `
  payments:
    rotation: { type: daily, handover: "09:00", start: 2026-01-05, participants: [alice, ‸bo] }`,
    },
    path: 'schedules.payments.rotation.participants[1]',
    message: 'there is no user "bo"',
    remedy: 'Did you mean "bob"?',
  },
  {
    of: 'a secondary that is a half-written rotation',
    given: {
      schedules: `
  payments:
    rotation: { type: daily, handover: "09:00", start: 2026-01-05, participants: [alice, bob] }
    ‸secondary: { type: daily, handover: "09:00", start: 2026-01-05 }`,
    },
    path: 'schedules.payments.secondary.participants',
    message: 'is missing',
    remedy: 'List user ids in the order of their shifts: participants: [alice, bob].',
  },
  {
    of: 'a secondary that is a misspelt word',
    given: {
      schedules: `
  payments:
    rotation: { type: daily, handover: "09:00", start: 2026-01-05, participants: [alice, bob] }
    secondary: ‸nxt`,
    },
    path: 'schedules.payments.secondary',
    message: 'is not one of next, none',
    remedy: 'Did you mean next?',
  },
  {
    of: 'business hours that close before they open',
    given: { '‸businessHours': '{ from: "18:00", to: "09:00" }' },
    path: 'businessHours',
    message: 'close before they open',
    remedy: 'Write a from that is earlier than to, on one day: from: "09:00", to: "17:00".',
  },
  {
    of: 'a warning that comes before what it warns of',
    given: { timings: '{ noProgress: 10m, stillOnItBefore: ‸10m }' },
    path: 'timings.stillOnItBefore',
    message: 'asks "still on it?" before the time without progress has even begun',
    remedy: 'Make stillOnItBefore (5m unless written) shorter than noProgress (30m unless written).',
  },
  {
    of: 'a longest snooze that is shorter than the shortest',
    given: { timings: '{ snoozeLongest: ‸4m }' },
    path: 'timings.snoozeLongest',
    message: 'leaves no time for which an incident could be snoozed',
    remedy: 'Make snoozeShortest (5m unless written) no longer than snoozeLongest (24h unless written).',
  },
  {
    of: 'a key of an integration that the environment lacks',
    given: { integrations: '\n  prom: { kind: alertmanager, key: ‸{ env: TOCSIN_KEY_PROM } }' },
    path: 'integrations.prom.key',
    message: 'the environment variable TOCSIN_KEY_PROM is not set',
    remedy:
      'Set TOCSIN_KEY_PROM to a long random text, e.g. from `openssl rand -hex 16`: the same that the sender uses.',
    variable: 'TOCSIN_KEY_PROM',
  },
  {
    of: 'a map where a list belongs',
    given: policy(`\n    steps: ‸{ targets: ["user:alice"] }${CATCH_ALL}`),
    path: 'policies.default.steps',
    message: 'is not a list',
    remedy: 'Write a list: [one, another], or lines that begin with a dash.',
  },
];

describe('a problem says where, what and how to mend it', () => {
  it.each(ERRORS)('for $of', ({ given, path, message, remedy, variable }) => {
    const { text, line, column } = marked(yamlWith(withoutDoubles(given)));
    const result = load(text);
    expect(result.ok).toBe(false);
    const errors = said(result).filter(({ level }) => level === 'error');
    const named = variable === undefined ? {} : { variable };
    const expected = { level: 'error', file: 'tocsin.yaml', line, column, path, message, remedy, ...named };
    expect(errors).toEqual([expected]);
  });

  it('for every problem at once, in the order of the file', () => {
    const text = yamlWith({
      ...user('fay: { name: Fay, phone: "1", zone: Mars/Base }'),
      ...policy('\n    steps: [{ targets: ["user:alcie"], timeout: soon }]'),
      services: '\n  other: { policy: defualt, catchAll: true }',
      businessHours: '{ zone: Nowhere }',
    });
    expect(
      said(load(text))
        .filter(({ level }) => level === 'error')
        .map(({ path }) => path),
    ).toEqual([
      'users.fay.phone',
      'users.fay.zone',
      'policies.default.catchAll',
      'policies.default.steps[0].targets[0]',
      'policies.default.steps[0].timeout',
      'services.other.policy',
      'businessHours.zone',
    ]);
  });
});

/** A marked section name (`‸services`) stands for the section itself. */
function withoutDoubles(given: Case['given']): Case['given'] {
  const marks = Object.keys(given).filter((section) => section.startsWith('‸'));
  return { ...given, ...Object.fromEntries(marks.map((section) => [section.slice(1), null])) };
}

describe('a warning leaves the config usable', () => {
  const warnings = (given: Readonly<Record<string, string | null>>, now?: number): readonly string[] => {
    const result = load(yamlWith(given), {}, now === undefined ? {} : { now });
    expect(result.ok).toBe(true);
    return said(result).map(({ level, path, message }) => `${level} ${path}: ${message}`);
  };

  it('and the base config has none', () => {
    expect(warnings({})).toEqual([]);
  });

  it('for a policy that no service uses', () => {
    const spare = '\n  spare: { steps: [{ targets: ["user:bob"] }], catchAll: { targets: ["user:bob"] } }';
    const base = `
  default:
    steps: [{ targets: ["schedule:payments/primary"] }]
    catchAll: { targets: ["group:ops-room"] }`;
    expect(warnings({ policies: base + spare })).toEqual([
      'warning policies.spare: no service uses this policy, so none of its steps is ever reached',
    ]);
  });

  it('for severities that loop in a management that nobody is', () => {
    expect(
      warnings({ groups: '\n  ops-room: { contacts: [{ channel: sms, to: "+12025550199" }] }' }),
    ).toEqual([
      'warning severities: SEV1 loops in management, but nobody is management',
      'warning severities: SEV0 tells executives, but nobody is executives',
    ]);
  });

  it('for somebody who has only a mailbox', () => {
    expect(warnings(user('fay: { name: Fay, email: fay@example.com }'))).toEqual([
      'warning users.fay: can be paged by email only, which wakes nobody',
    ]);
  });

  it('for the first gap of a schedule in the coming four weeks', () => {
    const schedules = `
  payments:
    zone: Europe/Berlin
    rotation:
      type: weekly
      handover: "09:00"
      start: 2026-01-05
      participants: [alice, bob]
      restrict: [{ from: "12:00", to: "09:00" }]`;
    expect(warnings({ schedules }, Date.parse('2026-06-01T00:00:00Z'))).toEqual([
      'warning schedules.payments: nobody is primary from 2026-06-01 07:00 UTC to 2026-06-01 10:00 UTC, and in 27 more gaps within 28 days',
    ]);
  });
});
