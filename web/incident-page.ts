import type { IncidentView, OpenDeadline } from '../domain/incident/view.js';
import { phaseWords } from '../domain/messages/labels.js';
import { durationWords } from '../domain/messages/duration-words.js';
import { timelineWords } from '../domain/messages/timeline-words.js';
import type { TimeWords } from '../domain/messages/times.js';
import { HOUR, type Instant } from '../domain/time/instant.js';
import { href, html, type Html } from './html.js';
import { layout } from './layout.js';

/** What a form of the page can ask for. */
export const PAGE_ACTIONS = ['acknowledge', 'take', 'progress', 'resolve', 'escalate'] as const;
export type PageAction = (typeof PAGE_ACTIONS)[number];

/** How an incident looks to the person whose link it is. */
export interface IncidentPage {
  /** Null while it can't be read: the buttons are there all the same. */
  readonly view: IncidentView | null;
  /** The person whose link this is; null: look only. */
  readonly reader: { readonly id: string; readonly name: string } | null;
  /** How the reader's times are written. */
  readonly times: TimeWords;
  /** By this a press of a button counts once. */
  readonly nonce: string;
  /** What became of the last press. */
  readonly said?: string;
  readonly now: Instant;
}

/** Entries shown, the latest first: what a phone scrolls. */
const SHOWN = 40;
const SHOWN_DEADLINES = 4;

const LABELS: Readonly<Record<PageAction, string>> = {
  acknowledge: 'Acknowledge',
  take: 'Take it over',
  progress: 'Still on it',
  resolve: 'It is fixed',
  escalate: 'Escalate',
};

/** The page behind a link. Looking at it changes nothing; only its buttons do. */
export function incidentPage(page: IncidentPage): string {
  const { view, reader, times, said, now } = page;
  const notice = said === undefined ? null : html`<p class="said" role="status">${said}</p>`;
  if (view === null) {
    return layout(
      'Incident',
      html`${notice}
        <h1>The incident can't be shown right now</h1>
        <p>Tocsin is busy. You can answer all the same: it counts, and a confirmation follows.</p>
        ${reader === null ? null : buttons(['acknowledge', 'progress', 'resolve', 'escalate'], page.nonce)}`,
    );
  }
  return layout(
    `${view.code} ${view.title}`,
    html`<p class="top">
        <span class="badge${view.phase === 'resolved' ? ' calm' : ''}">${view.severity}</span>
        <span>${view.service}</span> <span class="code">${view.code}</span>
      </p>
      <h1>${view.title}</h1>
      ${notice}
      <p class="state">${stateSentence(view, reader?.id, times)}</p>
      ${reader === null ? null : buttons(actionsFor(view, reader.id), page.nonce)} ${next(view, times, now)}
      <h2>Facts</h2>
      ${facts(view, times)}
      <h2>What happened</h2>
      ${timeline(view, times)}
      <p class="foot">
        ${reader === null ? 'This link only shows the incident.' : `This link answers as ${reader.name}. Do not pass it on.`}
      </p>`,
  );
}

/** A page that says why there is nothing to see. */
export function messagePage(title: string, sentences: readonly string[]): string {
  return layout(
    title,
    html`<h1>${title}</h1>
      ${sentences.map((sentence) => html`<p>${sentence}</p>`)}`,
  );
}

/** What makes sense now, the most likely first. */
function actionsFor(view: IncidentView, readerId: string): readonly PageAction[] {
  if (view.phase === 'resolved') return [];
  if (view.owner === undefined) return ['acknowledge', 'resolve', 'escalate'];
  if (view.owner.id !== readerId) return ['take', 'resolve', 'escalate'];
  // Paged anew (it fires again, or progress is missed): an acknowledgement is what is asked for.
  return view.paging ? ['acknowledge', 'resolve', 'escalate'] : ['progress', 'resolve', 'escalate'];
}

function buttons(actions: readonly PageAction[], nonce: string): Html | null {
  if (actions.length === 0) return null;
  return html`<form class="actions" method="post">
    <input type="hidden" name="nonce" value="${nonce}" />
    ${actions.map(
      (action, index) =>
        html`<button class="${index === 0 ? 'main' : 'other'}" name="action" value="${action}">
          ${LABELS[action]}
        </button> `,
    )}
  </form>`;
}

function stateSentence(view: IncidentView, readerId: string | undefined, times: TimeWords): string {
  if (view.phase === 'resolved')
    return `Resolved${view.resolvedAt === undefined ? '' : ` at ${times.time(view.resolvedAt)}`}.`;
  const { owner } = view;
  if (owner !== undefined) {
    const who = owner.id === readerId ? 'You have it' : `${owner.name} has it`;
    return `${who}, since ${times.time(owner.since)}. Now ${phaseWords(view.phase)}.`;
  }
  const waiting = view.paged.filter(({ open }) => open).map(({ name }) => name);
  if (waiting.length === 0) return `Nobody has it yet. Now ${phaseWords(view.phase)}.`;
  return `Nobody has it yet. Paged and not answered: ${[...new Set(waiting)].join(', ')}.`;
}

/** Within this time the day goes without saying. */
const SOON = 12 * HOUR;

function next(view: IncidentView, times: TimeWords, now: Instant): Html | null {
  if (view.deadlines.length === 0) return null;
  const line = ({ at, label }: OpenDeadline): Html => {
    const when = at - now < SOON ? times.time(at) : times.moment(at);
    return html`<li>
      ${stamp(at, when)}${label}${at > now ? ` (in ${durationWords(at - now)})` : ' (due)'}
    </li>`;
  };
  return html`<h2>What happens next</h2>
    <ol>
      ${view.deadlines.slice(0, SHOWN_DEADLINES).map(line)}
    </ol>`;
}

function stamp(at: Instant, words: string): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${words}</time>`;
}

function facts(view: IncidentView, times: TimeWords): Html {
  const { firing, total } = view.alerts;
  const rows: readonly (readonly [string, Html] | null)[] = [
    ['opened', html`${times.moment(view.openedAt)}`],
    ['alerts', html`${firing} firing, ${total} seen`],
    view.team === undefined ? null : ['team', html`${view.team}`],
    linked('runbook', view.runbook),
    linked('alert', view.link),
    ['source', html`${view.source}`],
    ['policy', html`${view.policy.id} (${view.policy.hash})`],
  ];
  return html`<dl class="facts">
    ${rows
      .filter((row) => row !== null)
      .map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
  </dl>`;
}

function linked(name: string, address: string | undefined): readonly [string, Html] | null {
  if (address === undefined) return null;
  const target = href(address);
  return [
    name,
    target === null ? html`${address}` : html`<a href="${target}" rel="noreferrer">${address}</a>`,
  ];
}

function timeline(view: IncidentView, times: TimeWords): Html {
  const entries = view.timeline.slice(-SHOWN).reverse();
  const hidden = view.timeline.length - entries.length + view.timelineDropped;
  return html`<ol>
      ${entries.map((entry) => html`<li>${stamp(entry.at, times.time(entry.at))}${timelineWords(entry, times)}</li>`)}
    </ol>
    ${hidden > 0 ? html`<p class="foot">${hidden} earlier entries are not shown.</p>` : null}`;
}
