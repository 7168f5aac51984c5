import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../api/errors.js';
import type { Config } from '../../config/types.js';
import type { Answer, FoundPeople } from '../../domain/incident/event.js';
import { MINUTE } from '../../domain/time/instant.js';
import { summaryOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, type TestApp } from './support/test-app.js';
import { testConfig } from './support/test-config.js';

const REACHABLE: FoundPeople = {
  people: [{ userId: 'x', name: 'X', via: 'x', rules: [], notice: [] }],
  problems: [],
};

/** A config in which everybody can be paged but those who are named. */
function configWithout(...unreachable: string[]): Config {
  const config = testConfig();
  return {
    ...config,
    findPeople: (targets) => {
      const [target] = targets;
      const name = target === undefined || target.kind === 'manager' ? '' : target.id;
      return unreachable.includes(name)
        ? { people: [], problems: [`${name} has no way to be paged`] }
        : REACHABLE;
    },
  };
}

function withIncident(config: Config = configWithout()): TestApp {
  const test = createTestApp({ config: () => config });
  test.incidents.incidents = [summaryOf()];
  return test;
}

async function refused(test: TestApp, path: string, body: object) {
  const answer = await test.api('POST', `/v1/incidents/7KQ2/${path}`, body);
  const { error } = answer.json<ErrorBody>();
  expect(test.incidents.acted).toEqual([]);
  return { status: answer.statusCode, ...error };
}

describe('POST /v1/incidents/{id}/snooze', () => {
  it('reads how long, as the configuration writes durations', async () => {
    const test = withIncident();
    const answer = await test.api('POST', '/v1/incidents/7KQ2/snooze', { by: 'alice', for: '1h30m' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ outcome: 'snoozed' });
    expect(test.incidents.acted).toMatchObject([
      { action: 'snooze', forMs: 90 * MINUTE, by: { kind: 'user', id: 'alice' }, via: 'api' },
    ]);
  });

  it.each([{}, { for: 30 }, { for: '30' }, { for: 'half an hour' }, { for: '-5m' }, { for: '9000d' }])(
    'names what is wrong with %j',
    async (body) => {
      expect(await refused(withIncident(), 'snooze', body)).toMatchObject({
        status: 400,
        code: 'invalid-body',
        problems: [{ path: 'for' }],
      });
    },
  );

  it('passes on that the incident refuses such a time', async () => {
    const test = withIncident();
    const sentence = 'A snooze lasts from 5 minutes to 24 hours; nothing was done.';
    test.incidents.result = () => ({
      kind: 'answered',
      answer: { outcome: 'snooze-out-of-bounds', sentence },
    });
    const answer = await test.api('POST', '/v1/incidents/7KQ2/snooze', { for: '3d' });
    expect([answer.statusCode, answer.json<ErrorBody>().error]).toMatchObject([
      400,
      { code: 'snooze-out-of-bounds', message: sentence, problems: [{ path: 'for' }] },
    ]);
  });
});

describe('POST /v1/incidents/{id}/unacknowledge', () => {
  it('needs nothing but the key', async () => {
    const test = withIncident();
    const answer = await test.api('POST', '/v1/incidents/7KQ2/unacknowledge');
    expect(answer.json()).toMatchObject({ outcome: 'unacknowledged' });
    expect(test.incidents.acted).toMatchObject([{ action: 'unacknowledge', by: { kind: 'key', id: 'ops' } }]);
  });
});

