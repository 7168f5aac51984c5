import { NEWEST_RULES } from '../domain/incident/machine.js';

/**
 * The version of the rules that drives this run, set once at its start. The next version adds, in this place and nowhere
 * else, `patched('rules-2') ? 2 : 1`: runs that began under older rules replay with them, and move forward at continue-as-new.
 */
export function newestRules(): number {
  return NEWEST_RULES;
}
