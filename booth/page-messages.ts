import { html, type Html } from './html.js';
import { renderTime } from './page-time.js';
import type { MailRecord, SmsRecord } from './types.js';

/** A text message as a bubble; the person's own are on the right. */
export function renderSms(sms: SmsRecord): Html {
  const own = sms.direction === 'inbound';
  const trouble = sms.status === 'undelivered' || sms.status === 'failed';
  return html`<article
    class="item sms ${own ? 'own' : 'theirs'} ${trouble ? 'trouble' : ''}"
    data-key="${sms.sid}"
  >
    <p class="bubble"><span class="unseen">${own ? 'You wrote:' : 'Message:'}</span> ${linked(sms.body)}</p>
    <p class="meta">${renderTime(sms.createdAt)} ${own ? undefined : status(sms)}</p>
  </article>`;
}

function status(sms: SmsRecord): string {
  return sms.errorCode === undefined ? `· ${sms.status}` : `· ${sms.status}, error ${sms.errorCode}`;
}

/** A mail: subject and text, its links, and on demand its HTML in a frame without scripts. */
export function renderMail(mail: MailRecord): Html {
  return html`<article class="item mail" data-key="mail-${mail.seq}">
    <details open>
      <summary>
        <span aria-hidden="true">✉</span> ${mail.subject === '' ? '(no subject)' : mail.subject}
        ${renderTime(mail.at)}
      </summary>
      <p class="meta">From ${mail.headers['from'] ?? mail.from} to ${mail.to.join(', ')}</p>
      <pre class="text">${linked(mail.text.trim())}</pre>
      ${renderList('Links of the HTML version', mail.links.filter((url) => !mail.text.includes(url)).map(anchor))}
      ${renderList(
        'Attachments',
        mail.attachments.map((file) => html`${file.name} (${file.type}, ${file.sizeBytes} bytes)`),
      )}
      ${
        mail.html === undefined
          ? undefined
          : html`<details class="as-html">
              <summary>Show the HTML version</summary>
              <iframe
                title="HTML version of the mail"
                sandbox="allow-popups allow-popups-to-escape-sandbox"
                referrerpolicy="no-referrer"
                srcdoc="${`<base target="_blank">${mail.html}`}"
              ></iframe>
            </details>`
      }
    </details>
  </article>`;
}

function renderList(title: string, entries: readonly Html[]): Html | undefined {
  if (entries.length === 0) return undefined;
  return html`<div class="list">
    <p>${title}</p>
    <ul>
      ${entries.map((entry) => html`<li>${entry}</li>`)}
    </ul>
  </div>`;
}

function anchor(url: string): Html {
  return html`<a href="${url}" target="_blank" rel="noopener noreferrer">${url}</a>`;
}

/** Text whose http(s) addresses can be followed. */
function linked(text: string): Html {
  const pieces = text.split(/(https?:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:!?])/);
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? anchor(piece) : piece))}`;
}
