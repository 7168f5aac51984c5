import type { Alert, AlertBatch } from '../alert/alert.js';
import { cut, oneLine } from '../messages/text.js';
import { quietUntil, type MaintenanceChange, type QuietWindow } from '../maintenance/window.js';
import { severityOf } from '../severity/severity.js';
import type { Instant } from '../time/instant.js';
import { beginResponse, tellExecutives } from './escalate.js';
import { hushPages } from './page.js';
import { changeSeverity, startCadence, startManagement } from './phases.js';
import { progressMade } from './progress.js';
import {
  changed,
  firingOf,
  firstEnd,
  isCovered,
  MAINTENANCE_OVER,
  reasonOf,
  rests,
  untilOf,
  windowsOf,
  withCovers,
  without,
  type Quiet,
} from './quiet.js';
import { startOf } from './fingerprints.js';
import { untilWords } from './snooze.js';
import { clearDeadline, clearDeadlines, record, setDeadline, severity, type Turn } from './turn.js';

/** What ends a rest: the time of its windows, a person who ended one, an alert that none covers, a person who escalates. */
export type WakeReason = 'over' | 'ended' | 'not-covered' | 'by-hand';

/** Timers that ask something of somebody: none runs while it rests. */
const ASKING = ['no-progress', 'still-on-it', 'update', 'update-overdue', 'management', 'joined'];

/** Characters of a reason in the label of a timer. */
const LABEL_REASON = 80;

/** It opens quietly: nobody is paged or told, no cadence, no management. False: these windows are over, and it pages. */
export function openQuietly(turn: Turn, windows: readonly QuietWindow[] | undefined): boolean {
  const { state, now } = turn;
  if (windows === undefined || quietUntil(windows, now) <= now) return false;
  state.quiet = {
    rests: true,
    covers: [{ windows, severity: state.severity }],
    covered: {},
    untoldExecutives: true,
  };
  scheduleEnd(turn, quietUntil(windows, now));
  return true;
}

/** Notes which windows cover what fires; call it once the batch is in, and before anybody is asked for it. */
export function noteCovers(turn: Turn, batch: AlertBatch, fired: readonly Alert[]): void {
  const { state, now } = turn;
  const quiet = state.quiet;
  const { windows: table } = batch;
  if (quiet === undefined && table === undefined) return;
  const news = new Set(fired.map(({ fingerprint }) => fingerprint));
  const known = quiet ?? { rests: false, covers: [], covered: {} };
  const covering = batch.alerts.flatMap((alert) => {
    const { fingerprint, severity: level, status } = alert;
    if (status === 'resolved') return [];
    const windows = windowsOf(alert, table);
    // What is told again may be covered for longer now. What pages already, or is covered, is not changed by less.
    const isAgain = startOf(known.covered, fingerprint) !== undefined && windows.length > 0;
    return news.has(fingerprint) || isAgain ? [{ fingerprint, severity: level, windows }] : [];
  });
  const over = batch.alerts.filter(
    ({ fingerprint, status }) =>
      status === 'resolved' && startOf(state.alerts.firing, fingerprint) === undefined,
  );
  const next = withCovers(
    without(
      known,
      over.map(({ fingerprint }) => fingerprint),
    ),
    covering,
    (one, other) => (rankOf(turn, other) < rankOf(turn, one) ? other : one),
    now,
  );
  if (quiet !== undefined || next.covers.length > 0) state.quiet = next;
}

function rankOf({ state }: Turn, id: string): number {
  return severityOf(state.plan.severities, id).rank;
}

/** Of alerts that fired just now those that no window covers: these page. */
export function loudOf({ state, now }: Turn, fired: readonly Alert[]): readonly Alert[] {
  return fired.filter(({ fingerprint }) => !isCovered(state.quiet, fingerprint, now));
}

