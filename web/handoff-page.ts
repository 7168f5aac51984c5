import { html } from './html.js';
import { layout } from './layout.js';

/** A hand-over as the person whose link it is sees it. */
export interface HandoffPage {
  readonly title: string;
  /** What became of the press; absent: nothing was pressed. */
  readonly said?: string;
  readonly sentences: readonly string[];
  /** Whether there is a button. Looking at the page changes nothing. */
  readonly canConfirm: boolean;
  readonly reader: string;
}

export function handoffPage({ title, said, sentences, canConfirm, reader }: HandoffPage): string {
  return layout(
    title,
    html`${said === undefined ? null : html`<p class="said" role="status">${said}</p>`}
      <h1>${title}</h1>
      ${sentences.map((sentence) => html`<p>${sentence}</p>`)}
      ${
        canConfirm
          ? html`<form class="actions" method="post">
              <button class="main" name="action" value="confirm">Confirm the hand-over</button>
            </form>`
          : null
      }
      <p class="foot">This link answers as <bdi>${reader}</bdi>. Do not pass it on.</p>`,
  );
}
