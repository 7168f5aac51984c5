import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatProblems } from '../../../config/format-problems.js';
import { checkConfig, loadConfig } from '../../../config/load.js';
import { BASE, configOf, load, marked, said, utc, yamlWith } from './support.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tocsin-config-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

describe('the examples', () => {
  it('small is valid: alice is primary, bob secondary, and the ops room is last', async () => {
    const result = await loadConfig('examples/small', {
      TOCSIN_KEY_ALERTMANAGER: 'a'.repeat(20),
      TOCSIN_KEY_GENERIC: 'b'.repeat(20),
      TOCSIN_API_KEY: 'c'.repeat(20),
    });
    if (!result.ok) throw new Error(formatProblems(result.problems));
    expect(result.warnings).toEqual([]);
    const { config } = result;
    expect(config.onCall(utc('2026-11-20 12:00'))).toMatchObject([
      { schedule: 'payments', primary: 'alice', secondary: 'bob', until: null },
    ]);
    expect(config.integrations.map(({ id, kind, key }) => [id, kind, key.length])).toEqual([
      ['alertmanager', 'alertmanager', 20],
      ['generic', 'generic', 20],
    ]);
    expect(config.apiKeys.map(({ id }) => id)).toEqual(['cli']);
    const plan = config.plan('payments', utc('2026-11-20 12:00'), []);
    const people = [...plan.policy.steps.map(({ targets }) => targets), plan.policy.catchAll.targets].map(
      (targets) =>
        config.findPeople(targets, 'high', utc('2026-11-20 12:00')).people.map(({ userId }) => userId),
    );
    expect(people).toEqual([['alice'], ['bob'], ['carol'], ['dan'], ['erin'], ['group:ops-room']]);
  });

  it('follow-the-sun is valid, in several files, and somebody is primary at every minute', async () => {
    const result = await checkConfig('examples/follow-the-sun', {}, { now: utc('2026-10-20 00:00') });
    expect(result.summary).toMatchObject({ files: 4, users: 8, schedules: 2, services: 3 });
    expect(result.ok).toBe(true);
    // Nothing but the keys that this test does not have.
    expect(result.problems.filter(({ message }) => !message.endsWith('is not set'))).toEqual([]);
  });

  it('follow-the-sun wakes nobody on a working day', async () => {
    const result = await loadConfig('examples/follow-the-sun', {}, { secrets: 'optional' });
    if (!result.ok) throw new Error(formatProblems(result.problems));
    const { config } = result;
    const cities = ['00:00', '08:00', '14:00', '16:00', '20:00'].map((time) => {
      const primary = config.onCall(utc(`2026-11-18 ${time}`))[0]?.primary ?? '';
      return config.users.get(primary)?.zone;
    });
    expect(cities).toEqual([
      'Australia/Sydney',
      'Europe/Berlin',
      'Europe/Berlin',
      'America/New_York',
      'America/New_York',
    ]);
  });
});

describe('several files', () => {
  it('make one config, whichever holds what', () => {
    const sections = Object.entries(BASE).map(([section, text]) => [
      `${section}.yaml`,
      `${section}:${text}\n`,
    ]);
    const result = load(Object.fromEntries(sections) as Record<string, string>);
    expect(said(result)).toEqual([]);
    expect(result.ok).toBe(true);
  });

  it('may each hold a part of a section', () => {
    const result = load({
      'a.yaml': yamlWith({}),
      'b.yaml': 'users:\n  fay: { name: Fay, phone: "+12025550107" }\n',
    });
    expect(result.ok && [...result.config.users.keys()]).toEqual(['alice', 'bob', 'erin', 'fay']);
  });

  it('that both hold an id are told both places', () => {
    const { text, line, column } = marked('users:\n  ‸alice: { name: Other, phone: "+12025550107" }\n');
    const result = load({ 'a.yaml': yamlWith({}), 'b.yaml': text });
    expect(said(result)).toEqual([
      {
        level: 'error',
        file: 'b.yaml',
        line,
        column,
        path: 'users.alice',
        message: 'is already in a.yaml:2:3',
        remedy: 'Keep one of the two.',
      },
    ]);
  });

  it('that both hold what stands once are told both places', () => {
    const result = load({ 'a.yaml': yamlWith({ businessHours: '{}' }), 'b.yaml': 'businessHours: {}\n' });
    expect(said(result)).toMatchObject([
      {
        file: 'b.yaml',
        line: 1,
        column: 1,
        message: expect.stringMatching(/^is already in a\.yaml:\d+:1$/) as string,
      },
    ]);
  });

  it('point into the file that is wrong', () => {
    const result = load({
      'a.yaml': yamlWith({}),
      'b.yaml': '# a comment\nusers:\n  fay: { name: Fay, phone: "12" }\n',
    });
    expect(said(result)).toMatchObject([{ file: 'b.yaml', line: 3, column: 28, path: 'users.fay.phone' }]);
  });
});

