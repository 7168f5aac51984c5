import type { Alert, AlertBatch } from '../alert/alert.js';
import { MINUTE, type Instant } from '../time/instant.js';
import { edit, type FingerprintsEdit } from './fingerprints.js';
import { joinQuietly, lookAtQuiet, loudOf, noteCovers, raiseSilently, wake } from './maintenance.js';
import { dropEntries } from './kept-timeline.js';
import { changeSeverity, enterMonitoring, reopen } from './phases.js';
import { rests } from './quiet.js';
import { BOUNDS, type AlertSet, type IncidentState } from './state.js';
import { clearDeadline, firingCount, record, setDeadline, severity, tell, type Turn } from './turn.js';

/**
 * How long after "resolved" a firing of the same start may be a delivery that was overtaken: senders try again for about a
 * minute, and replicas of one Alertmanager wait for one another for seconds.
 */
const LATE_REPEAT_MS = 2 * MINUTE;

/** The sets of fingerprints while a batch is taken in. */
interface Sets {
  readonly firing: FingerprintsEdit;
  readonly resolved: FingerprintsEdit;
  readonly ended: FingerprintsEdit;
  readonly arrived: FingerprintsEdit;
}

/** True when the alert says something that is not known yet. At-least-once senders repeat themselves; some deliver out of order. */
function isNews(alert: Alert, sets: Sets, receivedAt: Instant, now: Instant): boolean {
  const firing = sets.firing.startOf(alert.fingerprint);
  const resolved = sets.resolved.startOf(alert.fingerprint);
  const isOlderThan = (known: Instant | null | undefined): boolean =>
    known !== undefined && known !== null && alert.startsAt !== null && alert.startsAt < known;
  const isSameAs = (known: Instant | null | undefined): boolean =>
    known !== undefined && known !== null && known === alert.startsAt;
  if (alert.status === 'firing') {
    if (firing !== undefined) return false;
    // Fired before, resolved since: the same start is a late repeat, but only for a while. A sender that lost sight of an alert
    // says "resolved" and then reports the same start again, and it burns.
    const ended = sets.ended.startOf(alert.fingerprint);
    const isLate = ended === undefined || ended === null || now - ended < LATE_REPEAT_MS;
    return !(isOlderThan(resolved) || (isSameAs(resolved) && isLate));
  }
  if (firing !== undefined) {
    // A hand-over that seemed to fail may land after the one that came later. Without start times only our clock tells.
    const arrived = sets.arrived.startOf(alert.fingerprint) ?? null;
    const isOvertaken = alert.startsAt === null && arrived !== null && receivedAt < arrived;
    return !isOlderThan(firing) && !isOvertaken;
  }
  // Not known to fire: worth keeping when it is about a later start than the one known to be over.
  return (
    resolved === undefined || (alert.startsAt !== null && (resolved === null || alert.startsAt > resolved))
  );
}

interface Tally {
  fired: Alert[];
  resolved: number;
}

function take(
  set: AlertSet,
  { alerts, receivedAt }: AlertBatch,
  now: Instant,
): { readonly set: AlertSet; readonly tally: Tally } {
  let { known, total, overflow } = set;
  const sets: Sets = {
    firing: edit(set.firing),
    resolved: edit(set.resolved),
    ended: edit(set.ended),
    arrived: edit(set.arrived ?? {}),
  };
  const { firing, resolved, ended, arrived } = sets;
  const withoutStarts = alerts.some(({ startsAt }) => startsAt === null);
  const heard = (fingerprint: string): void => {
    if (withoutStarts && receivedAt > (arrived.startOf(fingerprint) ?? 0))
      arrived.put(fingerprint, receivedAt);
  };
  const tally: Tally = { fired: [], resolved: 0 };
  for (const alert of alerts) {
    const { fingerprint, startsAt } = alert;
    const began = firing.startOf(fingerprint);
    if (!isNews(alert, sets, receivedAt, now)) {
      // It ended and began again unseen: the "resolved" of its earlier start will come late.
      if (alert.status === 'firing' && startsAt !== null && began !== undefined && startsAt > (began ?? 0))
        firing.put(fingerprint, startsAt);
      if (alert.status === 'firing' && began !== undefined) heard(fingerprint);
    } else if (alert.status === 'resolved') {
      if (began !== undefined) {
        firing.remove(fingerprint);
        arrived.remove(fingerprint);
        known -= 1;
        tally.resolved += 1;
      }
      // Also when it was never seen firing: a firing of the same start that comes later is a late repeat.
      resolved.put(fingerprint, startsAt, BOUNDS.resolved);
      ended.put(fingerprint, now, BOUNDS.resolved);
    } else {
      tally.fired.push(alert);
      total += 1;
      if (known >= BOUNDS.firing) {
        overflow += 1;
      } else {
        resolved.remove(fingerprint);
        ended.remove(fingerprint);
        firing.put(fingerprint, startsAt);
        heard(fingerprint);
        known += 1;
      }
    }
  }
  const arrivals = arrived.done();
  const after = {
    firing: firing.done(),
    known,
    resolved: resolved.done(),
    ended: ended.done(),
    ...(Object.keys(arrivals).length === 0 ? {} : { arrived: arrivals }),
    total,
    overflow,
  };
  return { set: after, tally };
}