describe('POST /v1/incidents/{id}/reassign', () => {
  it('asks a user of the configuration, with the name that people know', async () => {
    const test = withIncident();
    const answer = await test.api('POST', '/v1/incidents/7KQ2/reassign', {
      by: 'alice',
      to: 'bob',
      reason: 'shift is over',
    });
    expect(answer.json()).toMatchObject({ outcome: 'reassigning' });
    expect(test.incidents.acted).toMatchObject([
      { action: 'reassign', to: 'bob', toName: 'Bob', reason: 'shift is over' },
    ]);
  });

  it('refuses somebody unknown, and somebody who can not be reached', async () => {
    expect(await refused(withIncident(), 'reassign', { to: 'zoe' })).toMatchObject({
      status: 400,
      code: 'unknown-user',
      problems: [{ path: 'to', message: 'Expected the id of a user, found "zoe".' }],
    });
    expect(await refused(withIncident(configWithout('bob')), 'reassign', { to: 'bob' })).toMatchObject({
      status: 400,
      code: 'nobody-reachable',
      message: 'Bob has no way to be paged; nothing was changed.',
    });
  });

  it.each<[Answer['outcome'], number, string]>([
    ['reassign-refused', 409, 'reassign-refused'],
    ['key-reused', 409, 'idempotency-key-reused'],
  ])('passes on the refusal %s of the incident', async (outcome, status, code) => {
    const test = withIncident();
    test.incidents.result = () => ({ kind: 'answered', answer: { outcome, sentence: 'No.' } });
    const answer = await test.api('POST', '/v1/incidents/7KQ2/reassign', { by: 'alice', to: 'alice' });
    expect([answer.statusCode, answer.json<ErrorBody>().error]).toMatchObject([
      status,
      { code, message: 'No.' },
    ]);
  });
});

describe('POST /v1/incidents/{id}/responders', () => {
  it('makes lines of users, teams and schedules, and of a service the steps of its policy by value', async () => {
    const test = withIncident();
    const answer = await test.api('POST', '/v1/incidents/7KQ2/responders', {
      by: 'alice',
      users: ['bob'],
      teams: ['database'],
      schedules: ['payments'],
      services: ['orders'],
      reason: 'needs a DBA',
    });
    expect(answer.json()).toMatchObject({ outcome: 'responders-paged' });
    const timeoutMs = 4 * MINUTE;
    const slot = (name: 'primary' | 'secondary') => ({
      name,
      targets: [{ kind: 'schedule', id: 'payments', slot: name }],
      timeoutMs,
    });
    expect(test.incidents.acted).toMatchObject([
      {
        action: 'add-responders',
        reason: 'needs a DBA',
        responders: [
          {
            name: 'Bob',
            steps: [{ name: 'responder', targets: [{ kind: 'user', id: 'bob' }], timeoutMs }],
          },
          { name: 'team database', steps: [{ targets: [{ kind: 'team', id: 'database' }], timeoutMs }] },
          { name: 'schedule payments', steps: [slot('primary'), slot('secondary')] },
          { name: 'orders', steps: configWithout().plan('orders', NOW, []).policy.steps },
        ],
      },
    ]);
  });

  it('names every id that the configuration does not have, and pages nobody', async () => {
    const body = { users: ['bob', 'zoe'], teams: ['dba'], schedules: ['x'], services: ['kitchen'] };
    expect(await refused(withIncident(), 'responders', body)).toMatchObject({
      status: 400,
      code: 'unknown-responder',
      problems: [
        { path: 'users[1]', message: 'Expected the id of a user, found "zoe".' },
        { path: 'teams[0]' },
        { path: 'schedules[0]' },
        { path: 'services[0]' },
      ],
    });
  });

  it('names those of whom nobody can be paged now', async () => {
    const test = withIncident(configWithout('database'));
    expect(await refused(test, 'responders', { users: ['bob'], teams: ['database'] })).toMatchObject({
      status: 400,
      code: 'nobody-reachable',
      problems: [{ path: 'teams[0]', message: 'Database has no way to be paged.' }],
    });
  });

  it.each([
    {},
    { users: [] },
    { users: 'bob' },
    { users: Array(21).fill('bob') },
    { users: Array(11).fill('bob'), teams: Array(10).fill('database') },
  ])('refuses the body %#', async (body) => {
    expect(await refused(withIncident(), 'responders', body)).toMatchObject({
      status: 400,
      code: 'invalid-body',
    });
  });
});
