import { createHash } from 'node:crypto';
import type { Config } from '../../../config/types.js';
import type { Log } from '../../create-activities.js';
import { send } from './provider.js';

/** Sends a person what became of a reply, through the gateway it came in by. */
export type SendText = (gateway: string, to: string, text: string) => Promise<void>;

/** The gateway waits for our answer meanwhile. */
const TIMEOUT_MS = 5_000;

/** Tried once: whoever hears nothing looks at the link. A failure is in the log. */
export function createTextSender(deps: {
  readonly config: () => Config;
  readonly now: () => number;
  readonly log: Log;
}): SendText {
  return async (gateway, to, text) => {
    const settings = deps.config().providers.find(({ id }) => id === gateway);
    if (settings?.kind !== 'sms-gateway') return;
    const key = createHash('sha256').update(`${to}\n${deps.now()}\n${text}`).digest('hex').slice(0, 32);
    const message = { to, text, id: key, key, callback: '' };
    const result = await send(settings, message, AbortSignal.timeout(TIMEOUT_MS), deps.now);
    if (!result.ok) {
      deps.log.warn(
        { provider: gateway, reason: result.reason, detail: result.detail },
        'An answer to a reply could not be sent.',
      );
    }
  };
}