describe('files that are no config', () => {
  it.each([
    ['a missing quote', 'users: { alice: { name: "Al } }\n‸', 'a character is missing here'],
    ['a tab', 'users:\n‸\talice: {}\n', 'a tab is used for indentation'],
    ['a key twice', 'users:\n  alice: {}\n  ‸alice: {}\n', 'this key is already in the map'],
    ['a list', '‸- users\n', 'the file is not a map of sections'],
    ['a second colon', 'users:\n  alice: ‸name: Alice\n', 'a second colon stands where none can'],
  ])('with %s say where', (_of, yaml, message) => {
    const { text, line, column } = marked(yaml);
    const found = said(load(text));
    expect(found[0]).toMatchObject({ level: 'error', line, column, message });
    expect(found[0]?.remedy).not.toBe('');
  });

  it('do not lead to complaints about what they would have defined', () => {
    const result = load({
      'a.yaml': yamlWith({ users: null }),
      'b.yaml': 'users: { alice: { name: "Al } }\n',
    });
    expect(said(result).map(({ file }) => file)).not.toContain('a.yaml');
  });

  it('with a bomb of aliases are refused at once', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi']) {
      bomb.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(',')}]`);
    }
    expect(said(load(bomb.join('\n')))).toMatchObject([
      { message: 'the file has an alias without an anchor, or aliases that unfold to far too much' },
    ]);
  });

  it('that are empty lack everything that matters', () => {
    expect(said(load('')).map(({ path: at }) => at)).toContain('services');
  });

  it('that are not there are a problem, not an exception', async () => {
    expect(await loadConfig(path.join(directory, 'nowhere'), {})).toMatchObject({
      ok: false,
      problems: [{ message: 'does not exist', line: 1, column: 1 }],
    });
  });

  it('that are larger than a mebibyte are refused', async () => {
    const file = path.join(directory, 'large.yaml');
    await writeFile(file, `# ${'x'.repeat(1_100_000)}\n`);
    expect(said(await loadConfig(file, {}))).toMatchObject([{ message: 'is larger than 1 MiB' }]);
  });
});

describe('secrets', () => {
  const SECRET = 'hunter2-hunter2-hunter2';
  const integrations = (key: string): string => `\n  prom: { kind: alertmanager, key: ${key} }`;

  it.each(['{ env: PROM_KEY }', '$PROM_KEY', '"${PROM_KEY}"'])('are read by reference: %s', (reference) => {
    const config = configOf({ integrations: integrations(reference) }, { PROM_KEY: SECRET });
    expect(config.integrations).toEqual([{ id: 'prom', kind: 'alertmanager', key: SECRET }]);
  });

  it('in the file are an error that says how to do it right', () => {
    const { text, line, column } = marked(yamlWith({ integrations: integrations(`‸${SECRET}`) }));
    const found = said(load(text));
    expect(found).toEqual([
      {
        level: 'error',
        file: 'tocsin.yaml',
        line,
        column,
        path: 'integrations.prom.key',
        message: 'holds a key in the file itself',
        remedy:
          'Put the key into an environment variable, name it here — key: { env: TOCSIN_KEY_… } — and replace the key: it was written down.',
      },
    ]);
  });

  it.each([
    integrations(SECRET),
    integrations(`{ env: ${SECRET} }`),
    integrations(`{ value: ${SECRET} }`),
    integrations(`[${SECRET}]`),
    `\n  prom: ${SECRET}`,
    `\n  prom: { kind: ${SECRET}, key: $PROM_KEY }`,
    `\n  prom: { kind: alertmanager, key: "${SECRET} }`,
    `\n  prom: { kind: alertmanager, key: $PROM_KEY } ${SECRET}`,
    `\n  prom: { kind: alertmanager, key: $PROM_KEY }\n  other: { kind: generic, key: $PROM_KEY }`,
  ])('never appear in a problem: %s', (section) => {
    const found = said(load(yamlWith({ integrations: section }), { PROM_KEY: SECRET }));
    expect(found.length).toBeGreaterThan(0);
    expect(JSON.stringify(found) + formatProblems(found)).not.toContain('hunter2');
  });

  it('that the environment lacks are an error to run with and a warning to check', () => {
    const text = yamlWith({ integrations: integrations('$PROM_KEY') });
    const message = 'the environment variable PROM_KEY is not set';
    expect(said(load(text))).toMatchObject([{ level: 'error', message }]);
    const checked = load(text, {}, { secrets: 'optional' });
    expect(said(checked)).toMatchObject([{ level: 'warning', message }]);
    // Nobody comes in with an empty key.
    expect(checked.ok && checked.config.integrations).toEqual([]);
  });

  it('that are empty count as missing', () => {
    expect(
      said(load(yamlWith({ integrations: integrations('$PROM_KEY') }), { PROM_KEY: ' ' })),
    ).toMatchObject([{ level: 'error', message: 'the environment variable PROM_KEY is empty' }]);
  });
});

describe('the hash of a config', () => {
  it('is that of its content, not of its comments and spaces', () => {
    const config = configOf();
    expect(config.hash).toMatch(/^[0-9a-f]{12}$/);
    const commented = load(`# hello\n\n${yamlWith({})}`);
    expect(commented.ok && commented.config.hash).toBe(config.hash);
    expect(configOf({ timings: '{ retry: 1s }' }).hash).not.toBe(config.hash);
  });
});

describe('problems for people', () => {
  it('say place, level, path, message and remedy', () => {
    const found = said(load(yamlWith({ businessHours: '{ zone: Nowhere }' })));
    expect(formatProblems(found)).toBe(
      'tocsin.yaml:21:24  error  businessHours.zone: is not a time zone\n' +
        '   → Write an IANA name such as Europe/Berlin, America/New_York or UTC.',
    );
  });
});
