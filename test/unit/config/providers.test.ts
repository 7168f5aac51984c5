import { describe, expect, it } from 'vitest';
import { configOf, load, marked, said, yamlWith } from './support.js';

const NTFY = '\n  ntfy: { kind: ntfy, url: "https://ntfy.example.com" }';
const TOPIC = 'tocsin-4f7Qx90bZk11';
const GATEWAY = 'kind: sms-gateway, url: "https://sms.example.com/send"';
const FIELDS = "form: { to: '{to}', text: '{text}' }";

/** A config with these users' lines and providers. */
function yaml(parts: { readonly users?: string; readonly providers?: string }): string {
  return yamlWith({
    users: `
  alice: { name: Alice, phone: "+12025550101", email: alice@example.com, manager: erin }
  bob: { name: Bob, phone: "+12025550102", email: bob@example.com }
  erin: { name: Erin, phone: "+12025550105", email: erin@example.com }${parts.users ?? ''}`,
    ...(parts.providers === undefined ? {} : { providers: parts.providers }),
  });
}

describe('contact methods beyond phone and mail', () => {
  const users = `
  pia: { name: Pia, push: { env: TOPIC_PIA } }
  rob: { name: Rob, methods: [{ channel: webhook, to: "https://example.com/rob" }] }
  sam: { name: Sam, phone: "+12025550108", push: ${TOPIC} }`;
  const providers = `${NTFY}\n  hooks: { kind: webhook, secret: { env: HOOK_SECRET } }`;
  const env = { TOPIC_PIA: 'pias-topic', HOOK_SECRET: 'the secret of the hooks' };
  const config = configOf(
    { users: yaml({ users }).split('users:')[1]?.split('groups:')[0] ?? null, providers },
    env,
  );
  const rulesOf = (id: string) =>
    config.findPeople([{ kind: 'user', id }], 'high', Date.UTC(2026, 10, 24, 10)).people[0]?.rules;

  it('have their address from the file or from the environment', () => {
    expect(config.method('pia', 'push-1')?.method).toEqual({
      id: 'push-1',
      channel: 'push',
      address: 'pias-topic',
    });
    expect(config.method('rob', 'webhook-1')?.method.address).toBe('https://example.com/rob');
  });

  it('page at once, with the SMS', () => {
    expect(rulesOf('sam')?.[0]).toEqual({
      afterMs: 0,
      methods: [
        { id: 'sms-1', channel: 'sms' },
        { id: 'push-1', channel: 'push' },
      ],
    });
  });

  it('are enough for a person', () => {
    expect(rulesOf('pia')).toEqual([{ afterMs: 0, methods: [{ id: 'push-1', channel: 'push' }] }]);
    expect(rulesOf('rob')).toEqual([{ afterMs: 0, methods: [{ id: 'webhook-1', channel: 'webhook' }] }]);
    const low = config.findPeople([{ kind: 'user', id: 'pia' }], 'low', 0).people[0];
    expect(low?.rules).toEqual([{ afterMs: 0, methods: [{ id: 'push-1', channel: 'push' }] }]);
    expect(low?.notice).toEqual([{ id: 'push-1', channel: 'push' }]);
  });

  it('reach the members of a group that names no channels', () => {
    const grouped = configOf(
      {
        users: yaml({ users }).split('users:')[1]?.split('groups:')[0] ?? null,
        providers,
        groups:
          '\n  ops-room: { members: [pia, rob], contacts: [{ channel: push, to: ops-4f7Qx90bZk11xx }] }',
      },
      env,
    );
    const found = grouped.findPeople([{ kind: 'group', id: 'ops-room' }], 'high', 0);
    expect(found.problems).toEqual([]);
    expect(found.people.map(({ userId, rules }) => [userId, rules[0]?.methods[0]?.channel])).toEqual([
      ['group:ops-room', 'push'],
      ['pia', 'push'],
      ['rob', 'webhook'],
    ]);
  });

  it('whose variable is missing are a problem that names it; `check` only warns', () => {
    const text = yaml({ users, providers });
    const problems = said(load(text, { HOOK_SECRET: 'x' }));
    expect(problems).toContainEqual(
      expect.objectContaining({
        level: 'error',
        path: 'users.pia.push',
        message: 'the environment variable TOPIC_PIA is not set',
      }),
    );
    const checked = load(text, {}, { secrets: 'optional' });
    expect(checked.ok).toBe(true);
    expect(said(checked).map(({ path }) => path)).toEqual(
      expect.arrayContaining(['users.pia.push', 'providers.hooks.secret']),
    );
  });
});

