import { describe, expect, it } from 'vitest';
import { momentIn } from '../../../config/moments.js';

const NOW = Date.UTC(2026, 10, 24, 10);
const BERLIN = 'Europe/Berlin';

describe('a point in time as people write it', () => {
  it.each([
    ['2026-12-24T18:00:00Z', '2026-12-24T18:00:00.000Z'],
    ['2026-12-24t18:00z', '2026-12-24T18:00:00.000Z'],
    ['2026-12-24 18:00+05:30', '2026-12-24T12:30:00.000Z'],
    ['2026-12-24 18:00', '2026-12-24T17:00:00.000Z'],
    ['2026-12-24T18:00:30.5', '2026-12-24T17:00:30.500Z'],
    ['2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['1795514400000', '2026-11-24T10:00:00.000Z'],
    ['now', '2026-11-24T10:00:00.000Z'],
    // The clocks jump from 02:00 to 03:00.
    ['2026-03-29 02:30', '2026-03-29T01:30:00.000Z'],
    // They go back from 03:00 to 02:00: the first of the two.
    ['2026-10-25 02:30', '2026-10-25T00:30:00.000Z'],
  ])('%s is %s in Berlin', (text, expected) => {
    const at = momentIn(BERLIN, text, NOW);
    expect(at === null ? null : new Date(at).toISOString()).toBe(expected);
  });

  it.each([
    '',
    'soon',
    '18:00',
    '2026-02-30',
    '2026-12-24 24:00',
    '2026-12-24T18',
    '2026-13-01',
    '1969-12-31',
    '2101-01-02',
    '9999999999999999',
    '2026-12-24 18:00+1',
  ])('"%s" is none', (text) => {
    expect(momentIn(BERLIN, text, NOW)).toBeNull();
  });

  it('has a midnight on days that begin later, too', () => {
    // Santiago has no 00:00 on 6 September 2026.
    const at = momentIn('America/Santiago', '2026-09-06', NOW);
    expect(at).toBe(Date.parse('2026-09-06T04:00:00Z'));
  });
});
