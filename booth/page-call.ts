import type { CallLine } from './call-line.js';
import { html, type Html } from './html.js';
import { renderTime } from './page-time.js';
import type { CallRecord, CallStatus } from './types.js';

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** A phone that rings or is being talked on, with its buttons. */
export function renderLiveCall(call: CallLine): Html {
  return call.status === 'in-progress' ? renderTalking(call) : renderRinging(call);
}

function renderRinging(call: CallLine): Html {
  const action = `/booth/api/calls/${call.sid}`;
  return html`<section class="call ringing" data-key="${call.sid}-ringing" aria-label="Incoming call">
    <h3>
      <span class="bell" aria-hidden="true">☎</span> Ringing
      <small>from ${call.from}, ${renderTime(call.createdAt)}</small>
    </h3>
    <div class="buttons">
      <form method="post" action="${action}/answer">
        <button class="primary" name="by" value="human">Answer</button>
      </form>
      <form method="post" action="${action}/let-it-ring"><button>Let it ring</button></form>
      <form method="post" action="${action}/answer">
        <button name="by" value="machine">Voicemail</button>
      </form>
      <form method="post" action="${action}/busy"><button>Busy</button></form>
    </div>
  </section>`;
}

function renderTalking(call: CallLine): Html {
  const action = `/booth/api/calls/${call.sid}`;
  const voicemail = call.takenBy === 'machine';
  return html`<section
    class="call talking"
    data-key="${call.sid}-talking"
    data-sync
    aria-label="Call in progress"
  >
    <h3 data-key="title">
      ${voicemail ? 'Voicemail is recording' : 'On the phone'} <small>with ${call.from}</small>
    </h3>
    <div data-key="transcript" data-sync class="transcript" aria-live="polite" data-scroll>
      ${renderTranscript(call)}
    </div>
    <p data-key="gather" class="waiting">
      ${call.gather === undefined ? undefined : `Waiting for a key${call.gather.digits === '' ? '' : `, so far ${call.gather.digits}`}`}
    </p>
    ${
      voicemail
        ? undefined
        : html`<form
            data-key="keys"
            method="post"
            action="${action}/press"
            class="keypad"
            aria-label="Key pad"
          >
            ${keys.map((key) => html`<button name="digits" value="${key}">${key}</button>`)}
          </form>`
    }
    <form data-key="hang-up" method="post" action="${action}/hang-up">
      <button class="danger">Hang up</button>
    </form>
  </section>`;
}

/** A call that is over: how it ended, and on demand what was said. */
export function renderPastCall(call: CallRecord): Html {
  return html`<article class="item past" data-key="${call.sid}">
    <details>
      <summary>☎ ${outcome(call)} ${renderTime(call.createdAt)} ${about(call)}</summary>
      <div class="transcript">${renderTranscript(call)}</div>
    </details>
  </article>`;
}

function renderTranscript(call: CallRecord): Html {
  if (call.transcript.length === 0) return html`<p data-key="none" class="line note">Nothing was said.</p>`;
  return html`${call.transcript.map((line, index) => {
    const who = { voice: 'Voice', keys: 'Pressed', note: '' }[line.who];
    return html`<p data-key="${index}" class="line ${line.who}">
      ${who === '' ? undefined : html`<b>${who}:</b>`} ${line.text}
    </p>`;
  })}`;
}

/** What it was about: known once somebody has heard it. */
function about(call: CallRecord): Html | undefined {
  const said = call.transcript.find((line) => line.who === 'voice')?.text;
  if (said === undefined) return undefined;
  return html`<small>“${said.length > LONGEST_ABOUT ? `${said.slice(0, LONGEST_ABOUT)}…` : said}”</small>`;
}

const LONGEST_ABOUT = 80;

const endings: Readonly<Record<CallStatus, string>> = {
  queued: 'Call',
  ringing: 'Call',
  'in-progress': 'Call',
  completed: 'Call',
  busy: 'Call, busy',
  'no-answer': 'Call, not answered',
  failed: 'Call failed',
  canceled: 'Call, called off',
};

function outcome(call: CallRecord): string {
  const pressed = call.transcript.filter((line) => line.who === 'keys').map((line) => line.text);
  return pressed.length === 0
    ? endings[call.status]
    : `${endings[call.status]}, pressed ${pressed.join(', ')}`;
}