describe('providers of the config', () => {
  it('keep the order of the file and have their secrets', () => {
    const config = configOf(
      {
        providers: `
  sms-eu: { ${GATEWAY}, headers: { authorization: 'Bearer \${SMS_KEY}' }, ${FIELDS}, success: { path: code, values: [0, ok] } }
  twilio: { kind: twilio }
  ntfy: { kind: ntfy, url: "https://ntfy.example.com/", token: $NTFY_TOKEN }
  hooks: { kind: webhook, secret: { env: HOOK_SECRET } }`,
      },
      { SMS_KEY: 'k1', NTFY_TOKEN: 't1', HOOK_SECRET: 's1' },
    );
    expect(config.providers).toMatchObject([
      {
        kind: 'sms-gateway',
        id: 'sms-eu',
        method: 'POST',
        variables: { SMS_KEY: 'k1' },
        success: { status: [], body: { type: 'path', path: 'code', values: ['0', 'ok'] } },
      },
      { kind: 'twilio', id: 'twilio' },
      { kind: 'ntfy', id: 'ntfy', url: 'https://ntfy.example.com', token: 't1' },
      { kind: 'webhook', id: 'hooks', secret: 's1', names: false },
    ]);
    expect(config.hash).not.toContain('k1');
  });

  it('may be spread over files', () => {
    const result = load({
      'a.yaml': yaml({ providers: NTFY }),
      'b.yaml': 'providers: { other: { kind: ntfy, url: "https://other.example.com" } }',
    });
    expect(result.ok && result.config.providers.map(({ id }) => id)).toEqual(['ntfy', 'other']);
  });
});

const gateway = (rest: string): { readonly providers: string } => ({
  providers: `\n  sms-eu: { ${GATEWAY}, ${rest} }`,
});

