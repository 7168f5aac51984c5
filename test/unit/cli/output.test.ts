import { describe, expect, it } from 'vitest';
import { createTerminalStream } from '../../../cli/up/logger.js';
import { createColours, wantsColours, widthOf } from '../../../cli/output/colours.js';
import { incidentDetails } from '../../../cli/output/incident-details.js';
import { incidentList } from '../../../cli/output/incident-list.js';
import { safe } from '../../../cli/output/safe.js';
import { table } from '../../../cli/output/table.js';
import { clockWords, relativeWords } from '../../../cli/output/times.js';

const plain = createColours(false);
const now = Date.UTC(2026, 10, 21, 12, 0, 0);

describe('colours', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('on a terminal: %s, with %j: %s', (isTerminal, env, expected) => {
    expect(wantsColours(isTerminal, env)).toBe(expected);
  });

  it('take no width in a table', () => {
    const { red } = createColours(true);
    expect(widthOf(red('abc'))).toBe(3);
    expect(
      table([
        [red('abc'), 'x'],
        ['abcd', 'y'],
      ])
        .split('\n')
        .map((line) => line.at(-1)),
    ).toEqual(['x', 'y']);
    expect(
      table([
        ['a', ''],
        ['bb', 'c'],
      ]),
    ).toBe('a\nbb  c');
  });
});

describe('text of others', () => {
  it('cannot move the cursor, colour the terminal or turn the direction of reading', () => {
    expect(safe('a\u001b[31mred\u0007\nb\tc\u202ed')).toBe('a[31mred b cd');
  });
});

describe('times', () => {
  it('are told from now, and by the clock of the zone', () => {
    expect(relativeWords(now - 5 * 60_000, now)).toBe('5 minutes ago');
    expect(relativeWords(now + 90 * 60_000, now)).toBe('in 1 h 30 min');
    expect(relativeWords(now + 10, now)).toBe('now');
    expect(clockWords(now, now, 'Europe/Berlin')).toBe('13:00:00');
    expect(clockWords(now - 86_400_000, now, 'Europe/Berlin')).toBe('2026-11-20 13:00:00');
  });
});

describe('incidents', () => {
  it('are listed with who has them', () => {
    const base = {
      openingId: 'x-1',
      service: 'payments',
      severity: 'SEV1',
      open: true,
      startedAt: now - 60_000,
    };
    const list = incidentList(
      [
        { ...base, code: '7KQ2', title: '5% fail', phase: 'triggered' },
        { ...base, code: '', title: 'a'.repeat(80), phase: 'acknowledged', owner: 'alice' },
      ],
      true,
      now,
      plain,
    );
    expect(list.split('\n')).toEqual([
      'CODE  SEVERITY  PHASE         SERVICE   WHO HAS IT  BEGAN         TITLE',
      '7KQ2  SEV1      triggered     payments  nobody yet  1 minute ago  5% fail',
      `x-1   SEV1      acknowledged  payments  alice       1 minute ago  ${'a'.repeat(59)}…`,
    ]);
    expect(incidentList([], true, now, plain)).toBe('No incident is open.');
    expect(incidentList([], false, now, plain)).toBe('No incidents.');
  });

  it('are shown with what happens next and what happened; an entry of a newer Tocsin does no harm', () => {
    const text = incidentDetails(
      {
        openingId: 'abc-1',
        workflowId: 'incident:abc',
        code: '7KQ2',
        title: '5% fail\u001b[2J',
        phase: 'triggered',
        severity: 'SEV1',
        service: 'Payments',
        policy: { id: 'default', hash: 'h' },
        source: 'alertmanager',
        openedAt: now - 60_000,
        paging: true,
        paged: [{ name: 'Alice', at: now - 60_000, open: true }],
        alerts: { firing: 1, total: 2 },
        deadlines: [{ name: 'ack', at: now + 240_000, label: 'ack timeout: Alice' }],
        timeline: [
          { at: now - 60_000, type: 'skipped', tier: 'tier 1', why: 'nobody there' },
          { at: now, type: 'from-the-future' },
        ],
        timelineDropped: 3,
      },
      now,
      'UTC',
      plain,
    );
    expect(text).toContain('7KQ2  SEV1  5% fail[2J');
    expect(text).toContain('who has it  nobody yet; paged: Alice');
    expect(text).toContain('12:04:00  in 4 minutes  ack timeout: Alice');
    expect(text).toContain('11:59:00  skipped tier 1: nobody there');
    expect(text).toContain('12:00:00  from-the-future');
    expect(text).toContain('3 earlier entries');
  });
});

describe('warnings of the log on the terminal', () => {
  it('are shown once in ten seconds, without the SDK’s own and without what is no warning', () => {
    const shown: string[] = [];
    let at = 0;
    const write = createTerminalStream(
      (text) => shown.push(text),
      () => at,
    );
    const line = (fields: object): void => write(JSON.stringify(fields));
    line({ level: 30, msg: 'request' });
    line({ level: 40, msg: 'retrying', component: 'temporal-sdk' });
    line({ level: 50, msg: 'nothing can be sent', detail: 'SMTP 535', err: { message: 'refused' } });
    line({ level: 50, msg: 'nothing can be sent', detail: 'SMTP 535', err: { message: 'refused' } });
    write('no JSON');
    expect(shown).toEqual(['nothing can be sent: SMTP 535: refused']);
    at = 10_000;
    line({ level: 50, msg: 'nothing can be sent', detail: 'SMTP 535', err: { message: 'refused' } });
    expect(shown).toHaveLength(2);
  });
});
