import type { Migration } from 'kysely';
import { overridesAndAudit } from './0001-overrides-and-audit.js';
import { beats } from './0002-beats.js';
import { calendars } from './0003-calendars.js';

/**
 * Every change of the tables in order, by a name that is never changed again. A migration must leave what the version before
 * it reads and writes: during a rolling restart both run on one store.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-overrides-and-audit': overridesAndAudit,
  '0002-beats': beats,
  '0003-calendars': calendars,
};
