import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CONFIG, TUESDAY_10 } from './support.js';
import { runCommand } from '../../support/command-line.js';

const SCENARIOS = 'examples/scenarios';

async function tocsin(...args: readonly string[]) {
  return runCommand(['simulate', ...args], { cwd: process.cwd(), now: () => TUESDAY_10 });
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tocsin-simulate-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

describe('tocsin simulate', () => {
  test('prints who is contacted when, how and why, of what the options say', async () => {
    const { code, out } = await tocsin(
      ...['--config', CONFIG, '--service', 'payments', '--severity', 'SEV1', '--until', '6:30'],
      ...['--answer', 'bob acks by call after 10s', '--expect', 'bob has it at 6:10'],
    );
    expect(code).toBe(0);
    const table = out.split('\n').filter((line) => /^\d+:\d\d {2}/.test(line) || line.startsWith('AFTER'));
    expect(table.map((line) => line.replaceAll(/ {2,}/g, ' | ').replace(/ \([A-Z2-9]{4}\).*/, ''))).toEqual([
      'AFTER | AT | WHO | HOW | WHY',
      '0:00 | 10:00:00 | alice | SMS + push message | alert (primary)',
      '1:00 | 10:01:00 | alice | phone call | alert (primary)',
      '3:00 | 10:03:00 | alice | phone call | alert (primary)',
      '5:00 | 10:05:00 | bob | SMS + push message | not acknowledged (secondary)',
      '6:00 | 10:06:00 | bob | phone call | not acknowledged (secondary)',
      '6:10 | 10:06:10 | bob | > acknowledge by key press | You have it: SEV1 payments: simulated alert',
      '6:10 | 10:06:10 | alice | (SMS) | acknowledged by',
    ]);
    expect(out).toContain('ok what is expected is so');
  });

  test('ends with 1 and says what happened instead, where something expected is not so', async () => {
    const { code, out } = await tocsin(
      '--config',
      CONFIG,
      '--service',
      'payments',
      '--expect',
      'erin called by 20:00',
    );
    expect(code).toBe(1);
    expect(out).toContain(
      'not so erin called by 20:00\n   → 21:00 erin by phone call (not-acknowledged), 23:00 erin by phone call',
    );
  });

  test('says whose contact methods it takes to be confirmed, where the configuration asks for that', async () => {
    // Everybody has a push topic, which counts as it is; without hers, Alice has nothing that does.
    const written = (await readFile(CONFIG, 'utf8')).replace(', push: tocsin-alice', '');
    const config = join(await folder(), 'tocsin.yaml');
    await writeFile(config, written);
    const trusting = join(await folder(), 'tocsin.yaml');
    await writeFile(trusting, written.replace('\ndefaults:\n', '\ndefaults:\n  contactMethods: trusted\n'));
    const asked = (file: string, ...more: readonly string[]) =>
      tocsin('--config', file, '--service', 'payments', '--severity', 'SEV1', '--until', '6:30', ...more);
    const words = 'Contact methods count as confirmed here.';
    expect((await asked(config)).out).toContain(
      `${words} Where alice confirmed none, the next step is paged at once as well: tocsin contact list`,
    );
    const trusted = await asked(trusting);
    expect([trusted.code, trusted.out]).toEqual([0, expect.stringContaining('alice')]);
    expect(trusted.out).not.toContain(words);
    const taken = async (file: string) => {
      const { scenarios } = JSON.parse((await asked(file, '--json')).out) as {
        scenarios: readonly { takenAsConfirmed: readonly string[] }[];
      };
      return scenarios.map(({ takenAsConfirmed }) => takenAsConfirmed);
    };
    expect(await taken(config)).toEqual([['alice']]);
    expect(await taken(trusting)).toEqual([[]]);
  });

  test('names the option of which something is wrong', async () => {
    const { code, out, err } = await tocsin(
      ...['--config', CONFIG, '--service', 'nix', '--start', 'some day'],
      ...['--answer', 'alice acks at 1:00', '--answer', 'zoe acks at 1:00'],
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.split('\n').filter((line) => !line.startsWith('   → '))).toEqual([
      'error --answer "zoe acks at 1:00": there is no user zoe in the config',
      '--service nix: there is no service nix in the config',
      '--start "some day": is no moment in time',
    ]);
    expect(err.match(/^ {3}→ /gm)).toHaveLength(3);
    const json = await tocsin('--config', CONFIG, '--service', 'nix', '--json');
    expect(json.code).toBe(2);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, scenarios: [{ ok: false }] });
  });

  test('looks ahead from now for the example when nothing is said', async () => {
    const { code, out } = await tocsin();
    expect(code).toBe(0);
    // On the clock of the example's schedule.
    expect(out).toContain('0:00 is Tue 24 Nov, 11:00 CET; it runs until 80:00');
    const sunday = await tocsin('--start', 'sunday 03:00');
    expect(sunday.out).toContain('0:00 is Sun 29 Nov, 03:00 CET');
    const utc = await tocsin('--start', 'sunday 03:00', '--zone', 'UTC');
    expect(utc.out).toContain('0:00 is Sun 29 Nov, 03:00 UTC');
  });

  test('runs a folder of scenarios, with what the options add to each', async () => {
    const fine = await tocsin(SCENARIOS);
    expect(fine).toMatchObject({ code: 0, err: '' });
    const count = (await readdir(SCENARIOS)).filter((name) => name !== 'tocsin.yaml').length;
    expect(count).toBeGreaterThan(30);
    expect(fine.out.split('\n').filter((line) => line.startsWith('ok '))).toHaveLength(count);
    expect(fine.out).toMatch(
      new RegExp(`\\n${count} scenarios, \\d+ expectations, all met \\(\\d+\\.\\d\\d s\\)$`),
    );
    const failing = await tocsin(SCENARIOS, '--expect', 'gil not contacted');
    expect(failing.code).toBe(1);
    expect(failing.out).toContain(`failed ${SCENARIOS}/10-severity-raised.yaml`);
    expect(failing.out).toMatch(new RegExp(`\\n${count} scenarios, \\d+ expectations, 1 scenarios failed`));
  });

  test('tells a program everything as JSON', async () => {
    const { out } = await tocsin(`${SCENARIOS}/03-acknowledged-by-key.yaml`, '--json');
    const { ok, scenarios } = JSON.parse(out) as { ok: boolean; scenarios: Record<string, unknown[]>[] };
    expect(ok).toBe(true);
    expect(scenarios).toMatchObject([
      { ok: true, problems: [], failures: [], start: '2026-11-24T10:00:00.000Z' },
    ]);
    expect(scenarios[0]?.['contacts']?.[5]).toMatchObject({
      after: '5:00',
      at: '2026-11-24T10:05:00.000Z',
      userId: 'bob',
      channel: 'push',
      kind: 'page',
      tier: 'secondary',
      why: 'not-acknowledged',
      outcome: 'sent',
    });
    expect(scenarios[0]?.['answers']).toMatchObject([
      { userId: 'bob', outcome: 'acknowledged' },
      { outcome: 'already-owned' },
    ]);
  });

  test('draws a picture, and one for each scenario into a folder', async () => {
    const path = await folder();
    const one = await tocsin(`${SCENARIOS}/04-voicemail.yaml`, '--svg', join(path, 'one.svg'));
    expect(one.code).toBe(0);
    expect(await readFile(join(path, 'one.svg'), 'utf8')).toMatch(
      /^<svg [\s\S]*prefers-color-scheme: dark[\s\S]*<\/svg>\n$/,
    );
    await tocsin(SCENARIOS, '--svg', path);
    expect(await readFile(join(path, '16-outage.svg'), 'utf8')).toContain('class="outage"');
    expect(await tocsin(SCENARIOS, '--svg', join(path, 'no.svg'))).toMatchObject({ code: 2 });
    expect(await tocsin(`${SCENARIOS}/04-voicemail.yaml`, '--svg', '/nowhere/at/all.svg')).toMatchObject({
      code: 1,
    });
  });

  test('says of a configuration that is wrong where, and of a path that holds nothing what to name', async () => {
    const path = await folder();
    await writeFile(join(path, 'tocsin.yaml'), 'users: { alice: { name: 7 } }\n');
    await writeFile(join(path, 'it.yaml'), 'scenario: it\n');
    const wrong = await tocsin(join(path, 'it.yaml'));
    expect(wrong.code).toBe(1);
    expect(wrong.out).toMatch(/tocsin\.yaml:1:25 {2}error {2}users\.alice\.name: is not a text/);
    expect(await tocsin(join(path, 'nothing.yaml'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('does not exist') as string,
    });
  });
});
