import { describe, expect, test } from 'vitest';
import { concerned } from '../../../domain/incident/concerned.js';
import { viewOf } from '../../../domain/incident/machine.js';
import { BOUNDS } from '../../../domain/incident/state.js';
import { incident } from './fixtures.js';

function involved(it: ReturnType<typeof incident>): readonly string[] {
  return concerned(viewOf(it.state(), ''), it.state()).involved;
}

describe('whom an incident concerns', () => {
  test('whoever did something about it, though they were never paged, and also when they no longer have it', () => {
    const it = incident();
    expect(involved(it)).toEqual(['alice']);
    it.acts('zoe', { action: 'note', text: 'the deploy of 14:02' });
    it.acts('yan', { action: 'take' });
    it.acts('xia', { action: 'take' });
    expect(involved(it)).toEqual(['xia', 'yan', 'zoe', 'alice']);
    it.acts('will', { action: 'resolve' });
    expect(involved(it)).toContain('xia');
    expect(involved(it)).toContain('will');
  });

  test('nobody for what was refused or changed nothing', () => {
    const it = incident();
    it.acts('zoe', { action: 'snooze', forMs: 1 });
    it.acts('yan', { action: 'unacknowledge' });
    it.acts('xia', { action: 'severity', severity: 'SEV99' });
    expect(involved(it)).toEqual(['alice']);
    expect(it.state().acted).toBeUndefined();
  });

  test('a bounded number of people, the last ones, and never a key that does not have it', () => {
    const it = incident();
    for (let index = 0; index < BOUNDS.acted + 5; index += 1)
      it.acts(`u${index}`, { action: 'note', text: 'x' });
    expect(it.state().acted).toHaveLength(BOUNDS.acted);
    expect(involved(it).slice(0, 2)).toEqual([`u${BOUNDS.acted + 4}`, `u${BOUNDS.acted + 3}`]);
    const before = involved(it);
    it.feed({
      type: 'action',
      action: {
        requestId: 'k',
        openingId: it.state().openingId,
        by: { kind: 'key', id: 'ops-bot', name: 'ops-bot' },
        via: 'api',
        action: 'note',
        text: 'x',
      },
    });
    expect(involved(it)).toEqual(before);
  });
});
