import type { IncidentView } from '../domain/incident/view.js';
import type { TimeWords } from '../domain/messages/times.js';
import type { Instant } from '../domain/time/instant.js';
import { actionForm, actionsFor, WITHOUT_VIEW, type PageAction } from './action-form.js';
import { handOver, helpers, snoozed } from './aside-parts.js';
import { html, type Html } from './html.js';
import { facts, happened, next, paged, state, top } from './incident-parts.js';
import { layout } from './layout.js';

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

/** The page behind a link. Looking at it changes nothing; only its buttons do. */
export function incidentPage(page: IncidentPage): string {
  const { view, said } = page;
  const notice = said === undefined ? null : html`<p class="said" role="status">${said}</p>`;
  const main = html`${notice}
    <p class="trouble" id="trouble" role="alert" hidden></p>
    ${incidentBody(page)}`;
  return layout(titleOf(view), main, { live: true });
}

/** The part of the page that changes: what its script fetches and swaps in. */
export function incidentFragment(page: IncidentPage): string {
  return incidentBody(page).html;
}

function titleOf(view: IncidentView | null): string {
  return view === null ? 'Incident' : `${view.code} ${view.title}`;
}

/** Each part is swapped for itself, and only when it changed: web/live-script.ts. */
function incidentBody(page: IncidentPage): Html {
  const { view, reader, nonce, times, now } = page;
  if (view === null) {
    return root(page, WITHOUT_VIEW, [
      part(
        'top',
        html`<h1>The incident can't be shown right now</h1>
          <p>Tocsin is busy. You can answer all the same: it counts, and a confirmation follows.</p>`,
      ),
      part('actions', reader === null ? null : actionForm(WITHOUT_VIEW, nonce)),
      fresh(page),
    ]);
  }
  const actions = reader === null ? [] : actionsFor(view, reader.id);
  return root(page, actions, [
    part('top', top(view)),
    html`<div data-part="state" role="status">${state(view, reader?.id, times, now)}</div>`,
    part('actions', actionForm(actions, nonce)),
    part('hand-over', handOver(view, reader?.id, times, now)),
    part('snoozed', snoozed(view, times, now)),
    part('next', next(view, times, now)),
    part('paged', paged(view, times, now)),
    part('helpers', helpers(view, times, now)),
    part('facts', facts(view, times, now)),
    part('happened', happened(view, times, now)),
    fresh(page),
    html`<p class="foot">
      ${reader === null ? 'This link only shows the incident.' : html`This link answers as <bdi>${reader.name}</bdi>. Do not pass it on.`}
    </p>`,
  ]);
}

function root({ view, now }: IncidentPage, actions: readonly PageAction[], parts: readonly Html[]): Html {
  return html`<div
    id="incident"
    data-now="${now}"
    data-title="${titleOf(view)}"
    data-over="${view?.phase === 'resolved' ? 'yes' : 'no'}"
    data-actions="${actions.join(' ')}"
  >
    ${parts}
  </div>`;
}

function part(name: string, content: Html | null): Html {
  return html`<div data-part="${name}">${content}</div>`;
}

/** Without a script: how fresh it is, and how to get it fresher. The script writes its own words here. */
function fresh({ times, now }: IncidentPage): Html {
  return html`<div class="fresh">
    <a class="button" href="">Refresh</a>
    <p class="foot" id="fresh">As of ${times.time(now)}.</p>
  </div>`;
}

/** A page that says why there is nothing to see. */
export function messagePage(title: string, sentences: readonly string[]): string {
  return layout(
    title,
    html`<h1>${title}</h1>
      ${sentences.map((sentence) => html`<p>${sentence}</p>`)}`,
  );
}
