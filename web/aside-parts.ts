import type { IncidentView, ResponderView } from '../domain/incident/view.js';
import { cut, oneLine } from '../domain/messages/text.js';
import type { TimeWords } from '../domain/messages/times.js';
import type { Instant } from '../domain/time/instant.js';
import { dueIn, relative } from './countdown.js';
import { handOverOf, type HandOver } from './hand-over.js';
import { html, type Html } from './html.js';
import { names, stamp, when } from './inline.js';
import { pagedPeople, waysWords } from './paged-people.js';

/** Characters of a reason; more of it is in the timeline further down. */
const LONGEST_REASON = 200;

/** Whether somebody was asked to take it over, by whom and why, and what came of it. */
export function handOver(
  view: IncidentView,
  readerId: string | undefined,
  times: TimeWords,
  now: Instant,
): Html | null {
  const it = handOverOf(view);
  if (it === null) return null;
  const at = it.state === 'asked' ? it.since : it.at;
  return html`<h2>Hand-over</h2>
    <ul>
      <li>
        ${stamp(at, times, now)}${relative(at, now)}
        <span class="what">${handOverWords(it)}</span>
        ${it.state === 'asked' ? html`<span class="what">Not answered yet${keeps(view, readerId)}${triedOf(view, [it.to], times, now).map(triedWords)}</span>` : null}
      </li>
    </ul>`;
}

function handOverWords(it: HandOver): Html {
  switch (it.state) {
    case 'asked':
      return html`<bdi>${it.by}</bdi> asked <bdi>${it.to}</bdi> to take it over${because(it.reason)}`;
    case 'accepted': {
      const asked = it.by === undefined ? html`as asked` : html`as <bdi>${it.by}</bdi> asked`;
      return html`<bdi>${it.to}</bdi> took it over from <bdi>${it.from}</bdi>, ${asked}`;
    }
    case 'not-taken':
      return html`<bdi>${it.to}</bdi> was asked and did not take it over`;
    default:
      return it satisfies never;
  }
}

function keeps({ owner }: IncidentView, readerId: string | undefined): Html {
  if (owner === undefined) return html`, and nobody has it so far`;
  return owner.id === readerId
    ? html`: you keep it until then`
    : html`: <bdi>${owner.name}</bdi> keeps it until then`;
}

/** Until when nothing is asked, and who wanted it so. */
export function snoozed({ snoozed: it }: IncidentView, times: TimeWords, now: Instant): Html | null {
  if (it === undefined) return null;
  return html`<h2>Snoozed</h2>
    <ul>
      <li>
        ${stamp(it.until, times, now)}${dueIn(it.until, now)}
        <span class="what"
          >By <bdi>${it.by}</bdi>. Nobody asks for progress until then; then somebody is called on
          again.</span
        >
      </li>
    </ul>`;
}

/** Who was asked to help beside the policy, by whom and why, and whether they do. */
export function helpers(view: IncidentView, times: TimeWords, now: Instant): Html | null {
  // Those who are no longer needed are in the timeline.
  const asked = (view.responders ?? []).filter(({ status }) => status !== 'stopped');
  if (asked.length === 0) return null;
  const line = (one: ResponderView): Html =>
    html`<li>
      ${stamp(one.since, times, now)}${relative(one.since, now)}
      <span class="what">${helperWords(one, triedOf(view, one.paged, times, now))}</span>
      <span class="what">Asked by <bdi>${one.by}</bdi>${because(one.reason)}</span>
    </li>`;
  return html`<h2>Asked to help</h2>
    <ul>
      ${asked.map(line)}
    </ul>`;
}

function helperWords(one: ResponderView, tried: readonly Tried[]): Html {
  const { name, status, paged, joined } = one;
  const who = html`<bdi>${name}</bdi>`;
  const isOnePerson = paged.length === 1 && paged[0] === name;
  const whom = isOnePerson ? null : html` (paged: ${names(paged)})`;
  switch (status) {
    case 'joined':
      return joined === undefined || joined === name
        ? html`${who} joined`
        : html`${who}: <bdi>${joined}</bdi> joined`;
    case 'paging': {
      if (paged.length === 0) return html`${who}: looked for, nobody is paged yet`;
      const waiting = html`${who}: being paged, not answered yet`;
      if (tried.length === 0) return html`${waiting}${whom}`;
      return isOnePerson
        ? html`${waiting}: ${tried[0]?.ways ?? ''}`
        : html`${waiting}${tried.map(triedWords)}`;
    }
    case 'unanswered':
      if (paged.length === 0) return html`${who}: nobody could be paged`;
      return html`${who}: ${isOnePerson ? 'did not answer' : 'nobody answered'}${whom}`;
    case 'stopped':
      return html`${who}: no longer needed`;
    default:
      return status satisfies never;
  }
}

/** Somebody who is asked, and how they were tried. */
interface Tried {
  readonly name: string;
  readonly ways: string;
}

/** How those who are asked were tried; nobody while the policy pages too: all that stands under "Being paged" then. */
function triedOf(
  view: IncidentView,
  asked: readonly string[],
  times: TimeWords,
  now: Instant,
): readonly Tried[] {
  if (view.paging) return [];
  return pagedPeople(view)
    .filter(({ name }) => asked.includes(name))
    .map((person) => ({ name: person.name, ways: waysWords(person, (at) => when(at, times, now)) }));
}

function triedWords({ name, ways }: Tried): Html {
  return html`. <bdi>${name}</bdi>: ${ways}`;
}

function because(reason: string | undefined): Html | null {
  const words = reason === undefined ? '' : cut(oneLine(reason), LONGEST_REASON);
  return words === '' ? null : html`: <bdi>${words}</bdi>`;
}
