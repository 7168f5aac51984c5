import type { TimelineEntry } from '../domain/incident/timeline.js';
import type { IncidentView, OpenDeadline } from '../domain/incident/view.js';
import { phaseWords } from '../domain/messages/labels.js';
import { timelineWords } from '../domain/messages/timeline-words.js';
import type { TimeWords } from '../domain/messages/times.js';
import type { Instant } from '../domain/time/instant.js';
import { dueIn, glance, relative } from './countdown.js';
import { href, html, type Html } from './html.js';
import { names, stamp, when } from './inline.js';
import { pagedPeople, waysWords } from './paged-people.js';

/** Entries shown, the latest first: what a phone scrolls. */
const SHOWN = 40;
const SHOWN_DEADLINES = 4;

/** What it is about. */
export function top(view: IncidentView): Html {
  return html`<p class="top">
      <span class="badge${view.phase === 'resolved' ? ' calm' : ''}">${view.severity}</span>
      <bdi>${view.service}</bdi> <span class="code">${view.code}</span>
    </p>
    <h1 dir="auto">${view.title}</h1>`;
}

/** Who has it, in one sentence. */
export function state(
  view: IncidentView,
  readerId: string | undefined,
  times: TimeWords,
  now: Instant,
): Html {
  return html`<p class="state">${stateSentence(view, readerId, times, now)}</p>`;
}

function stateSentence(
  view: IncidentView,
  readerId: string | undefined,
  times: TimeWords,
  now: Instant,
): Html {
  if (view.phase === 'resolved') {
    const { resolvedAt } = view;
    return resolvedAt === undefined ? html`Resolved.` : html`Resolved at ${when(resolvedAt, times, now)}.`;
  }
  const phase = phaseWords(view.phase);
  const { owner } = view;
  if (owner !== undefined) {
    const has = owner.id === readerId ? html`You have it` : html`<bdi>${owner.name}</bdi> has it`;
    const quietUntil = view.quiet?.rests === true ? view.quiet.until : undefined;
    const alone = quietUntil ?? view.snoozed?.until;
    const left = alone === undefined ? null : html` Left alone until ${when(alone, times, now)}.`;
    const { handover } = view;
    const asked = handover === undefined ? null : html` <bdi>${handover.to}</bdi> is asked to take it over.`;
    return html`${has}, since ${when(owner.since, times, now)}. Now ${phase}.${left}${asked}`;
  }
  const waiting = view.paged.filter(({ open }) => open).map(({ name }) => name);
  if (view.quiet?.rests === true)
    return html`Nobody has it, and nobody is paged before ${when(view.quiet.until, times, now)}: maintenance
    (<bdi>${view.quiet.reason}</bdi>).`;
  if (waiting.length === 0) return html`Nobody has it yet. Now ${phase}.`;
  return html`Nobody has it yet. Paged and not answered: ${names([...new Set(waiting)])}.`;
}

/** What happens next, and when. */
export function next(view: IncidentView, times: TimeWords, now: Instant): Html | null {
  if (view.deadlines.length === 0) return null;
  const line = ({ at, label }: OpenDeadline): Html =>
    html`<li>${stamp(at, times, now)}${dueIn(at, now)}<span class="what">${label}</span></li>`;
  return html`<h2>What happens next</h2>
    <ol>
      ${view.deadlines.slice(0, SHOWN_DEADLINES).map(line)}
    </ol>`;
}

/** Who is being paged right now, and how. */
export function paged(view: IncidentView, times: TimeWords, now: Instant): Html | null {
  const people = view.paging ? pagedPeople(view) : [];
  if (people.length === 0) return null;
  const at = (instant: Instant): string => when(instant, times, now);
  return html`<h2>Being paged</h2>
    <ul>
      ${people.map((person) => html`<li><bdi>${person.name}</bdi>, since ${when(person.since, times, now)}: ${waysWords(person, at)}</li>`)}
    </ul>`;
}

/** What is known of it. */
export function facts(view: IncidentView, times: TimeWords, now: Instant): Html {
  const { firing, total } = view.alerts;
  const rows: readonly Html[] = [
    fact('opened', html`${times.moment(view.openedAt)} ${relative(view.openedAt, now)}`),
    ...(view.acknowledgedAt === undefined
      ? []
      : [fact('answered', html`after ${glance(view.acknowledgedAt - view.openedAt)}`)]),
    fact('alerts', html`${firing} firing, ${total} seen`),
    ...(view.team === undefined ? [] : [fact('team', html`<bdi>${view.team}</bdi>`)]),
    fact('source', html`<bdi>${view.source}</bdi>`),
    fact('policy', html`${view.policy.id} (${view.policy.hash})`),
    ...unlinked('runbook', view.runbook),
    ...unlinked('alert', view.link),
  ];
  const links = [
    ...linked('Runbook', view.runbook),
    ...linked('The alert', view.link),
    ...(view.links ?? []).flatMap(({ text, href: address }) => linked(text, address)),
  ];
  return html`<h2>Facts</h2>
    <dl class="facts">${rows}</dl>
    ${links.length === 0 ? null : html`<div class="pair">${links}</div>`}`;
}

function fact(name: string, value: Html): Html {
  return html`<dt>${name}</dt>
    <dd>${value}</dd>`;
}

/** A button to the web, and where it leads. */
function linked(name: string, address: string | undefined): readonly Html[] {
  const target = href(address);
  if (target === null) return [];
  return [
    html`<a class="button" href="${target}" rel="noreferrer"
      >${name} <span class="hint">${new URL(target).host}</span></a
    > `,
  ];
}

/** What can't be followed is shown as it is. */
function unlinked(name: string, address: string | undefined): readonly Html[] {
  return address === undefined || href(address) !== null ? [] : [fact(name, html`${address}`)];
}

/** What happened, the latest first. */
export function happened(view: IncidentView, times: TimeWords, now: Instant): Html {
  const entries = view.timeline.slice(-SHOWN);
  // Counted from the first there ever was: the script finds the same entry again by it.
  const first = view.timelineDropped + view.timeline.length - entries.length;
  const line = (entry: TimelineEntry, index: number): Html =>
    html`<li data-key="${first + index}">
      ${stamp(entry.at, times, now)}<span>${timelineWords(entry, times)}</span>
    </li>`;
  return html`<h2>What happened</h2>
    <ol>
      ${entries.map(line).reverse()}
    </ol>
    ${first > 0 ? html`<p class="foot">${first} earlier entries are not shown.</p>` : null}`;
}
