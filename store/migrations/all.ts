import type { Migration } from 'kysely';
import { overridesAndAudit } from './0001-overrides-and-audit.js';
import { beats } from './0002-beats.js';
import { calendars } from './0003-calendars.js';
import { records } from './0004-records.js';
import { pageCounts } from './0005-page-counts.js';
import { verifiedMethods } from './0006-verified-methods.js';
import { handoffs } from './0007-handoffs.js';
import { maintenance } from './0008-maintenance.js';
import { bundles } from './0009-bundles.js';
import { slots } from './0010-slots.js';
import { apiKeys } from './0011-api-keys.js';

/**
 * Every change of the tables in order, by a name that is never changed again. A migration must leave what the version before
 * it reads and writes: during a rolling restart both run on one store.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-overrides-and-audit': overridesAndAudit,
  '0002-beats': beats,
  '0003-calendars': calendars,
  '0004-records': records,
  '0005-page-counts': pageCounts,
  '0006-verified-methods': verifiedMethods,
  '0007-handoffs': handoffs,
  '0008-maintenance': maintenance,
  '0009-bundles': bundles,
  '0010-slots': slots,
  '0011-api-keys': apiKeys,
};
