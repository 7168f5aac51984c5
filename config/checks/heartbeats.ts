import { parseDuration } from '../duration.js';
import { SHORTEST_EVERY } from '../heartbeats.js';
import { entriesOf, entryOf } from '../raw.js';
import { HEARTBEAT_INTEGRATION } from '../types.js';
import type { Check } from './check.js';

const intervals: Check = (raw, report) => {
  for (const [id, heartbeat] of entriesOf(entryOf(raw, 'heartbeats'))) {
    const at = ['heartbeats', id];
    const span = (key: string): number | null => {
      const text = entryOf(heartbeat, key);
      return typeof text === 'string' ? parseDuration(text) : null;
    };
    const every = span('every');
    const grace = span('grace');
    if (every !== null && every > 0 && every < SHORTEST_EVERY)
      report('error', [...at, 'every'], 'value', {
        message: 'is shorter than 30s',
        remedy: 'Write 30s or more, and let the sender beat less often.',
      });
    if (every !== null && grace !== null && grace > every)
      report('warning', [...at, 'grace'], 'value', {
        message: 'is longer than every, so that a whole beat may be left out unnoticed',
        remedy: 'Write a shorter grace, or a longer every.',
      });
  }
};

/** Its alerts and theirs would share incidents. */
const nameIsFree: Check = (raw, report) => {
  if (entriesOf(entryOf(raw, 'heartbeats')).length === 0) return;
  if (entryOf(entryOf(raw, 'integrations'), HEARTBEAT_INTEGRATION) === undefined) return;
  report('error', ['integrations', HEARTBEAT_INTEGRATION], 'key', {
    message: 'is the name under which missed heartbeats come in',
    remedy: 'Give this integration another id.',
  });
};

export const HEARTBEAT_CHECKS: readonly Check[] = [intervals, nameIsFree];
