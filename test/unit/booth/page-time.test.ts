import { expect, test } from 'vitest';
import { renderTime } from '../../../booth/page-time.js';

test.each([0, 9, 23])('a time at hour %i has two digits for each of its parts, and its zone', (hour) => {
  const at = new Date(2026, 10, 22, hour, 5, 9);
  expect(renderTime(at).markup).toMatch(
    new RegExp(`>${String(hour).padStart(2, '0')}:05:09 [A-Z][A-Z0-9+:-]*</time>`),
  );
});