/** Alerts fired that are all covered: nobody is asked. What was quiet and is watched rests from now on. */
export function joinQuietly(turn: Turn, fired: readonly Alert[]): void {
  const { state, now } = turn;
  if (state.quiet === undefined) return;
  if (state.phase === 'monitoring') {
    state.quiet = { ...state.quiet, rests: true };
    clearDeadline(turn, 'stability');
    state.phase = 'triggered';
    state.mitigatedAt = null;
    record(turn, { type: 'reopened', pageAt: now });
  }
  if (rests(state)) raiseSilently(turn, fired);
}

/** The severity counts when it pages; until then nobody hears of it. */
export function raiseSilently(turn: Turn, alerts: readonly Pick<Alert, 'severity'>[]): void {
  const { state } = turn;
  const before = severity(turn);
  const ranked = alerts
    .map((alert) => severityOf(state.plan.severities, alert.severity))
    .sort((one, other) => one.rank - other.rank);
  const [worst] = ranked;
  if (worst === undefined || worst.rank >= before.rank) return;
  record(turn, { type: 'severity', from: before.id, to: worst.id, who: 'the alert' });
  state.severity = worst.id;
  if (worst.executives && !before.executives && state.quiet !== undefined)
    state.quiet = { ...state.quiet, untoldExecutives: true };
}

/** Brings the deadline in line with what fires now; what is no longer covered pages. `why`: what brought that about. */
export function lookAtQuiet(turn: Turn, why: WakeReason = 'over'): void {
  const { state, now } = turn;
  const { quiet, phase } = state;
  if (quiet === undefined || phase === 'monitoring' || phase === 'resolved') return;
  const firing = firingOf(state);
  if (!quiet.rests) return countWhatIsOver(turn, quiet, firing);
  // Nothing that could be told apart fires: the deadline stands, and pages.
  if (firing.length === 0) return;
  const until = firstEnd(quiet, firing, now);
  if (until > now) scheduleEnd(turn, until);
  else wake(turn, why);
}

/** Somebody has it or is paged already: of the alerts beside that those whose windows are over join now. */
function countWhatIsOver(turn: Turn, quiet: Quiet, firing: readonly string[]): void {
  const { state, now } = turn;
  const severities = keepWaiting(turn, quiet, firing);
  if (severities.length === 0) return;
  const worst = severities.reduce((one, other) => (rankOf(turn, other) < rankOf(turn, one) ? other : one));
  if (rankOf(turn, worst) < severity(turn).rank) changeSeverity(turn, worst, 'the alert');
  else if (state.owner !== null && state.escalation === null && !('joined' in state.deadlines))
    setDeadline(turn, 'joined', now, 'tell the owner about alerts that maintenance held back');
}

/** Forgets the alerts that are covered no more, and promises to come back for the others. Answers with the severities of the former. */
function keepWaiting(turn: Turn, quiet: Quiet, firing: readonly string[]): readonly string[] {
  const { state, now } = turn;
  const covered = firing.filter((fingerprint) => startOf(quiet.covered, fingerprint) !== undefined);
  const over = new Set(covered.filter((fingerprint) => untilOf(quiet, fingerprint, now) <= now));
  const severities = [...over].flatMap(
    (fingerprint) => quiet.covers[startOf(quiet.covered, fingerprint) ?? -1]?.severity ?? [],
  );
  const waiting = covered.filter((fingerprint) => !over.has(fingerprint));
  if (waiting.length === 0) {
    delete state.quiet;
    clearDeadline(turn, MAINTENANCE_OVER);
  } else {
    const kept = without(quiet, [...over]);
    state.quiet = kept;
    const label = 'maintenance over: the alerts that it holds back count from then on';
    setDeadline(turn, MAINTENANCE_OVER, firstEnd(kept, waiting, now), label);
  }
  return severities;
}

/** Promises to page at the end; people see when. */
function scheduleEnd(turn: Turn, until: Instant): void {
  const { state, now } = turn;
  const windows = state.quiet?.covers.flatMap((cover) => cover.windows) ?? [];
  const reason = reasonOf(windows, until);
  if (state.deadlines[MAINTENANCE_OVER]?.at === until) return;
  const why = cut(oneLine(reason), LABEL_REASON);
  setDeadline(
    turn,
    MAINTENANCE_OVER,
    until,
    `quiet until ${untilWords(now, until)} (maintenance: ${why}), then paged if it still fires`,
  );
  record(turn, { type: 'quiet', until, reason });
}