type Given = { readonly users?: string; readonly providers?: string };
const PROBLEMS: [of: string, given: Given, path: string, message: string, level?: 'warning'][] = [
  [
    'a push method without a server',
    { users: `\n  pia: { name: Pia, push: ‸${TOPIC} }` },
    'users.pia.push',
    'needs a provider of kind ntfy, and there is none',
  ],
  [
    'a webhook without a secret to sign with',
    { users: '\n  rob: { name: Rob, methods: [{ channel: ‸webhook, to: "https://example.com/r" }] }' },
    'users.rob.methods[0].channel',
    'needs a provider of kind webhook, and there is none',
  ],
  [
    'a topic that is none',
    { users: '\n  pia: { name: Pia, push: ‸"my topic" }', providers: NTFY },
    'users.pia.push',
    'is not an ntfy topic',
  ],
  [
    'a topic of a method that is none',
    {
      users: '\n  pia: { name: Pia, methods: [{ channel: push, to: ‸pia@example.com }] }',
      providers: NTFY,
    },
    'users.pia.methods[0].to',
    'is not an ntfy topic',
  ],
  [
    'a webhook that is no address',
    {
      users: '\n  rob: { name: Rob, methods: [{ channel: webhook, to: ‸example.com }] }',
      providers: '\n  hooks: { kind: webhook, secret: $S }',
    },
    'users.rob.methods[0].to',
    'is not a web address',
  ],
  [
    'a number by reference',
    { users: '\n  rob: { name: Rob, methods: [{ channel: sms, to: ‸$NUMBER }] }' },
    'users.rob.methods[0].to',
    'is a reference where the number or address itself belongs',
  ],
  [
    'a topic that is easily guessed',
    { users: '\n  pia: { name: Pia, push: ‸pia }', providers: NTFY },
    'users.pia.push',
    'is easily guessed, and whoever knows a topic reads its pages and presses their buttons',
    'warning',
  ],
  [
    'a topic of two people',
    {
      users: `\n  pia: { name: Pia, push: ${TOPIC} }\n  ron: { name: Ron, push: ‸${TOPIC} }`,
      providers: NTFY,
    },
    'users.ron.push',
    "is the topic of user pia as well, so that each reads the other's pages and can answer them",
    'warning',
  ],
  [
    'a kind that is none',
    { providers: '\n  x: { kind: ‸pigeon }' },
    'providers.x.kind',
    'is not a kind of provider',
  ],
  [
    'a kind that is missing',
    { providers: '\n  ‸x: { url: "https://x.example.com" }' },
    'providers.x.kind',
    'is missing',
  ],
  [
    'an id that would lose its place',
    { providers: '\n  ‸1st: { kind: twilio }' },
    'providers.1st',
    'is not the id of a provider',
  ],
  [
    'a name that another provider has',
    { providers: '\n  ‸twilio-sms: { kind: ntfy, url: "https://ntfy.example.com" }' },
    'providers.twilio-sms',
    'is the name of another provider',
  ],
  [
    'a key in the file',
    { providers: '\n  ntfy: { kind: ntfy, url: "https://ntfy.example.com", token: ‸tk_abc }' },
    'providers.ntfy.token',
    'holds a key in the file itself',
  ],
  [
    'a key in a header',
    gateway(`headers: { X-Api-Key: ‸hunter2hunter2 }, ${FIELDS}`),
    'providers.sms-eu.headers.X-Api-Key',
    'holds a key in the file itself',
  ],
  [
    'a password in a form',
    gateway("form: { to: '{to}', text: '{text}', password: ‸hunter2hunter2 }"),
    'providers.sms-eu.form.password',
    'holds a key in the file itself',
  ],
  [
    'a placeholder that is none',
    gateway("form: { to: '{to}', text: ‸'{txet}{text}' }"),
    'providers.sms-eu.form.text',
    'has {txet}, which is no placeholder',
  ],
  [
    'a request without the text',
    { providers: `\n  ‸sms-eu: { ${GATEWAY}, json: { to: ['{to}'] } }` },
    'providers.sms-eu',
    'sends no {text}',
  ],
  ['a rate of nothing', gateway(`${FIELDS}, perSecond: ‸0`), 'providers.sms-eu.perSecond', 'is not a rate'],
  ['two bodies', gateway(`‸${FIELDS}, json: {}`), 'providers.sms-eu.form', 'stands beside json'],
  [
    'a body of a GET',
    gateway(`method: ‸GET, ${FIELDS}`),
    'providers.sms-eu.method',
    'is GET, which has no body',
  ],
  [
    'a rule without what to look for',
    gateway(`${FIELDS}, ‸success: { path: status }`),
    'providers.sms-eu.success',
    'has a path, but no values',
  ],
  [
    'a pattern that could block everything',
    gateway(`${FIELDS}, success: { matches: ‸'/(a+)+b/' }`),
    'providers.sms-eu.success.matches',
    'repeats something that repeats or chooses itself, which can block Tocsin on a long label',
  ],
  [
    'reports that nobody could tell apart',
    gateway(`${FIELDS}, ‸reports: { status: s, delivered: [ok], failed: [no] }`),
    'providers.sms-eu.reports',
    'cannot say which message a report is about',
  ],
  [
    'a message in the clear',
    { providers: '\n  ntfy: { kind: ntfy, url: ‸"http://ntfy.example.com" }' },
    'providers.ntfy.url',
    'is not https: whoever listens on the way reads the message, and its link answers',
    'warning',
  ],
];

describe('a problem with providers says where and what', () => {
  it.each(PROBLEMS.map(([of, ...rest]) => ({ of, rest })))('for $of', ({ rest }) => {
    const [given, path, message, level] = rest;
    const { text, line, column } = marked(yaml(given));
    const problems = said(load(text, { S: 's', NUMBER: 'n' }));
    const found = problems.filter((problem) => problem.path === path);
    expect(found, JSON.stringify(problems, null, 1)).toMatchObject([
      { level: level ?? 'error', path, message, line, column },
    ]);
    expect(found[0]?.remedy.length).toBeGreaterThan(8);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
    if (level === undefined) expect(problems.filter((one) => one.level === 'error')).toHaveLength(1);
  });
});
