import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEYS, startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { codeKnown, endIncident, entriesOf, openIncident, searchable } from './support/stage.js';
import { runCommand } from '../support/command-line.js';

const cast = createCast({
  people: {
    alice: [['0s', 'sms']],
    bob: [['0s', 'sms']],
    carol: [['0s', 'sms']],
    dan: [['0s', 'sms']],
  },
  services: { shop: [{ to: ['alice'] }], storage: [{ to: ['carol'], timeout: '2s' }, { to: ['dan'] }] },
  timings: { snoozeShortest: '1s', stability: '1s' },
});

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem({ config: cast.yaml });
});
afterAll(() => system.stop());

/** One command line, as a person types it. */
async function tocsin(line: string): Promise<{ readonly code: number; readonly out: string }> {
  const env = { TOCSIN_URL: system.url, TOCSIN_API_KEY: KEYS.api };
  const { code, all } = await runCommand(line.split(' '), { env, now: Date.now });
  return { code, out: all };
}

async function note(code: string, key: string, text: string): Promise<{ status: number; error?: string }> {
  const answer = await fetch(`${system.url}/v1/incidents/${code}/notes`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${KEYS.api}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({ text }),
  });
  const body = (await answer.json()) as { error?: { code: string } };
  return { status: answer.status, ...(body.error === undefined ? {} : { error: body.error.code }) };
}

test('snoozed, given away, helped with, given back and exported, on a real server and by the command line', async () => {
  const { booth } = system;
  const alert = { service: 'shop', name: 'checkout' };
  const { code, openingId } = await openIncident(system, alert);
  await codeKnown(system, code);
  await booth.nextSms({ to: cast.phone('alice'), about: `ACK ${code}` });

  // Too long is refused in words; two seconds later she is paged again.
  expect(await tocsin(`snooze ${code} 25h --by alice`)).toMatchObject({
    code: 1,
    out: expect.stringContaining('from 1 second to 24 hours') as string,
  });
  expect(await tocsin(`snooze ${code} 2s --by alice`)).toMatchObject({
    code: 0,
    out: expect.stringContaining('You have it, and it is snoozed until') as string,
  });
  await booth.nextSms({ to: cast.phone('alice'), about: 'snooze over' });
  await tocsin(`ack ${code} --by alice`);

  // Bob is asked, and a bare ACK of his is enough.
  expect((await tocsin(`reassign ${code} bob --by alice --reason shift`)).out).toContain(
    'Bob is being paged to take it over; Alice keeps it until then.',
  );
  await booth.nextSms({ to: cast.phone('bob'), about: 'to take over' });
  await searchable(system, 'bob');
  expect(await booth.reply(cast.phone('bob'), 'ack')).toMatch(/You took over from Alice/);
  await booth.nextSms({ to: cast.phone('alice'), about: 'Bob took it over from Alice' });
  expect((await tocsin(`reassign ${code} zoe`)).out).toContain('Expected the id of a user, found "zoe"');

  // A whole service is asked for help: its first step does not answer, its second joins.
  expect((await tocsin(`page ${code} --service storage --by bob`)).out).toContain(
    'Being paged now: storage.',
  );
  await booth.nextSms({ to: cast.phone('carol'), about: 'help wanted' });
  await booth.nextSms({ to: cast.phone('dan'), about: 'help wanted' });
  expect(await booth.reply(cast.phone('dan'), `ACK ${code}`)).toMatch(/You joined.*Bob has it/);
  await booth.nextSms({ to: cast.phone('bob'), about: 'Dan joined' });
  expect((await tocsin(`show ${code}`)).out).toContain('storage: Dan joined');

  // The same key for something else.
  expect(await note(code, 'one', 'the first')).toEqual({ status: 200 });
  expect(await note(code, 'one', 'the first')).toEqual({ status: 200 });
  expect(await note(code, 'one', 'another')).toEqual({ status: 409, error: 'idempotency-key-reused' });

  // Nobody has it any more: alice is paged as the first step.
  expect((await tocsin(`unack ${code} --by bob`)).out).toContain('Nobody has it now; paging begins anew.');
  await booth.nextSms({ to: cast.phone('alice'), about: 'open again' });
  expect(await system.view(openingId)).toMatchObject({ phase: 'triggered', paging: true });

  await endIncident(system, alert, openingId);
  const view = await system.view(openingId);
  expect(entriesOf(view, 'note')).toMatchObject([{ text: 'the first' }]);
  const { out } = await tocsin(`export ${openingId}`);
  expect(out).toMatch(/^# Postmortem: checkout is down/);
  expect(out).toContain('| State | resolved |');
  expect(out).toMatch(/`[\d-]+ [\d:]+` Dan joined by SMS \\\(asked for: storage\\\)/);
  expect((await tocsin(`export ${openingId} --format csv`)).out.split('\r\n').length).toBe(
    view.timeline.length + 1,
  );
});
