import {
  ActivityFailure,
  CancellationScope,
  condition,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  sleep,
  startChild,
} from '@temporalio/workflow';
import type { RecordActivities } from '../activities/record-contracts.js';
import { inPieces, type KeepAnswer, type RecordBatch } from '../domain/records/batch.js';
import { waitFor } from '../domain/records/pace.js';
import { RECORD_WORKFLOW, recordWorkflowId } from '../temporal-config/names.js';

/** The store answers within 5 s or not at all. Only a worker that died is tried again here: the outbox has its own pace. */
export const KEEP_OPTIONS = {
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '30s',
  retry: { initialInterval: '1s', maximumAttempts: 2 },
} as const;

const store = proxyActivities<RecordActivities>(KEEP_OPTIONS);

/** Whose timeline is kept. */
export interface OutboxDeps {
  readonly openingId: string;
  /** What is not kept yet; null: nothing. */
  readonly batch: () => RecordBatch | null;
  /** It is kept up to this number, or will be whatever becomes of this workflow. */
  readonly kept: (through: number) => void;
}

/**
 * Carries the timeline to the store, a minute after something happened, without anybody waiting for it: a timer of its own beside
 * the deadlines, which are promises to people.
 */
export interface Outbox {
  /** Sets its timer where something is to be kept. After each settling of the machine. */
  watch(): void;
  /** Whether something happened that nobody sees to. */
  owes(): boolean;
  /**
   * At the end of the workflow: one try at once, for as long as nobody waits for that end (`isHurried`); what the store does not
   * take is handed to a workflow of its own.
   */
  end(isHurried?: () => boolean): Promise<void>;
}

export function createOutbox({ openingId, batch, kept }: OutboxDeps): Outbox {
  let timer: CancellationScope | null = null;
  let isSending = false;
  let tries = 0;
  let last: KeepAnswer['kind'] = 'kept';
  /** Nobody has a store: it is as it was before there were records. */
  let isGivenUp = false;
  let isEnding = false;

  async function send(): Promise<void> {
    const all = batch();
    if (all === null) return;
    isSending = true;
    try {
      last = await keepAll(all, kept);
    } finally {
      isSending = false;
    }
    tries = last === 'kept' ? 0 : tries + 1;
  }

  async function later(scope: CancellationScope): Promise<void> {
    try {
      await scope.run(() =>
        sleep(waitFor(openingId, tries, last), { summary: 'keep the timeline in the store' }),
      );
    } catch (error) {
      if (isCancellation(error)) return;
      throw error;
    } finally {
      if (timer === scope) timer = null;
    }
    await send();
    // What happened meanwhile, and what was not taken.
    watch();
  }

  function watch(): void {
    if (timer !== null || isSending || isEnding || isGivenUp || batch() === null) return;
    timer = new CancellationScope({ cancellable: true });
    void later(timer);
  }

  return {
    watch,
    owes: () => !isGivenUp && batch() !== null,
    async end(isHurried = () => false) {
      isEnding = true;
      timer?.cancel();
      // What is on its way when somebody comes to wait may be kept twice, which is once.
      if (!isHurried()) await Promise.race([condition(() => !isSending).then(send), condition(isHurried)]);
      if (last === 'no-store') isGivenUp = true;
      const rest = batch();
      if (rest !== null && !isGivenUp && (isHurried() || last !== 'kept')) {
        await handOver(rest);
        kept(rest.through);
      }
      isEnding = false;
    },
  };
}

/** Keeps it piece by piece, in order. */
export async function keepAll(
  batch: RecordBatch,
  kept: (through: number) => void,
): Promise<KeepAnswer['kind']> {
  for (const piece of inPieces(batch)) {
    const { part } = batch.facts;
    const summary = `keep ${piece.entries.length} entries of the ${part}'s timeline`;
    try {
      const answer = await store.keepRecord.executeWithOptions({ ...KEEP_OPTIONS, summary }, [piece]);
      if (answer.kind !== 'kept') return answer.kind;
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      return 'away';
    }
    kept(piece.through);
  }
  return 'kept';
}

async function handOver(rest: RecordBatch): Promise<void> {
  const { part, view } = rest.facts;
  const first = rest.entries[0]?.seq ?? 0;
  await startChild(RECORD_WORKFLOW, {
    workflowId: recordWorkflowId(view.openingId, part, first),
    args: [rest],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `the rest of the ${part}'s timeline, until the store takes it`,
  });
}
