import { describeFault } from './faults.js';
import { escapeHtml, html, type Html } from './html.js';
import { cardsOf, type Card, type CardItem } from './page-model.js';
import { renderLiveCall, renderPastCall } from './page-call.js';
import { renderMail, renderSms } from './page-messages.js';
import type { BoothState } from './state.js';

/** The whole page. It works without JavaScript; with it, `/booth/phones` replaces what changed. */
export function renderPage(state: BoothState): string {
  const { markup } = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>Phone booth</title>
      <link rel="icon" href="data:," />
      <link rel="stylesheet" href="/booth/app.css" />
      <noscript><meta http-equiv="refresh" content="5" /></noscript>
      <script src="/booth/app.js" defer></script>
    </head>
    <body>
      <header class="top">
        <h1>Phone booth</h1>
        <p>Everybody’s phone and mailbox, here instead of out there: nothing leaves this machine.</p>
        <p id="connection" role="status"></p>
      </header>
      <p id="announcer" class="unseen" aria-live="assertive"></p>
      <main id="phones">${renderPhones(state)}</main>
    </body>
  </html>`;
  return `<!doctype html>${markup}`;
}

/** The part of the page that changes. */
export function renderPhones(state: BoothState): Html {
  const cards = cardsOf(state);
  const ringing = cards.filter((card) => card.live.some((call) => call.status !== 'in-progress'));
  const nothingYet = cards.every((card) => card.items.length === 0 && card.live.length === 0);
  return html`
    <div data-key="ringing" id="ringing-now" data-names="${ringing.map((card) => card.name).join(', ')}">
      ${
        ringing.length === 0
          ? undefined
          : html`<nav class="ringing-bar" aria-label="Ringing phones">
              <span aria-hidden="true">☎</span> Ringing:
              ${ringing.map((card) => html`<a href="#${card.key}">${card.name}</a> `)}
            </nav>`
      }
    </div>
    <div data-key="empty">${nothingYet ? renderEmpty(state) : undefined}</div>
    <div data-key="outage">${renderGlobalFaults(state)}</div>
    <div data-key="cards" data-sync class="cards">${cards.map((card) => renderCard(state, card))}</div>
  `;
}

function renderEmpty(state: BoothState): Html {
  const { hint } = state.settings;
  return html`<section class="empty" aria-label="Nothing yet">
    <h2>No phone has rung yet</h2>
    ${
      hint === undefined
        ? html`<p>Send an alert, and the page, the call or the mail that it causes appears here.</p>`
        : html`<p>
              Send an alert from another terminal. The phone that it rings appears here, and you can answer
              it:
            </p>
            <pre><code>${hint}</code></pre>
            <button type="button" class="copy" data-copy="${hint}">Copy the command</button>`
    }
  </section>`;
}

function renderGlobalFaults(state: BoothState): Html {
  const faults = state.faults.inForce.filter(({ fault }) => fault.to === undefined);
  const failing = state.deliveries.items.at(-1);
  return html`
    ${
      faults.length === 0
        ? undefined
        : html`<section class="notice" aria-label="Faults for everybody">
            <ul>
              ${faults.map((fault) => html`<li>${describeFault(fault)}</li>`)}
            </ul>
            ${button('/booth/api/faults/clear', {}, 'Mend everything')}
          </section>`
    }
    ${
      failing?.error === undefined
        ? undefined
        : html`<section class="notice" role="status">
            The last webhook to the product failed: ${failing.url} ${failing.error}.
          </section>`
    }
  `;
}

function renderCard(state: BoothState, card: Card): Html {
  const number = card.numbers[0];
  const contacts = [...card.numbers, ...card.addresses].filter((contact) => contact !== card.name);
  return html`<section
    class="card"
    id="${card.key}"
    data-key="${card.key}"
    data-sync
    aria-labelledby="${card.key}-name"
  >
    <header data-key="head">
      <h2 id="${card.key}-name">${card.name}</h2>
      ${contacts.length === 0 ? undefined : html`<p class="contacts">${contacts.join(' · ')}</p>`}
      ${card.optedOut ? html`<p class="fault">Opted out with STOP: messages are refused with 21610.</p>` : undefined}
      ${card.faults.map((fault) => html`<p class="fault">${fault}</p>`)}
    </header>
    <div data-key="live" data-sync>${card.live.map((call) => renderLiveCall(call))}</div>
    <div
      data-key="thread"
      data-sync
      data-scroll
      class="thread"
      tabindex="0"
      role="log"
      aria-label="Messages of ${card.name}"
    >
      ${
        card.items.length === 0
          ? html`<p data-key="none" class="none">Nothing yet.</p>`
          : card.items.map((item) => renderItem(item))
      }
    </div>
    ${number === undefined ? undefined : renderAnswers(number, card)} ${renderFaultMenu(state, card)}
  </section>`;
}

function renderItem(item: CardItem): Html {
  switch (item.kind) {
    case 'sms':
      return renderSms(item.sms);
    case 'call':
      return renderPastCall(item.call);
    case 'mail':
      return renderMail(item.mail);
    default:
      return assertNever(item);
  }
}

const quickAnswers = ['ACK', 'RESOLVE', 'ESCALATE', 'ALL'];

function renderAnswers(number: string, card: Card): Html {
  const id = `${card.key}-reply`;
  return html`<div data-key="answers" class="answers">
    <form method="post" action="/booth/api/replies" class="quick" aria-label="Quick answers of ${card.name}">
      <input type="hidden" name="from" value="${number}" />
      ${quickAnswers.map((word) => html`<button name="body" value="${word}">${word}</button> `)}
    </form>
    <form method="post" action="/booth/api/replies" class="reply">
      <input type="hidden" name="from" value="${number}" />
      <label for="${id}">Reply as ${card.name}</label>
      <input
        id="${id}"
        name="body"
        required
        maxlength="1600"
        autocomplete="off"
        placeholder="e.g. ACK 7KQ2"
      />
      <button class="primary">Send</button>
    </form>
  </div>`;
}

function renderFaultMenu(state: BoothState, card: Card): Html {
  const number = card.numbers[0];
  const address = card.addresses[0];
  const always = { times: 'always' };
  return html`<details data-key="faults" data-sync class="faults">
    <summary data-key="label">Fail it</summary>
    <div data-key="buttons" class="buttons">
      ${
        number === undefined
          ? undefined
          : html`
              ${button('/booth/api/faults', { kind: 'fails-later', channel: 'sms', to: number, code: '30003', ...always }, 'Undelivered (30003)')}
              ${
                state.sms.optedOut.has(number)
                  ? button('/booth/api/opt-in', { number }, 'Opt in again')
                  : button('/booth/api/opt-out', { number }, 'Opted out (21610)')
              }
              ${button('/booth/api/faults', { kind: 'http-error', channel: 'any', to: number, status: '503', ...always }, 'Provider down (503)')}
              ${button('/booth/api/faults', { kind: 'call-outcome', channel: 'call', to: number, outcome: 'machine', ...always }, 'Voicemail takes every call')}
            `
      }
      ${
        address === undefined
          ? undefined
          : html`
              ${button('/booth/api/faults', { kind: 'smtp-reject', channel: 'mail', to: address, code: '550', ...always }, 'Mail refused (550)')}
              ${button('/booth/api/faults', { kind: 'greylist', channel: 'mail', to: address }, 'Greylist the next mail')}
            `
      }
      ${
        card.faults.length === 0
          ? undefined
          : html`<form method="post" action="/booth/api/faults/clear">
              ${[...card.numbers, ...card.addresses].map((to) => html`<input type="hidden" name="to" value="${to}" />`)}
              <button class="primary">Mend it</button>
            </form>`
      }
    </div>
  </details>`;
}

function button(action: string, fields: Readonly<Record<string, string>>, label: string): Html {
  return html`<form method="post" action="${action}">
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <button>${label}</button>
  </form>`;
}

/** The page that a failed action shows without JavaScript. */
export function renderProblem(message: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Phone booth</title><link rel="stylesheet" href="/booth/app.css"></head><body><main><section class="notice"><p>${escapeHtml(message)}</p><p><a href="/">Back to the phones</a></p></section></main></body></html>`;
}

function assertNever(item: never): never {
  throw new Error(`Unknown item ${JSON.stringify(item)}`);
}
