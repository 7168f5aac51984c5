import { describe, expect, it } from 'vitest';
import { zoneTimes } from '../../../config/zone-times.js';

describe('times for one reader', () => {
  it('are those of the reader’s zone', () => {
    const at = Date.UTC(2026, 10, 24, 23, 6);
    expect(zoneTimes('Asia/Tokyo').time(at)).toMatch(/^08:06 /);
    expect(zoneTimes('Asia/Tokyo').moment(at)).toMatch(/^Wed 25 Nov, 08:06 /);
    expect(zoneTimes('Europe/Berlin').moment(at)).toBe('Wed 25 Nov, 00:06 CET');
  });

  it('are UTC where the zone is unknown', () => {
    expect(zoneTimes('Nowhere/Land').time(Date.UTC(2026, 10, 24, 23, 6))).toBe('23:06 UTC');
  });
});
