/** The page's script, served as `/booth/app.js`: live updates, and forms that do not reload the page. */
export const pageScript = `'use strict';
const phones = document.getElementById('phones');
const announcer = document.getElementById('announcer');
const connection = document.getElementById('connection');
const sources = new WeakMap();

function keyed(parent) {
  return [...parent.children].filter((child) => child.dataset.key !== undefined);
}

function remember(element) {
  sources.set(element, element.outerHTML);
  keyed(element).forEach(remember);
}

function atEnd(element) {
  return element.scrollHeight - element.scrollTop - element.clientHeight < 40;
}

// Replaces only what changed, so that focus, half-typed replies and opened mails stay.
function sync(current, next) {
  const stick = current.dataset.scroll !== undefined && atEnd(current);
  const existing = new Map(keyed(current).map((child) => [child.dataset.key, child]));
  let previous = null;
  for (const child of keyed(next)) {
    const key = child.dataset.key;
    let kept = existing.get(key);
    existing.delete(key);
    if (kept === undefined) {
      kept = child.cloneNode(true);
      rememberAs(kept, child);
      current.insertBefore(kept, previous ? previous.nextSibling : current.firstChild);
      scrollDown(kept);
    } else if (sources.get(kept) !== child.outerHTML) {
      if (child.dataset.sync !== undefined) {
        for (const name of ['data-names', 'class']) {
          if (child.hasAttribute(name)) kept.setAttribute(name, child.getAttribute(name));
        }
        sync(kept, child);
        sources.set(kept, child.outerHTML);
      } else {
        const replaced = child.cloneNode(true);
        carryOpen(kept, replaced);
        const focused = kept.contains(document.activeElement) ? document.activeElement : null;
        kept.replaceWith(replaced);
        rememberAs(replaced, child);
        if (focused) refocus(replaced, focused);
        scrollDown(replaced);
        kept = replaced;
      }
    }
    const place = previous ? previous.nextElementSibling : current.firstElementChild;
    if (place !== kept) current.insertBefore(kept, place);
    previous = kept;
  }
  for (const gone of existing.values()) {
    // What had the focus is gone (a phone that rang is talked on): the next Tab goes on from its place.
    if (gone.contains(document.activeElement)) {
      current.tabIndex = -1;
      current.focus({ preventScroll: true });
    }
    gone.remove();
  }
  if (stick) current.scrollTop = current.scrollHeight;
}

function rememberAs(element, source) {
  sources.set(element, source.outerHTML);
  const children = keyed(source);
  keyed(element).forEach((child, index) => rememberAs(child, children[index]));
}

function carryOpen(from, to) {
  const opened = [...from.querySelectorAll('details')];
  [...to.querySelectorAll('details')].forEach((details, index) => {
    if (opened[index]) details.open = opened[index].open;
  });
}

function refocus(inside, lost) {
  const same = [...inside.querySelectorAll('button, input, summary, a')].find(
    (element) => element.tagName === lost.tagName && element.textContent === lost.textContent,
  );
  if (same) same.focus({ preventScroll: true });
}

function scrollDown(element) {
  for (const box of [element, ...element.querySelectorAll('[data-scroll]')]) {
    if (box.dataset && box.dataset.scroll !== undefined) box.scrollTop = box.scrollHeight;
  }
}

let ringingBefore = '';
function announce() {
  const names = document.getElementById('ringing-now')?.dataset.names ?? '';
  document.title = names === '' ? 'Phone booth' : '\\u260e Ringing: ' + names;
  if (names !== ringingBefore && names !== '') announcer.textContent = 'The phone rings: ' + names;
  ringingBefore = names;
}

let busy = false;
let again = false;
async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const response = await fetch('/booth/phones', { cache: 'no-store' });
    if (response.ok) {
      const template = document.createElement('template');
      template.innerHTML = '<main>' + (await response.text()) + '</main>';
      sync(phones, template.content.firstElementChild);
      announce();
    }
  } finally {
    busy = false;
    if (again) {
      again = false;
      void refresh();
    }
  }
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== 'post') return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const typed = form.querySelector('input:not([type=hidden])');
  fetch(form.action, { method: 'POST', body, headers: { accept: 'application/json' } })
    .then(async (response) => {
      if (!response.ok) throw new Error((await response.json()).message);
      if (typed) typed.value = '';
      connection.textContent = '';
      await refresh();
    })
    .catch((error) => {
      connection.textContent = 'That did not work: ' + error.message;
    });
});

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-copy]') : null;
  if (button === null) return;
  navigator.clipboard.writeText(button.dataset.copy).then(
    () => (button.textContent = 'Copied'),
    () => (button.textContent = 'Select the command above and copy it'),
  );
});

remember(phones);
scrollDown(phones);
announce();
const events = new EventSource('/booth/events');
events.onopen = () => {
  connection.textContent = '';
  void refresh();
};
events.onmessage = () => void refresh();
events.onerror = () => {
  connection.textContent = 'The phone booth does not answer. It goes on by itself when it is back.';
};
`;

