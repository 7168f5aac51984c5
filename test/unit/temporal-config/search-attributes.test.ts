import { describe, expect, it } from 'vitest';
import {
  searchAttributesOf,
  searchAttributeTypes,
  type IncidentFacts,
} from '../../../temporal-config/search-attributes.js';

/** How many of each type a namespace has on SQL. Source: Temporal's visibility schema for PostgreSQL, MySQL and SQLite. */
const COLUMNS = { Keyword: 10, KeywordList: 3, Datetime: 3 } as const;

const OPENED_AT = Date.UTC(2026, 10, 21, 12, 0, 0, 250);
const FACTS: IncidentFacts = {
  kind: 'incident',
  openingId: '0123456789abcdef0123-00c0ffee',
  openedAt: OPENED_AT,
  code: '7KQ2',
  service: 'shop',
  severity: 'SEV1',
  phase: 'triggered',
  paged: ['alice'],
  responders: ['alice'],
};

function valuesOf(changes: Partial<IncidentFacts> = {}): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    searchAttributesOf({ ...FACTS, ...changes }).map(({ key, value }) => [key.name, value]),
  );
}

describe('search attributes', () => {
  it('are no more than a namespace has room for on SQL, each written with every change', () => {
    const types = Object.values(searchAttributeTypes);
    const used = Object.fromEntries(
      Object.keys(COLUMNS).map((name) => [name, types.filter((type) => type === name).length]),
    );
    expect(used).toEqual({ Keyword: 8, KeywordList: 2, Datetime: 1 });
    for (const [name, count] of Object.entries(COLUMNS)) expect(used[name]).toBeLessThanOrEqual(count);
    expect(Object.keys(valuesOf()).sort()).toEqual(Object.keys(searchAttributeTypes).sort());
  });

  it('say to the millisecond when it opened', () => {
    expect(valuesOf()['TocsinOpened']).toEqual(new Date('2026-11-21T12:00:00.250Z'));
  });

  it('take away what is no longer so', () => {
    expect(valuesOf({ owner: 'alice', team: 'web' })).toMatchObject({
      TocsinOwner: 'alice',
      TocsinTeam: 'web',
    });
    expect(valuesOf()).toMatchObject({ TocsinOwner: null, TocsinTeam: null });
  });

  it('name nobody by a number or an address, and stay far below the 2 kB at which the server ends a workflow', () => {
    const people = Array.from({ length: 400 }, (_, index) => `person-${index}@example.com`);
    const { TocsinPaged: paged, TocsinOwner: owner } = valuesOf({ paged: people, owner: '+12025550101' });
    expect(owner).toMatch(/^[a-z0-9]{12}$/);
    expect(paged).toContain('+more');
    const list = paged as readonly string[];
    expect(list.filter((id) => id !== '+more' && !/^[a-z0-9]{12}$/.test(id))).toEqual([]);
    // The server measures the JSON that is sent.
    expect(Buffer.byteLength(JSON.stringify(list))).toBeLessThanOrEqual(1_800 + ',"+more"]'.length);
    expect(list.length).toBeGreaterThan(100);
  });
});