/**
 * Makes room for one more line that tells of alerts: in a storm they push nothing else out of the timeline, the oldest of them
 * goes. The first one stays, it says what it began with.
 */
function makeRoomForAlerts(state: IncidentState): void {
  const lines = state.timeline.flatMap(({ type }, index) => (type === 'alerts' ? [index] : []));
  const [, oldest] = lines;
  if (lines.length >= BOUNDS.alertLines && oldest !== undefined) dropEntries(state, oldest, oldest + 1);
}

/** Takes a batch of alerts into the incident. */
export function takeAlerts(turn: Turn, batch: AlertBatch): void {
  const { state } = turn;
  const before = firingCount(state);
  const { set, tally } = take(state.alerts, batch, turn.now);
  state.alerts = set;
  noteCovers(turn, batch, tally.fired);
  if (tally.fired.length === 0 && tally.resolved === 0) return lookAtQuiet(turn);
  const [first] = tally.fired;
  if (first?.link !== undefined) state.link ??= first.link;
  if (first?.links !== undefined) state.links ??= first.links;
  makeRoomForAlerts(state);
  record(turn, {
    type: 'alerts',
    fired: tally.fired.length,
    resolved: tally.resolved,
    firing: firingCount(state),
    total: set.total,
    ...(first === undefined ? {} : { summary: first.summary }),
  });
  if ((batch.truncated ?? 0) > 0)
    record(turn, { type: 'remark', text: `${batch.integration} left out ${batch.truncated} more alerts` });
  const loud = loudOf(turn, tally.fired);
  const [loudest] = loud;
  if (loudest !== undefined) {
    if (rests(state)) raiseSilently(turn, loud);
    wake(turn, 'not-covered');
    const answered = state.owner !== null && state.escalation === null;
    if (state.phase === 'monitoring') reopen(turn);
    else if (answered && before > 0) join(turn, loudest.summary);
    raiseTo(turn, loud);
  } else if (tally.fired.length > 0) joinQuietly(turn, tally.fired);
  if (state.resolves && firingCount(state) === 0 && state.phase !== 'monitoring') enterMonitoring(turn);
  else lookAtQuiet(turn);
}

/** Alerts may raise the severity, never lower it. */
function raiseTo(turn: Turn, alerts: readonly Alert[]): void {
  const { severities } = turn.state.plan;
  const ranked = alerts
    .flatMap((alert) => severities.filter((level) => level.id === alert.severity))
    .sort((one, other) => one.rank - other.rank);
  const [worst] = ranked;
  if (worst !== undefined && worst.rank < severity(turn).rank) changeSeverity(turn, worst.id, 'the alert');
}

/** A new alert joined an incident that somebody has: one message to the owner, at most one a minute. */
function join(turn: Turn, summary: string): void {
  const { state, now } = turn;
  if (state.owner?.actor.kind !== 'user') return;
  const { joinNoticeMs } = state.plan.timings;
  if (state.joinNoticeAt !== null && now < state.joinNoticeAt + joinNoticeMs) {
    if (!('joined' in state.deadlines))
      setDeadline(turn, 'joined', state.joinNoticeAt + joinNoticeMs, 'tell the owner about more alerts');
    return;
  }
  state.joinNoticeAt = now;
  tell(turn, [state.owner.actor.id], { type: 'alert-joined', summary, firing: firingCount(state) });
}

/** The minute is over in which further alerts were held back. */
export function tellJoined(turn: Turn): void {
  clearDeadline(turn, 'joined');
  turn.state.joinNoticeAt = null;
  join(turn, turn.state.title);
}
