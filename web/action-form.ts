import type { IncidentView } from '../domain/incident/view.js';
import { HOUR, MINUTE, type Milliseconds } from '../domain/time/instant.js';
import { html, type Html } from './html.js';

/** What the buttons everybody sees ask for. */
type Plain = 'acknowledge' | 'take' | 'progress' | 'resolve' | 'escalate';

/** What a form of the page can ask for, and what that is to the incident. */
const ASKED = {
  acknowledge: { action: 'acknowledge' },
  take: { action: 'take' },
  progress: { action: 'progress' },
  resolve: { action: 'resolve' },
  escalate: { action: 'escalate' },
  'snooze-30m': { action: 'snooze', forMs: 30 * MINUTE },
  'snooze-1h': { action: 'snooze', forMs: HOUR },
  'snooze-4h': { action: 'snooze', forMs: 4 * HOUR },
  'give-back': { action: 'unacknowledge' },
} as const satisfies Readonly<Record<string, Asked>>;

type Asked =
  { readonly action: Plain | 'unacknowledge' } | { readonly action: 'snooze'; readonly forMs: Milliseconds };

export type PageAction = keyof typeof ASKED;
export const PAGE_ACTIONS = Object.keys(ASKED) as readonly PageAction[];

/** What this button asks of the incident. */
export function askedBy(action: PageAction): Asked {
  return ASKED[action];
}

const LABELS: Readonly<Record<PageAction, string>> = {
  acknowledge: 'Acknowledge',
  take: 'Take it over',
  progress: 'Still on it',
  resolve: 'It is fixed',
  escalate: 'Escalate',
  'snooze-30m': '30 min',
  'snooze-1h': '1 h',
  'snooze-4h': '4 h',
  'give-back': 'Give it back',
};

/** For the owner while nobody is paged: seldom wanted, so they stand behind a fold. */
const SNOOZES: readonly PageAction[] = ['snooze-30m', 'snooze-1h', 'snooze-4h'];

/** While the incident can't be read, whatever may make sense. */
export const WITHOUT_VIEW: readonly PageAction[] = ['acknowledge', 'progress', 'resolve', 'escalate'];

/** What makes sense now, the most likely first. */
export function actionsFor(view: IncidentView, readerId: string): readonly PageAction[] {
  if (view.phase === 'resolved') return [];
  if (view.owner === undefined) return ['acknowledge', 'resolve', 'escalate'];
  if (view.owner.id !== readerId) return ['take', 'resolve', 'escalate'];
  // Paged anew (it fires again, or progress is missed): an acknowledgement is what is asked for.
  if (view.paging) return ['acknowledge', 'resolve', 'escalate'];
  return ['progress', 'resolve', 'escalate', ...SNOOZES, 'give-back'];
}

/** The buttons: a plain form, the only way to act on this page. */
export function actionForm(actions: readonly PageAction[], nonce: string): Html | null {
  if (actions.length === 0) return null;
  const [first, ...others] = actions.filter((action) => !SNOOZES.includes(action) && action !== 'give-back');
  return html`<form class="actions" method="post">
    <input type="hidden" name="nonce" value="${nonce}" />
    ${first === undefined ? null : button(first, 'main')} ${others.map((action) => button(action, 'other'))}
    ${actions.includes('give-back') ? notNow() : null}
  </form>`;
}

function notNow(): Html {
  return html`<details>
    <summary>Not now…</summary>
    <div class="group">
      <p class="hint" id="snooze">Snooze: you keep it, nobody asks, and you are paged again after</p>
      <div class="trio" role="group" aria-labelledby="snooze">
        ${SNOOZES.map((action) => button(action, 'other'))}
      </div>
      <p class="hint">Or let somebody else have it: nobody does then, and paging begins anew.</p>
      ${button('give-back', 'other')}
    </div>
  </details>`;
}

function button(action: PageAction, kind: 'main' | 'other'): Html {
  return html`<button class="${kind}" name="action" value="${action}">${LABELS[action]}</button> `;
}
