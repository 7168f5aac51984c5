import type { Override } from '../../../domain/oncall/override.js';
import type { AuditContext } from '../../../store/audit.js';
import type { OpenStoreOptions } from '../../../store/open-store.js';

export const HOUR = 3_600_000;
export const NOON = Date.parse('2026-11-21T12:00:00Z');

export function override(id: string, more: Partial<Override> = {}): Override {
  return {
    id,
    schedule: 'primary',
    slot: 'primary',
    userId: 'bob',
    insteadOf: null,
    from: NOON,
    to: NOON + 4 * HOUR,
    reason: 'dentist',
    by: 'alice',
    createdAt: NOON - HOUR,
    swapId: null,
    ...more,
  };
}

export function by(actor: string, at: number = NOON - HOUR): AuditContext {
  return { at, actor, via: 'api', address: '192.0.2.7' };
}

/** Nothing is against it. */
export const anything = (): null => null;

export const silent: OpenStoreOptions['log'] = { info: () => undefined, warn: () => undefined };
