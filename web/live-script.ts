import { createHash } from 'node:crypto';

/** Beside the pages, so that whoever lets people through to the pages lets them through to it. */
export const LIVE_SCRIPT_NAME = 'live.js';

/**
 * Keeps an open page fresh. It only ever asks (GET): to act there is the form alone, so that a scanner that runs scripts
 * acknowledges nothing. It swaps what changed and nothing else, keeps focus and place, and swaps no button under a finger.
 */
export const LIVE_SCRIPT = `'use strict';
(() => {
  const root = document.getElementById('incident');
  const trouble = document.getElementById('trouble');
  if (root === null || trouble === null) return;

  const address = location.pathname.replace(/\\/+$/, '') + '/live';
  const EVERY_MS = 5000, EVERY_WHEN_OVER_MS = 30000, LONGEST_WAIT_MS = 30000, ANSWER_WITHIN_MS = 8000;
  const HOLD_MS = 700, MISSED_MS = 6000;
  let tag = null, timer = 0, asking = null, failures = 0, lostAt = 0, whyLost = '';
  let ended = false, leaving = false, held = false, returned = false, kept = null, changedAt = 0, missedAt = 0;
  let ahead = Number(root.dataset.now) - Date.now();

  function glance(span) {
    const seconds = Math.round(Math.abs(span) / 1000);
    if (seconds < 90) return seconds + ' s';
    const minutes = Math.round(Math.abs(span) / 60000);
    if (minutes < 60) return minutes + ' min';
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return joined(hours, 'h', minutes % 60, 'min');
    return joined(Math.floor(hours / 24), 'd', hours % 24, 'h');
  }
  function joined(large, largeUnit, small, smallUnit) {
    return large + ' ' + largeUnit + (small === 0 ? '' : ' ' + small + ' ' + smallUnit);
  }
  function write(element, words) {
    if (element.textContent !== words) element.textContent = words;
  }
  function tick(scope) {
    const now = Date.now() + ahead;
    for (const element of scope.querySelectorAll('[data-at]')) {
      const at = Number(element.dataset.at);
      const past = element.dataset.past;
      write(element, at > now ? 'in ' + glance(at - now) : past === undefined ? glance(now - at) + ' ago' : past);
    }
  }

  // The entry that the reader looks at stays where it is on the screen.
  function placeOf() {
    if (window.scrollY <= 0) return null;
    for (const entry of root.querySelectorAll('[data-key]')) {
      const top = entry.getBoundingClientRect().top;
      if (top >= 0) return { key: entry.dataset.key, top };
    }
    return null;
  }
  function backTo(place) {
    if (place === null) return;
    const entry = root.querySelector('[data-key="' + CSS.escape(place.key) + '"]');
    if (entry !== null) window.scrollBy({ top: entry.getBoundingClientRect().top - place.top, behavior: 'instant' });
  }

  function refocus(part, lost) {
    const key = lost.value || lost.getAttribute('href') || lost.textContent;
    for (const element of part.querySelectorAll('button, a, summary')) {
      if (element.tagName !== lost.tagName) continue;
      if ((element.value || element.getAttribute('href') || element.textContent) !== key) continue;
      element.focus({ preventScroll: true });
      return;
    }
    // What had the focus is gone: the next Tab goes on from here, and Enter presses nothing.
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
  }

  function swap(text) {
    const fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('incident');
    if (fresh === null) throw new Error('not the incident');
    ahead = Number(fresh.dataset.now) - Date.now();
    if (root.dataset.actions !== fresh.dataset.actions) changedAt = Date.now();
    root.dataset.actions = fresh.dataset.actions;
    root.dataset.over = fresh.dataset.over;
    document.title = fresh.dataset.title;
    // A press counts once by it, whatever was swapped meanwhile. Back on a page that was pressed before, it is used up.
    const nonce = root.querySelector('input[name=nonce]');
    const theirs = fresh.querySelector('input[name=nonce]');
    if (nonce !== null && theirs !== null && !returned) theirs.setAttribute('value', nonce.value);
    returned = false;
    tick(root);
    tick(fresh);
    const place = placeOf();
    const names = [...fresh.querySelectorAll('[data-part]')].map((part) => part.dataset.part);
    for (const part of root.querySelectorAll('[data-part]')) if (!names.includes(part.dataset.part)) part.replaceChildren();
    let before = null;
    for (const part of fresh.querySelectorAll('[data-part]')) {
      let here = root.querySelector('[data-part="' + part.dataset.part + '"]');
      if (here === null) {
        here = document.createElement('div');
        here.dataset.part = part.dataset.part;
        if (before === null) root.prepend(here);
        else before.after(here);
      }
      before = here;
      if (here.innerHTML === part.innerHTML) continue;
      const focused = here.contains(document.activeElement) ? document.activeElement : null;
      const opened = [...here.querySelectorAll('details')].map((details) => details.open);
      here.replaceChildren(...part.childNodes);
      here.querySelectorAll('details').forEach((details, index) => (details.open = opened[index] === true));
      if (focused !== null && focused !== here) refocus(here, focused);
    }
    backTo(place);
  }

  function show(text) {
    if (held) kept = text;
    else swap(text);
  }

  function say() {
    const note = document.getElementById('fresh');
    if (ended) return;
    const lost = lostAt > 0;
    const missed = missedAt > 0 && Date.now() - missedAt < MISSED_MS;
    if (missed) write(trouble, 'The buttons changed just as you pressed: nothing was sent. Please press again.');
    else if (lost) write(trouble, whyLost + ' since ' + glance(Date.now() - lostAt) + '. What stands here may be out of date; it is asked for again and again.');
    trouble.hidden = !lost && !missed;
    if (note !== null) write(note, lost ? 'Not up to date.' : 'Updates itself.');
  }

  async function look() {
    clearTimeout(timer);
    if (ended || leaving || document.hidden || asking !== null) return;
    const asked = new AbortController();
    asking = asked;
    const giveUp = setTimeout(() => asked.abort(), ANSWER_WITHIN_MS);
    try {
      const headers = tag === null ? {} : { 'if-none-match': tag };
      const response = await fetch(address, { headers, cache: 'no-store', signal: asked.signal });
      if (response.status === 403 || response.status === 404 || response.status === 410) {
        ended = true;
        trouble.hidden = false;
        write(trouble, 'This link does not show the incident any more. Refresh the page to read why.');
        return;
      }
      if (response.status === 503) throw new Error('Tocsin can’t show what is new');
      if (response.status !== 304) {
        if (!response.ok) throw new Error('Tocsin does not answer');
        show(await response.text());
        tag = response.headers.get('etag');
      }
      failures = 0;
      lostAt = 0;
    } catch (error) {
      if (leaving) return;
      failures += 1;
      if (lostAt === 0) lostAt = Date.now();
      whyLost = /^Tocsin/.test(error.message) ? error.message : 'No connection to Tocsin';
    } finally {
      clearTimeout(giveUp);
      asking = null;
    }
    say();
    const every = root.dataset.over === 'yes' ? EVERY_WHEN_OVER_MS : EVERY_MS;
    timer = setTimeout(look, Math.min(LONGEST_WAIT_MS, every * Math.max(1, failures)));
  }

  document.addEventListener('visibilitychange', look);
  window.addEventListener('online', look);
  window.addEventListener('pageshow', (event) => {
    leaving = false;
    if (!event.persisted) return;
    returned = true;
    tag = null;
    look();
  });
  document.addEventListener('pointerdown', () => {
    held = true;
  });
  for (const type of ['pointerup', 'pointercancel']) {
    document.addEventListener(type, () => {
      // The click that belongs to it comes first.
      setTimeout(() => {
        held = false;
        if (kept !== null) swap(kept);
        kept = null;
      }, 50);
    });
  }
  document.addEventListener(
    'click',
    (event) => {
      const button = event.target instanceof Element ? event.target.closest('.actions button') : null;
      if (button === null || Date.now() - changedAt > HOLD_MS) return;
      // Nobody reads that fast: it was meant for the button that stood here before.
      event.preventDefault();
      missedAt = Date.now();
      say();
    },
    true,
  );
  document.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return;
    leaving = true;
    const button = event.submitter;
    if (button instanceof HTMLElement) write(button, 'Sending…');
  });

  setInterval(() => {
    tick(root);
    if (!trouble.hidden) say();
  }, 1000);
  say();
  timer = setTimeout(look, EVERY_MS);
})();
`;

/** Changes with the script. */
export const LIVE_SCRIPT_TAG = `"${createHash('sha256').update(LIVE_SCRIPT).digest('base64url').slice(0, 22)}"`;
