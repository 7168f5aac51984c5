import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEYS, startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast, ROOM } from './support/cast.js';
import { codeKnown, endIncident, entriesOf, openIncident } from './support/stage.js';
import { runCommand } from '../support/command-line.js';

const cast = createCast({
  people: { alice: [['0s', 'sms']], bob: [['0s', 'sms']], carol: [['0s', 'sms']] },
  services: {
    shop: [{ to: ['alice'], timeout: '2s' }, { to: ['carol'] }],
    storage: [{ to: ['bob'] }, { to: ['bob'] }],
  },
  timings: { stability: '1s' },
});

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem({ config: cast.yaml });
});
afterAll(() => system.stop());

/** One command line, as a person types it. */
async function tocsin(line: string): Promise<string> {
  const env = { TOCSIN_URL: system.url, TOCSIN_API_KEY: KEYS.api };
  return (await runCommand(line.split(' '), { env, now: Date.now })).all;
}

/** What reached this phone about this incident, oldest first. */
function textsTo(phone: string, code: string): readonly string[] {
  return system.booth.messages
    .filter(({ to, body }) => to === phone && body.includes(code))
    .map(({ body }) => body);
}

test('an escalation by the owner who stands on every tier pages the ops room, not the owner', async () => {
  const alert = { service: 'storage', name: 'alone' };
  const { code, openingId } = await openIncident(system, alert);
  await codeKnown(system, code);
  await system.booth.nextSms({ to: cast.phone('bob'), about: `ACK ${code}` });
  await system.booth.reply(cast.phone('bob'), `ACK ${code}`);
  expect(await system.booth.reply(cast.phone('bob'), `ESCALATE ${code}`)).toMatch(
    /^Escalated: whoever is next, but you, is being paged now, beginning with tier 2\./,
  );
  await system.booth.nextSms({ to: ROOM, about: `ACK ${code}` });
  const view = await system.view(openingId);
  expect(entriesOf(view, 'skipped')).toMatchObject([{ tier: 'tier 2', why: 'only the owner is there' }]);
  const toBob = textsTo(cast.phone('bob'), code).filter(
    (body) => body.includes(`Reply 4`) || body.includes('or http'),
  );
  expect(toBob).toHaveLength(1);
  await endIncident(system, alert, openingId);
});

test('an acknowledgement by a key says that nobody has it; taken back, whoever is paged gets one message', async () => {
  const alert = { service: 'shop', name: 'given-back' };
  const { code, openingId } = await openIncident(system, alert);
  await system.booth.nextSms({ to: cast.phone('alice'), about: `ACK ${code}` });
  await system.booth.nextSms({ to: cast.phone('carol'), about: `ACK ${code}` });
  const acknowledged = await tocsin(`ack ${code}`);
  expect(acknowledged).toContain('API key cli has it');
  expect(acknowledged).toContain('Add --by to say who has it.');
  const shown = await tocsin(`show ${code}`);
  expect(shown).toContain('API key cli');
  expect(shown).not.toContain('still on it?');
  await system.booth.nextSms({ to: cast.phone('alice'), about: 'API key cli has it' });
  const before = textsTo(cast.phone('alice'), code).length;
  await tocsin(`unack ${code} --by bob`);
  await system.booth.nextSms({ to: cast.phone('carol'), about: 'took the acknowledgement back' });
  await system.booth.nextSms({ to: cast.phone('alice'), about: 'open again' });
  const after = textsTo(cast.phone('alice'), code).slice(before);
  expect(after).toEqual([expect.stringContaining('open again')]);
  await endIncident(system, alert, openingId);
});

test('each unreadable event is a line of the one incident, and its owner hears of it', async () => {
  const send = (event: object): Promise<number> =>
    fetch(`${system.url}/v1/alerts/generic`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEYS.generic}`, 'content-type': 'application/json' },
      body: JSON.stringify(event),
    }).then(({ status }) => status);
  const title = 'Malformed alert from integration generic';
  expect(await send({ key: 'disk-1', summary: 7 })).toBe(400);
  const openingId = await system.oneOpen(title);
  const { code } = await system.view(openingId);
  await codeKnown(system, code);
  await system.booth.nextSms({ to: cast.phone('alice'), about: `ACK ${code}` });
  expect(await tocsin(`ack ${code} --by alice`)).toContain('You have it');
  expect(await send({ key: 'disk-2', summary: 'disk two is full', status: 'on fire' })).toBe(400);
  expect(await send({ key: 'disk-2', summary: 'disk two is full', status: 'on fire' })).toBe(400);
  expect(await send({ key: 'disk-3', summary: 'disk three is full', severity: 3 })).toBe(400);
  const view = await system.until(
    openingId,
    'three events',
    ({ timeline }) => timeline.filter(({ type }) => type === 'alerts').length === 3,
  );
  expect(entriesOf(view, 'alerts').map(({ summary }) => summary)).toEqual([
    expect.stringMatching(/^Malformed alert \(key disk-1\): summary: /),
    expect.stringMatching(/^Malformed alert "disk two is full" \(key disk-2\): status: /),
    expect.stringMatching(/^Malformed alert "disk three is full" \(key disk-3\): severity: /),
  ]);
  await system.booth.nextSms({ to: cast.phone('alice'), about: 'disk two is full' });
});
