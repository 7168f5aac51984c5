import type { AuditContext } from '../../store/audit.js';
import { StoreAway, StoreTooNew } from '../../store/errors.js';
import type { KnownVerified } from '../../store/known-verified.js';
import type { Store } from '../../store/store.js';
import { marksOf } from '../../tokens/contact-proof.js';
import type { AppDeps } from '../deps.js';

export interface RenewalDeps extends Pick<AppDeps, 'config' | 'tokens' | 'now' | 'log'> {
  readonly verified: Pick<KnownVerified, 'current' | 'loaded' | 'refresh'>;
  readonly store: Pick<Store, 'verifiedMethods'>;
  /** Between tries while the store is away. Default a minute. */
  readonly againMs?: number;
}

const AGAIN_MS = 60_000;

/**
 * After a change of the secret: moves what people have confirmed to the new one, while the old one is still there to know it by. Once
 * for each start, tried until the store lets it.
 */
export function startMarkRenewal(deps: RenewalDeps): { stop(): void } {
  const { verified, againMs = AGAIN_MS, log } = deps;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (): Promise<void> => {
    if (isStopped) return;
    try {
      const renewed = await renewMarks(deps);
      if (renewed > 0) {
        log.info({ renewed }, 'Confirmations of contact methods were moved to the new secret.');
        await verified.refresh();
      }
    } catch (error) {
      if (!(error instanceof StoreAway || error instanceof StoreTooNew))
        log.warn({ err: error }, 'Confirmations of contact methods could not be moved to the new secret.');
      timer = setTimeout(() => void attempt(), againMs);
      timer.unref();
    }
  };
  void verified.loaded.then(attempt);
  return {
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** How many were moved. */
async function renewMarks({ config, tokens, now, verified, store }: RenewalDeps): Promise<number> {
  const audit: AuditContext = { at: now(), actor: 'tocsin', via: 'start', address: null };
  const known = new Set(verified.current().proofs.map(({ userId, mark }) => `${userId} ${mark}`));
  let renewed = 0;
  for (const { id: userId, methods } of config().users.values()) {
    for (const { id: methodId, address, needsProof } of methods) {
      if (needsProof !== true) continue;
      const [newest, ...older] = marksOf(tokens, { userId, address });
      if (newest === undefined || known.has(`${userId} ${newest}`)) continue;
      if (!older.some((mark) => known.has(`${userId} ${mark}`))) continue;
      if (await store.verifiedMethods.renew({ userId, methodId, marks: [newest, ...older] }, audit))
        renewed += 1;
    }
  }
  return renewed;
}
