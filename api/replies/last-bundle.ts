import type { LastBundle } from '../../domain/replies/meant-by.js';
import type { AppDeps } from '../deps.js';

/** Somebody waits for an answer to their text message. */
const LIMIT = { limitMs: 500 };

/** The last page that this person got by text message, if it was about several incidents. Null when the store does not say. */
export type FindLastBundle = (userId: string) => Promise<LastBundle | null>;

export function lastBundleFinder({
  store,
  now,
  log,
}: Pick<AppDeps, 'store' | 'now' | 'log'>): FindLastBundle {
  return async (userId) => {
    try {
      return (await store?.bundles.lastOf(userId, 'sms', now(), LIMIT)) ?? null;
    } catch (error) {
      log.warn(
        { err: error, userId },
        'It could not be looked up which incidents the last text message was about.',
      );
      return null;
    }
  };
}
