import { describe, expect, test } from 'vitest';
import { ACTION_NAMES } from '../../../domain/incident/event.js';
import { MINUTE } from '../../../domain/time/instant.js';
import type { Ask } from '../../../simulation/ask-sentence.js';
import { LINK_ACTIONS, LINK_SNOOZES, waysOf } from '../../../simulation/ways.js';
import { askedBy, PAGE_ACTIONS } from '../../../web/action-form.js';

const ASKS: Readonly<Record<Ask['action'], Ask>> = {
  acknowledge: { action: 'acknowledge' },
  take: { action: 'take' },
  progress: { action: 'progress' },
  resolve: { action: 'resolve' },
  escalate: { action: 'escalate' },
  severity: { action: 'severity', severity: 'SEV0' },
  update: { action: 'update', text: 'rolled back' },
  note: { action: 'note', text: 'resolve' },
  snooze: { action: 'snooze', forMs: 30 * MINUTE },
  unacknowledge: { action: 'unacknowledge' },
  reassign: { action: 'reassign', to: 'bob' },
  'add-responders': { action: 'add-responders', whom: [{ kind: 'user', id: 'bob' }] },
  'publish-postmortem': { action: 'publish-postmortem', url: 'https://wiki.example.com/pm' },
};

describe('the ways of a scenario are those of production:', () => {
  test('the buttons behind a link', () => {
    const asked = PAGE_ACTIONS.map(askedBy);
    expect(new Set(asked.map(({ action }) => action))).toEqual(new Set(LINK_ACTIONS));
    expect(asked.flatMap((ask) => (ask.action === 'snooze' ? [ask.forMs] : []))).toEqual(LINK_SNOOZES);
  });

  test('the routes of the API, which has no other action', () => {
    const acting = Object.keys(ASKS).filter((action) => action !== 'publish-postmortem');
    expect(new Set(acting)).toEqual(new Set(ACTION_NAMES));
  });

  test.each([
    ['acknowledge', 'sms voice link api cli'],
    ['take', 'sms link api cli'],
    ['progress', 'sms link api cli'],
    ['resolve', 'sms voice link api cli'],
    ['escalate', 'sms voice link api cli'],
    ['severity', 'api cli'],
    ['update', 'sms api cli'],
    ['note', 'api cli'],
    ['snooze', 'link api cli'],
    ['unacknowledge', 'link api cli'],
    ['reassign', 'api cli'],
    ['add-responders', 'api cli'],
    ['publish-postmortem', 'api cli'],
  ] as const)('%s by %s', (action, ways) => {
    expect(waysOf(ASKS[action]).join(' ')).toBe(ways);
  });

  test('a reason can be typed, and not pressed or texted', () => {
    expect(waysOf({ action: 'escalate', reason: 'need a DBA' })).toEqual(['api', 'cli']);
  });
});