/** The deadline has come. */
export function maintenanceOver(turn: Turn): void {
  if (rests(turn.state) && firingOf(turn.state).length === 0) wake(turn, 'over');
  lookAtQuiet(turn, 'over');
}

/** It rests no more: whatever is owed is owed from now on, as if it began now. */
export function wake(turn: Turn, why: WakeReason): void {
  const { state, now } = turn;
  const { quiet, phase } = state;
  if (quiet === undefined || !quiet.rests) return;
  const { untoldExecutives, ...known } = quiet;
  rememberStopped(
    state,
    quiet.covers.flatMap(({ windows }) => windows.filter(({ to }) => to > now).map(({ id }) => id)),
  );
  // What is still covered waits beside it; whoever escalates means all of it.
  keepWaiting(turn, { ...known, rests: false }, why === 'by-hand' ? [] : firingOf(state));
  if (phase === 'resolved') return;
  state.askedSince = now;
  if (phase !== 'monitoring') {
    record(turn, { type: 'quiet-over', why });
    startCadence(turn);
    if (phase !== 'triggered') progressMade(turn);
    else if (state.escalation === null && why !== 'by-hand')
      beginResponse(turn, why === 'not-covered' ? 'alert' : 'maintenance-over');
    startManagement(turn);
  }
  if (untoldExecutives === true) tellExecutives(turn);
}

/** A window was made or ended while the incident is open. */
export function maintenanceChanged(turn: Turn, change: MaintenanceChange): void {
  const { state } = turn;
  if (state.phase === 'resolved') return;
  if (change.type === 'ended') {
    if (state.quiet === undefined) return;
    state.quiet = changed(state.quiet, change, [], state.severity);
    return lookAtQuiet(turn, 'ended');
  }
  const { window, stopPages } = change;
  const firing = firingOf(state);
  const wasResting = rests(state);
  const stopped = state.stoppedBy ?? [];
  const isStopped =
    stopPages &&
    state.phase !== 'monitoring' &&
    quietUntil([window], turn.now) > turn.now &&
    // What began to page since was to page.
    !stopped.includes(window.id);
  // What no alert fires in was declared by a person, who wants people whatever windows there are.
  if (firing.length === 0 || !(wasResting || isStopped)) return;
  if (isStopped) rememberStopped(state, [window.id]);
  if (!wasResting) rest(turn);
  const known = state.quiet ?? { rests: true, covers: [], covered: {} };
  state.quiet = { ...changed(known, change, firing, state.severity), rests: true };
  lookAtQuiet(turn);
}

/** For whoever did something that would page, but for maintenance: "; quiet until …"; empty: it does not rest. */
export function quietNote({ state, now }: Turn): string {
  const until = state.deadlines[MAINTENANCE_OVER]?.at;
  if (!rests(state) || until === undefined) return '';
  return `; quiet until ${untilWords(now, until)} for maintenance, ESCALATE ${state.code} pages now`;
}

/** So many windows are remembered, the latest of them. */
const REMEMBERED = 50;

/** These windows have had their say: told again, by another process or later, they stop nothing that pages since. */
function rememberStopped(state: Turn['state'], ids: readonly string[]): void {
  const known = state.stoppedBy ?? [];
  const news = [...new Set(ids)].filter((id) => !known.includes(id));
  if (news.length > 0) state.stoppedBy = [...known, ...news].slice(-REMEMBERED);
}

/** Nothing more leaves, and nothing is asked. Whoever was paged may still answer; whoever has it keeps it. */
function rest(turn: Turn): void {
  const { state } = turn;
  hushPages(turn);
  clearDeadlines(turn, (name) => ASKING.includes(name));
  delete state.afterPaging;
  const kept = Object.entries(state.searches).filter(
    ([, { purpose }]) => !['position', 'relief', 'joining', 'beside', 'inform'].includes(purpose.type),
  );
  state.searches = Object.fromEntries(kept);
}
