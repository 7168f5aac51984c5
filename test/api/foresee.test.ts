import { describe, expect, it } from 'vitest';
import { foresee } from '../../api/incidents/foresee.js';
import { foreseenAnswer, firstSearches } from '../../domain/incident/foreseen.js';
import type { IncidentInput } from '../../domain/incident/plan.js';
import { SECOND } from '../../domain/time/instant.js';
import { configOf, utc } from '../unit/config/support.js';
import { createTestApp } from './support/test-app.js';
import { API_KEY, GENERIC_KEY } from './support/test-config.js';

const AT = utc('2026-11-24 10:00');

function inputOf(severity: string): IncidentInput {
  const config = configOf();
  return {
    key: '0123456789abcdef0123',
    title: 'disk full',
    severity,
    plan: config.plan('other', AT, []),
    source: 'test',
    resolves: true,
  };
}

describe('foresee', () => {
  it('says who is on call for every search that the incident begins with, without a number or address', () => {
    const { foreseen } = foresee(configOf(), inputOf('SEV1'), AT);
    expect(foreseen?.map(({ found }) => found.people.map((person) => person.userId))).toEqual([['alice']]);
    expect(JSON.stringify(foreseen)).not.toMatch(/\+1202|@example/);
  });

  it('leaves the input as it was when nobody can be found: the alert is taken all the same', () => {
    const broken = {
      ...configOf(),
      findPeople: (): never => {
        throw new RangeError('Rota without end');
      },
    };
    const input = inputOf('SEV1');
    expect(foresee(broken, input, AT)).toEqual(input);
  });

  it('foresees all of the tiers, and the executives, of a severity that calls everybody', () => {
    const input = inputOf('SEV0');
    const { foreseen } = foresee(configOf(), input, AT);
    expect(foreseen).toHaveLength(firstSearches(input, AT).length);
    expect(foreseen?.flatMap(({ found }) => found.people.map((person) => person.userId))).toEqual(
      expect.arrayContaining(['alice', 'bob', 'erin']),
    );
  });

  it('is an answer for the same search only, and only for five seconds on either side', () => {
    const input = inputOf('SEV1');
    const { foreseen = [] } = foresee(configOf(), input, AT);
    const [search] = firstSearches(input, AT + SECOND);
    if (search === undefined) throw new Error('The incident begins without a search.');
    for (const now of [AT - 5 * SECOND, AT, AT + 5 * SECOND])
      expect(foreseenAnswer(foreseen, search, now)?.people[0]?.userId).toBe('alice');
    for (const now of [AT - 5 * SECOND - 1, AT + 5 * SECOND + 1])
      expect(foreseenAnswer(foreseen, search, now)).toBeNull();
    expect(foreseenAnswer(foreseen, { ...search, urgency: 'low' }, AT)).toBeNull();
    expect(foreseenAnswer(foreseen, { ...search, targets: [] }, AT)).toBeNull();
  });
});

describe('what goes to Temporal', () => {
  it('is foreseen, whether an alert opens the incident or a person', async () => {
    const test = createTestApp();
    const post = (url: string, key: string, payload: object) =>
      test.app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${key}` }, payload });
    expect((await post('/v1/alerts/generic', GENERIC_KEY, { summary: 'disk full' })).statusCode).toBe(202);
    expect((await post('/v1/incidents', API_KEY, { title: 'odd', severity: 'SEV1' })).statusCode).toBe(201);
    for (const input of [test.incidents.taken[0]?.input, test.incidents.declared[0]])
      expect(input?.foreseen?.length).toBeGreaterThan(0);
  });
});
