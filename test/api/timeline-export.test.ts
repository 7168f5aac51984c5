import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../api/errors.js';
import { SECOND } from '../../domain/time/instant.js';
import { summaryOf, viewOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, OPENING, type TestApp } from './support/test-app.js';

function withIncident(view = viewOf()): TestApp {
  const test = createTestApp();
  test.incidents.incidents = [summaryOf()];
  test.incidents.views.set(OPENING, view);
  return test;
}

const ADDRESS = '/v1/incidents/7KQ2/timeline';

/** The cells of CSV as RFC 4180 has it, read without our code. */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  let rest = csv;
  while (rest !== '') {
    const quoted = /^"((?:[^"]|"")*)"(,|\r\n)/.exec(rest);
    if (quoted === null) throw new Error(`Not a quoted cell: ${rest.slice(0, 40)}`);
    const [all, cell = '', end] = quoted;
    rows.at(-1)?.push(cell.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
    rest = rest.slice(all.length);
  }
  return rows.slice(0, -1);
}

describe('GET /v1/incidents/{id}/timeline', () => {
  it('gives the timeline with its words as JSON', async () => {
    const answer = await withIncident().api('GET', ADDRESS);
    const view = viewOf();
    expect(answer.json()).toMatchObject({
      openingId: OPENING,
      code: '7KQ2',
      timelineDropped: 0,
      entries: view.timeline.map((entry) => ({ at: entry.at, type: entry.type, entry })),
    });
    expect(answer.json<{ entries: object[] }>().entries[1]).toMatchObject({
      time: '2026-11-24T09:58:00.000Z',
      text: 'paging primary',
    });
    expect(answer.headers['content-disposition']).toBe('attachment; filename="incident-7KQ2.json"');
  });

  it('gives CSV: one line for each entry, with all of its fields', async () => {
    const answer = await withIncident().api('GET', `${ADDRESS}?format=csv`);
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    const [header, ...rows] = cellsOf(answer.body);
    expect(header).toEqual(['time', 'seconds_since_opening', 'type', 'text', 'fields']);
    expect(rows).toHaveLength(viewOf().timeline.length);
    expect(rows[2]?.slice(0, 4)).toEqual([
      '2026-11-24T09:58:01.000Z',
      '1',
      'paged',
      'paged Alice (primary, primary of payments)',
    ]);
    expect(JSON.parse(rows[2]?.[4] ?? '')).toMatchObject({ userId: 'alice', tier: 'primary' });
  });

  it.each(['=HYPERLINK("http://evil")', '+1', '-1+2', '@SUM(A1)', '\t=1', '＝1', '|cmd', '  =1', '%0A'])(
    'lets no spreadsheet run %j',
    async (text) => {
      const view = viewOf({ timeline: [{ at: NOW, type: 'remark', text }] });
      const answer = await withIncident(view).api('GET', `${ADDRESS}?format=csv`);
      const cell = cellsOf(answer.body)[1]?.[3] ?? '';
      expect(cell).toBe(`'${text.trim()}`);
    },
  );

  it('keeps quotes, commas and line breaks inside their cell', async () => {
    const view = viewOf({
      timeline: [
        { at: NOW, type: 'note', who: 'A "B", C', via: 'api', text: 'one\r\ntwo, "three"' },
        { at: NOW, type: 'resolved' },
      ],
    });
    const rows = cellsOf((await withIncident(view).api('GET', `${ADDRESS}?format=csv`)).body);
    expect(rows).toHaveLength(3);
    expect(rows[1]?.[3]).toBe('note by A "B", C through the API: one two, "three"');
    expect(JSON.parse(rows[1]?.[4] ?? '')).toMatchObject({ text: 'one\r\ntwo, "three"' });
  });

  it('gives Markdown with which a postmortem can begin', async () => {
    const view = viewOf({ phase: 'resolved', acknowledgedAt: NOW - 60_000, resolvedAt: NOW });
    const answer = await withIncident(view).api('GET', `${ADDRESS}?format=markdown`);
    expect(answer.headers['content-type']).toBe('text/markdown; charset=utf-8');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="incident-7KQ2.md"');
    const text = answer.body;
    expect(text).toMatch(/^# Postmortem: Checkout: 15 % of payments fail/);
    expect(text).toContain('| Acknowledged | 2026-11-24 09:59:00 UTC, after 1 minute |');
    expect(text).toContain('| Resolved | 2026-11-24 10:00:00 UTC, after 2 minutes |');
    expect(text).toContain('- `2026-11-24 09:58:01` paged Alice \\(primary, primary of payments\\)');
    for (const heading of ['Summary', 'Impact', 'Timeline (UTC)', 'Root cause', 'Action items', 'Lessons'])
      expect(text).toContain(`\n## ${heading}\n`);
    expect(text).not.toContain('not over');
  });

  it('says in the Markdown of an open incident that it is open, and lets no text of others become Markdown', async () => {
    const view = viewOf({
      title: '# <img src=x> [a](javascript:b) | c',
      runbook: 'https://wiki.example.com/a|b',
      timelineDropped: 3,
      timeline: [{ at: NOW, type: 'note', who: 'x', via: 'api', text: '\n# Heading\n<script>' }],
    });
    const { body } = await withIncident(view).api('GET', `${ADDRESS}?format=markdown`);
    expect(body).toContain('> The incident is not over: this is how it stood at 2026-11-24 10:00:00 UTC.');
    expect(body).toContain('_3 entries no longer fit here._');
    expect(body).toContain('# Postmortem: \\# \\<img src=x\\> \\[a\\]\\(javascript:b\\) \\| c');
    expect(body).toContain('| Runbook | <https://wiki.example.com/a%7Cb> |');
    expect(body).toContain('note by x through the API: \\# Heading \\<script\\>');
  });

  it.each([
    ['text/csv', 'text/csv'],
    ['text/markdown', 'text/markdown'],
    ['text/html, text/markdown;q=0.4, text/csv;q=0.5', 'text/csv'],
    ['*/*', 'application/json'],
    ['text/csv;q=0, application/json', 'application/json'],
    ['image/png', 'application/json'],
    ['text/csv;q=x', 'application/json'],
  ])('answers Accept: %s with %s', async (accept, type) => {
    const answer = await withIncident().api('GET', ADDRESS, undefined, { accept });
    expect(String(answer.headers['content-type']).split(';')[0]).toBe(type);
    expect(answer.headers['vary']).toBe('accept');
  });

  it('goes by `format` where both are there, and names the formats when it has no such', async () => {
    const csv = await withIncident().api('GET', `${ADDRESS}?format=csv`, undefined, {
      accept: 'application/json',
    });
    expect(csv.headers['content-type']).toContain('text/csv');
    const wrong = await withIncident().api('GET', `${ADDRESS}?format=pdf`);
    expect([wrong.statusCode, wrong.json<ErrorBody>().error]).toMatchObject([
      400,
      { code: 'invalid-query', problems: [{ path: 'format' }] },
    ]);
  });

  it('says 404 to an id that names nothing', async () => {
    const answer = await createTestApp().api('GET', ADDRESS);
    expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([404, 'incident-not-found']);
  });

  it('exports an entry of a newer version by its name', async () => {
    const unknown = { at: NOW, type: 'teleported', who: 'x' } as never;
    const view = viewOf({ openedAt: NOW - 10 * SECOND, timeline: [unknown] });
    const answer = await withIncident(view).api('GET', `${ADDRESS}?format=csv`);
    expect(cellsOf(answer.body)[1]?.slice(1, 4)).toEqual(['10', 'teleported', 'teleported']);
  });
});