/** The page's styles, served as `/booth/app.css`. */
export const pageStyles = `
:root {
  --ground: #f3f1ec; --card: #fffdf9; --ink: #21262b; --soft: #5d6670; --line: #d9d4c9;
  --accent: #0b6b57; --on-accent: #ffffff; --theirs: #e9e6de; --own: #d3ece4; --alarm: #b3261e; --alarm-ground: #fdeceb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181b; --card: #1e2327; --ink: #e8e6e1; --soft: #a3abb3; --line: #363d44;
    --accent: #57c7ad; --on-accent: #0c1f1a; --theirs: #2c3238; --own: #1d453b; --alarm: #ff9189; --alarm-ground: #3b1f1d;
  }
}
* { box-sizing: border-box; }
body { margin: 0; overflow-wrap: anywhere; background: var(--ground); color: var(--ink); font: 1rem/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0 0 .5rem; }
small, .meta, .contacts, .top p, .none, .waiting { color: var(--soft); font-size: .875rem; font-weight: normal; margin: 0; }
.top { padding: 1rem 1rem 0; max-width: 80rem; margin: 0 auto; }
#connection:not(:empty) { color: var(--alarm); font-weight: 600; }
main { padding: 1rem; max-width: 80rem; margin: 0 auto; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); align-items: start; }
.card, .empty, .notice { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; }
.card { display: grid; grid-template-columns: minmax(0, 1fr); gap: .75rem; min-width: 0; scroll-margin-top: 4rem; }
.card > div:empty, main > div:empty { display: none; }
.empty, .notice { margin-bottom: 1rem; }
.notice { border-color: var(--alarm); background: var(--alarm-ground); }
.notice ul { margin: 0 0 .5rem; padding-left: 1.2rem; }
.fault { color: var(--alarm); font-size: .875rem; margin: .25rem 0 0; }
.ringing-bar { position: sticky; top: 0; background: var(--alarm); color: var(--card); padding: .6rem 1rem; border-radius: .75rem; margin-bottom: 1rem; font-weight: 600; }
#ringing-now { position: sticky; top: .5rem; z-index: 1; }
.ringing-bar a { display: inline-block; color: inherit; min-width: 2.75rem; min-height: 2.75rem; padding: .6rem .25rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0; font: .875rem/1.45 ui-monospace, monospace; }
.empty pre { background: var(--ground); padding: .75rem; border-radius: .5rem; }
.thread { display: flex; flex-direction: column; gap: .6rem; max-height: 36rem; overflow-y: auto; overflow-x: hidden; padding: .1rem; }
/* A mail that is shown as HTML gets the room that it takes. */
.thread:has(.as-html[open]) { max-height: none; }
.sms { max-width: 88%; }
.sms.own { align-self: flex-end; }
.sms.own .meta { text-align: right; }
.bubble { margin: 0; padding: .5rem .75rem; border-radius: .9rem; background: var(--theirs); white-space: pre-line; overflow-wrap: anywhere; }
.own .bubble { background: var(--own); }
.trouble .bubble { background: var(--alarm-ground); }
.trouble .meta { color: var(--alarm); }
.mail, .past { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem; }
.mail > details > summary { font-weight: 600; }
summary { cursor: pointer; overflow-wrap: anywhere; padding: .7rem 0; min-height: 2.75rem; }
summary time { color: var(--soft); font-weight: normal; font-size: .875rem; }
.text { border-left: 3px solid var(--line); padding-left: .75rem; }
.list p { margin: 0; font-size: .875rem; color: var(--soft); }
.list ul { margin: 0 0 .5rem; padding-left: 1.2rem; font-size: .875rem; overflow-wrap: anywhere; }
iframe { width: 100%; height: 18rem; border: 1px solid var(--line); border-radius: .5rem; background: #fff; }
a { color: var(--accent); }
.call { border: 2px solid var(--accent); border-radius: .75rem; padding: .75rem; margin-bottom: .5rem; }
.call.ringing { border-color: var(--alarm); }
.bell { display: inline-block; color: var(--alarm); }
@media (prefers-reduced-motion: no-preference) {
  .bell { animation: shake .5s infinite alternate; }
  @keyframes shake { from { transform: rotate(-18deg); } to { transform: rotate(18deg); } }
}
.transcript { max-height: 14rem; overflow-y: auto; }
.line { margin: .15rem 0; }
.line.note { color: var(--soft); font-size: .875rem; }
.waiting { min-height: 1.3rem; margin: .25rem 0; }
.buttons { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 8rem), 1fr)); gap: .5rem; }
.buttons button { width: 100%; height: 100%; }
.quick { display: flex; flex-wrap: wrap; gap: .5rem; }
.quick button { flex: 1 1 auto; padding: .5rem .3rem; min-width: 2.75rem; font-size: .875rem; }
.keypad { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .5rem; max-width: 15rem; margin-bottom: .5rem; }
.answers { display: grid; grid-template-columns: minmax(0, 1fr); gap: .6rem; border-top: 1px solid var(--line); padding-top: .75rem; }
.reply { display: grid; grid-template-columns: minmax(0, 1fr) fit-content(50%); gap: .3rem .5rem; }
.reply label { grid-column: 1 / -1; font-size: .875rem; color: var(--soft); }
button, input { font: inherit; color: inherit; border-radius: .5rem; border: 1px solid var(--soft); padding: .5rem .8rem; min-height: 2.75rem; min-width: 0; }
button { background: var(--card); cursor: pointer; }
button:hover { border-color: var(--accent); }
input { background: var(--ground); width: 100%; }
::placeholder { color: var(--soft); opacity: 1; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
button.danger { border-color: var(--alarm); color: var(--alarm); font-weight: 600; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[tabindex="-1"]:focus { outline: 0; }
`;
