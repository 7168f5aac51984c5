import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  log,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { HeartbeatActivities } from '../activities/heartbeat-contracts.js';
import type {
  HeartbeatMemo,
  HeartbeatSettings,
  HeartbeatView,
  LastBeat,
} from '../domain/heartbeat/heartbeat.js';
import {
  endHeartbeat,
  heartbeatViewOf,
  needsLook,
  openHeartbeat,
  takeBeat,
  takeLook,
  takeSettings,
  type HeartbeatCommand,
  type HeartbeatState,
  type HeartbeatStep,
} from '../domain/heartbeat/machine.js';
import { spanWords } from '../domain/heartbeat/words.js';
import { utcTimes } from '../domain/messages/times.js';
import { beatSignal, heartbeatQuery, heartbeatSettingsSignal } from './messages.js';

/** The argument of the workflow. */
export interface HeartbeatStart {
  readonly settings: HeartbeatSettings;
  /** The whole state, when the history of an earlier run grew long. */
  readonly carried?: HeartbeatState;
}

/** Six events a look: a run sees some 150 of them. Short histories replay fast, and there are thousands of heartbeats. */
const EVENTS_OF_A_RUN = 1_000;

/** The store answers within 2 s or not at all. */
const store = proxyLocalActivities<Pick<HeartbeatActivities, 'lastBeat'>>({
  startToCloseTimeout: '3s',
  scheduleToCloseTimeout: '3s',
  retry: { maximumAttempts: 1 },
  summary: 'the last beat in the store',
});

/** A missed heartbeat is never silent: tried until it is told. */
const TELL = {
  startToCloseTimeout: '10s',
  retry: { initialInterval: '500ms', maximumInterval: '15s' },
} as const;

const intake = proxyActivities<Pick<HeartbeatActivities, 'tellHeartbeat'>>(TELL);

/**
 * Watches one heartbeat for as long as it is configured: no timer for a beat, one for the moment at which the next would be
 * missed; then it looks for the last beat. Cancelling it changes nothing; what the configuration no longer has, the API ends.
 */
export async function heartbeat(start: HeartbeatStart): Promise<void> {
  return CancellationScope.nonCancellable(() => run(start));
}

async function run(start: HeartbeatStart): Promise<void> {
  let state = start.carried ?? openHeartbeat(start.settings, Date.now());
  let isOver = false;
  const commands: HeartbeatCommand[] = [];
  let hasStore = false;

  const step = (next: HeartbeatStep): void => {
    if (state.away === null && next.state.away !== null)
      log.warn('the store could not be asked for the last beat: one more interval is waited', {
        heartbeat: state.settings.id,
      });
    state = next.state;
    if (next.command !== null) commands.push(next.command);
  };

  setHandler(beatSignal, (signal) => step(takeBeat(state, signal, Date.now())));
  setHandler(heartbeatSettingsSignal, (settings) => {
    isOver = settings === null;
    if (settings !== null && JSON.stringify(settings) !== JSON.stringify(state.settings))
      state = takeSettings(state, settings, Date.now());
  });
  setHandler(heartbeatQuery, () => heartbeatViewOf(state));

  const show = createDisplay();
  for (;;) {
    for (let command = commands.shift(); command !== undefined; command = commands.shift())
      await tell(state.settings, command);
    show(heartbeatViewOf(state), hasStore);
    if (isOver) {
      const last = endHeartbeat(state);
      if (last !== null) await tell(state.settings, last);
      await condition(allHandlersFinished);
      // Configured again while that was told: it goes on. No await from here on.
      if (isOver) return;
      state = openHeartbeat(state.settings, Date.now());
      continue;
    }
    if (workflowInfo().historyLength >= EVENTS_OF_A_RUN || workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      if (commands.length === 0 && !isOver)
        await continueAsNew<typeof heartbeat>({ settings: state.settings, carried: state });
      continue;
    }
    const seen = state;
    const wait = seen.lookAt - Date.now();
    // A beat moves the moment away: the timer stays, and what it finds out is that there is time left.
    const isNews = (): boolean =>
      isOver ||
      commands.length > 0 ||
      state.lookAt < seen.lookAt ||
      state.phase !== seen.phase ||
      state.settings !== seen.settings;
    if (wait > 0) await condition(isNews, wait);
    if (isOver || commands.length > 0 || !needsLook(state, Date.now())) continue;
    const answer = await look(state.settings.id);
    hasStore = answer.kind === 'known';
    step(takeLook(state, answer, Date.now()));
  }
}

async function look(id: string): Promise<LastBeat> {
  try {
    return await store.lastBeat({ id });
  } catch {
    return { kind: 'away', reason: 'the worker could not ask it' };
  }
}

async function tell(settings: HeartbeatSettings, command: HeartbeatCommand): Promise<void> {
  const summary = `heartbeat ${settings.id} ${command.type === 'fire' ? 'missed' : 'beats again'}`;
  await intake.tellHeartbeat.executeWithOptions({ ...TELL, summary }, [{ settings, command }]);
}

/**
 * Keeps the memo (for lists) and the details true. The memo changes with the phase and with what is expected, and not with each
 * beat: those are in the store. Where there is none, it has the last beat as of the last look.
 */
function createDisplay(): (view: HeartbeatView, hasStore: boolean) => void {
  let noted = JSON.stringify(workflowInfo().memo?.['heartbeat'] ?? null);
  return (view, hasStore) => {
    setCurrentDetails(detailsOf(view));
    const { settings, phase, missedAt } = view;
    const heartbeat: HeartbeatMemo = { settings, phase, missedAt, beat: hasStore ? null : view.beat };
    if (JSON.stringify(heartbeat) === noted) return;
    noted = JSON.stringify(heartbeat);
    upsertMemo({ heartbeat });
  };
}

function detailsOf({ settings, phase, beat, dueAt, missedAt, storeAwaySince }: HeartbeatView): string {
  return [
    `**${phase}**`,
    `- expected every ${spanWords(settings.everyMs)}, up to ${spanWords(settings.graceMs)} late`,
    `- last beat known here: ${beat === null ? 'none' : utcTimes.moment(beat)}`,
    missedAt === null
      ? `- looked after at ${utcTimes.moment(dueAt)}`
      : `- missed since ${utcTimes.moment(missedAt)}`,
    ...(storeAwaySince === null
      ? []
      : [`- the store could not be asked since ${utcTimes.moment(storeAwaySince)}`]),
  ].join('\n');
}
