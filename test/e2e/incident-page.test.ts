import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.js';
import { MINUTE, SECOND } from '../../domain/time/instant.js';
import { summaryOf } from '../api/support/incidents-of-the-tests.js';
import { createTestApp, OPENING, type TestApp } from '../api/support/test-app.js';
import {
  computed,
  enlargeText,
  faintTexts,
  focused,
  misfits,
  NARROW,
  smallTargets,
  tabOrder,
} from '../support/browser.js';
import { picturesOf, usePhones } from '../support/phones.js';
import { aside, awkward, bobs, burning, mine, over } from './support/page-states.js';

const phone = usePhones();
const picture = picturesOf('incident');
let app: TestApp;
let link: string;
let origin: string;

beforeEach(async () => {
  const its = createTestApp({ now: () => Date.now() });
  app = its;
  onTestFinished(async () => {
    its.app.server.closeAllConnections();
    await its.app.close();
  }, 20_000);
  await app.app.listen({ host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${(app.app.server.address() as AddressInfo).port}`;
  link = `${origin}/i/${app.token({ e: Date.now() + 3_600_000 })}`;
  app.incidents.incidents = [summaryOf()];
  show(burning());
});

function show(view: IncidentView): void {
  app.incidents.views.set(OPENING, view);
}

const mainButton = (page: Page) => page.locator('button.main');
const stateOf = (page: Page) => page.locator('.state');

describe('how it looks', () => {
  const states: readonly (readonly [string, () => Partial<IncidentView>])[] = [
    ['burning', () => ({})],
    ['mine', mine],
    ['bobs', bobs],
    ['over', over],
    ['aside', aside],
    ['awkward', awkward],
  ];
  for (const [name, changes] of states)
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`${name}, ${colorScheme}, on 320 px: nothing is cut, nothing scrolls sideways, every target has 44 px, every text has contrast`, async () => {
        show(burning(changes()));
        const page = await phone({ colorScheme });
        await page.goto(link);
        await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
        await picture(page, `${name}-${colorScheme}`);
        expect(await misfits(page)).toEqual([]);
        expect(await smallTargets(page)).toEqual([]);
        expect(await faintTexts(page)).toEqual([]);
      });
    }

  test('zoomed to 200 %, and with text twice as large, it still fits', async () => {
    for (const changes of [{}, awkward()]) {
      show(burning(changes));
      // Zooming in halves the room; that is what 160 px are.
      const zoomed = await phone({ viewport: { width: NARROW.width / 2, height: 320 } });
      await zoomed.goto(link);
      expect(await misfits(zoomed)).toEqual([]);
      const large = await phone({ bypassCSP: true });
      await large.goto(link);
      await enlargeText(large, 2);
      await picture(large, `text-200-${Object.keys(changes).length > 0 ? 'awkward' : 'burning'}`);
      expect(parseFloat(await computed(large, 'button.main', 'font-size'))).toBeGreaterThan(40);
      expect(await misfits(large)).toEqual([]);
    }
  });

  test('the big button is on the first screen, and nothing moves by itself', async () => {
    const page = await phone({ reducedMotion: 'reduce' });
    await page.goto(link);
    const box = await mainButton(page).boundingBox();
    expect((box?.y ?? 9_999) + (box?.height ?? 0)).toBeLessThanOrEqual(NARROW.height);
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  });

  test('a title from right to left is read from the right', async () => {
    show(burning(awkward()));
    const page = await phone();
    await page.goto(link);
    expect(await computed(page, 'h1', 'direction')).toBe('rtl');
    expect(await computed(page, '.state', 'direction')).toBe('ltr');
  });
});

describe('with the keyboard alone', () => {
  test('the answer comes first, every stop can be seen, and Enter presses it', async () => {
    const page = await phone();
    await page.goto(link);
    const order = await tabOrder(page);
    const words = order.map((one) => one.words);
    expect(words.slice(0, 3)).toEqual(['Acknowledge', 'It is fixed', 'Escalate']);
    expect(words.at(-1)).toBe('Refresh');
    expect(order.filter(({ visible }) => !visible)).toEqual([]);
    await mainButton(page).focus();
    show(burning(mine()));
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.said').textContent()).toContain('acknowledge 7KQ2 done.');
    expect(app.incidents.acted.map(({ action }) => action)).toEqual(['acknowledge']);
  });
});

describe('without script', () => {
  test('times are right when it loads, buttons act, and Refresh shows what is new', async () => {
    const page = await phone({ javaScriptEnabled: false });
    await page.goto(link);
    expect(await page.locator('main').textContent()).toMatch(/in 3 min/);
    expect(await page.locator('#fresh').textContent()).toMatch(/As of \d\d:\d\d CET\./);
    show(burning(bobs()));
    await page.getByRole('link', { name: 'Refresh' }).click();
    await expect.poll(() => stateOf(page).textContent()).toContain('Bob has it');
    await page.getByRole('button', { name: 'Take it over' }).click();
    await expect.poll(() => page.locator('.said').textContent()).toContain('take 7KQ2 done.');
    expect(app.incidents.acted.map(({ action }) => action)).toEqual(['take']);
    await page.locator('.said').waitFor();
  });
});

describe('while one looks', () => {
  test('it shows what is new by itself, keeps focus and nonce, and only ever asks', async () => {
    const page = await phone();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.method()));
    await page.goto(link);
    await expect.poll(() => page.locator('#fresh').textContent()).toBe('Updates itself.');
    const nonce = () => page.locator('input[name=nonce]').inputValue();
    const before = await nonce();
    await page.getByRole('button', { name: 'Escalate' }).focus();
    show(burning(bobs()));
    await expect.poll(() => stateOf(page).textContent(), { timeout: 10_000 }).toContain('Bob has it');
    expect(await mainButton(page).textContent()).toContain('Take it over');
    expect(await focused(page)).toBe('Escalate');
    expect(await nonce()).toBe(before);
    expect(await page.title()).toContain('7KQ2');
    expect(new Set(asked)).toEqual(new Set(['GET']));
    expect(app.incidents.acted).toEqual([]);
  });

  test('who is asked to help stands there as soon as they are, and how they answer; the focus stays', async () => {
    show(burning(mine()));
    const page = await phone();
    await page.goto(link);
    const section = page.locator('[data-part=helpers]');
    await expect.poll(() => page.locator('#fresh').textContent()).toBe('Updates itself.');
    expect(await section.textContent()).toBe('');
    await page.getByRole('button', { name: 'Escalate' }).focus();
    const asked = {
      name: 'Dan',
      by: 'Bob',
      since: Date.now(),
      reason: 'needs a <b>DBA</b>',
      paged: ['Dan'],
    } as const;
    show(burning({ ...mine(), responders: [{ ...asked, status: 'paging' }] }));
    await page.getByRole('heading', { name: 'Asked to help' }).waitFor();
    expect(await section.innerText()).toMatch(
      /Dan: being paged, not answered yet\s+Asked by Bob: needs a <b>DBA<\/b>/,
    );
    expect(await focused(page)).toBe('Escalate');
    show(burning({ ...mine(), responders: [{ ...asked, status: 'joined', joined: 'Dan' }] }));
    await section.getByText('Dan joined').waitFor();
    show(burning(mine()));
    await expect.poll(() => section.textContent(), { timeout: 10_000 }).toBe('');
    expect(app.incidents.acted).toEqual([]);
  });

  test('the focus of a button that is gone goes to its place, and Enter presses nothing', async () => {
    const page = await phone();
    await page.goto(link);
    await mainButton(page).focus();
    show(burning(bobs()));
    await expect.poll(() => stateOf(page).textContent(), { timeout: 10_000 }).toContain('Bob has it');
    expect(await page.evaluate('document.activeElement.dataset.part')).toBe('actions');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Take it over');
    expect(app.incidents.acted).toEqual([]);
  });

  test('a press that was meant for the button before it does nothing', async () => {
    const page = await phone();
    await page.goto(link);
    // Pressed in the same instant in which another button comes to stand there.
    await page.evaluate(`{
      const seen = new MutationObserver(() => {
        const button = document.querySelector('button.main');
        if (!button.textContent.includes('Take it over')) return;
        seen.disconnect();
        document.body.dataset.pressed = 'yes';
        button.click();
      });
      seen.observe(document.body, { childList: true, subtree: true });
    }`);
    show(burning(bobs()));
    await expect.poll(() => page.evaluate('document.body.dataset.pressed'), { timeout: 10_000 }).toBe('yes');
    await page.waitForTimeout(300);
    expect(app.incidents.acted).toEqual([]);
    expect(await page.locator('#trouble').textContent()).toContain('nothing was sent. Please press again.');
    // A moment later it is what the reader sees.
    await page.waitForTimeout(600);
    await mainButton(page).click();
    await expect.poll(() => app.incidents.acted.map(({ action }) => action)).toEqual(['take']);
    await page.locator('.said').waitFor();
  });

  test('no button changes under a finger', async () => {
    const page = await phone();
    await page.goto(link);
    const box = await mainButton(page).boundingBox();
    await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 20);
    await page.mouse.down();
    const answered = page.waitForResponse((response) => response.url().endsWith('/live') && response.ok());
    show(burning(bobs()));
    await answered;
    await page.waitForTimeout(200);
    expect(await mainButton(page).textContent()).toContain('Acknowledge');
    await page.mouse.up();
    await expect.poll(() => app.incidents.acted.map(({ action }) => action)).toEqual(['acknowledge']);
    await page.locator('.said').waitFor();
  });

  test('the entry that is read stays where it is when news come in above it', async () => {
    const entries = Array.from({ length: 30 }, (_, index) => ({
      at: Date.now() - (60 - index) * SECOND,
      type: 'note' as const,
      who: 'Bob',
      via: 'sms' as const,
      text: `note number ${index}`,
    }));
    show(burning({ timeline: entries }));
    const page = await phone();
    await page.goto(link);
    const read = page.getByText('note number 5');
    await read.scrollIntoViewIfNeeded();
    const before = await read.boundingBox();
    const news = {
      at: Date.now(),
      type: 'note' as const,
      who: 'Carol',
      via: 'sms' as const,
      text: 'brand new',
    };
    show(burning({ timeline: [...entries, news, { ...news, text: 'newer still' }] }));
    await page.getByText('newer still').waitFor({ state: 'attached' });
    const after = await read.boundingBox();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? -99))).toBeLessThan(2);
  });

  test('what counts down counts down', async () => {
    show(burning({ deadlines: [{ name: 'ack', at: Date.now() + 4 * SECOND, label: 'ack timeout' }] }));
    const page = await phone();
    await page.goto(link);
    const far = page.locator('[data-part=next] .far');
    expect(await far.textContent()).toMatch(/in [34] s/);
    await expect.poll(() => far.textContent(), { timeout: 8_000 }).toBe('due now');
  });

  test('it says when it can not reach us, and when it can again', async () => {
    const page = await phone();
    await page.goto(link);
    await page.context().setOffline(true);
    const trouble = page.locator('#trouble');
    await trouble.waitFor({ state: 'visible' });
    expect(await trouble.textContent()).toMatch(
      /No connection to Tocsin since \d+ s\. What stands here may be out of date/,
    );
    expect(await page.locator('#fresh').textContent()).toBe('Not up to date.');
    await picture(page, 'offline');
    expect(await faintTexts(page)).toEqual([]);
    await page.context().setOffline(false);
    await trouble.waitFor({ state: 'hidden' });
    app.incidents.away = 'worker';
    await trouble.waitFor({ state: 'visible' });
    expect(await trouble.textContent()).toContain('Tocsin can’t show what is new');
    expect(await mainButton(page).isVisible()).toBe(true);
  });

  test('it says when the link has run out', async () => {
    link = `${origin}/i/${app.token({ e: Date.now() + 2_000 })}`;
    const page = await phone();
    await page.goto(link);
    await page.locator('#trouble').waitFor({ state: 'visible' });
    expect(await page.locator('#trouble').textContent()).toContain('does not show the incident any more');
    await page.getByRole('link', { name: 'Refresh' }).click();
    await page.getByText('This link has expired').waitFor();
  });
});

describe('answers', () => {
  test('a double click counts once', async () => {
    const page = await phone();
    await page.goto(link);
    await mainButton(page).dblclick();
    await page.locator('.said').waitFor();
    expect(new Set(app.incidents.acted.map(({ requestId }) => requestId)).size).toBe(1);
  });

  test('two tabs: what is pressed in one stands in the other', async () => {
    const first = await phone();
    const second = await phone();
    await first.goto(link);
    await second.goto(link);
    await mainButton(first).click();
    show(burning(mine()));
    await first.locator('.said').waitFor();
    await expect.poll(() => stateOf(second).textContent(), { timeout: 10_000 }).toContain('You have it');
    expect(await mainButton(second).textContent()).toContain('Still on it');
  });

  test('back after an answer shows what is true now, and sends nothing again', async () => {
    const page = await phone();
    await page.goto('about:blank');
    await page.goto(link);
    await mainButton(page).click();
    show(burning(mine()));
    await page.locator('.said').waitFor();
    await page.goBack();
    await expect.poll(() => stateOf(page).textContent(), { timeout: 10_000 }).toContain('You have it');
    expect(app.incidents.acted).toHaveLength(1);
    // What is pressed there is a press of its own: another button, and the same one again.
    await page.waitForTimeout(800);
    await page.getByRole('button', { name: 'Escalate' }).click();
    await expect.poll(() => page.locator('.said').textContent()).toContain('escalate 7KQ2 done.');
    await page.goBack();
    await expect.poll(() => stateOf(page).textContent(), { timeout: 10_000 }).toContain('You have it');
    await page.waitForTimeout(800);
    await page.getByRole('button', { name: 'Escalate' }).click();
    await expect.poll(() => app.incidents.acted.length).toBe(3);
    expect(app.incidents.acted.map(({ action }) => action)).toEqual(['acknowledge', 'escalate', 'escalate']);
    expect(new Set(app.incidents.acted.map(({ requestId }) => requestId)).size).toBe(3);
    await page.locator('.said').waitFor();
  });

  test('back on a page that the browser kept, its presses are new ones', async () => {
    const page = await phone();
    await page.goto(link);
    const nonce = () => page.locator('input[name=nonce]').inputValue();
    const before = await nonce();
    // As browsers tell a page that comes back as it was left: how they keep it is theirs.
    await page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    await expect.poll(nonce).not.toBe(before);
    const after = await nonce();
    show(burning(mine()));
    await expect.poll(() => stateOf(page).textContent(), { timeout: 10_000 }).toContain('You have it');
    expect(await nonce()).toBe(after);
    expect(app.incidents.acted).toEqual([]);
  });

  test('while nobody can show it, it can be answered; and it shows itself when somebody can', async () => {
    app.incidents.away = 'worker';
    const page = await phone();
    await page.goto(link);
    expect(await page.locator('h1').textContent()).toContain("can't be shown right now");
    expect(await mainButton(page).textContent()).toContain('Acknowledge');
    app.incidents.away = null;
    await expect
      .poll(() => page.locator('h1').textContent(), { timeout: 10_000 })
      .toContain('15 % of payments fail');
    await page.getByText('What happened').waitFor();
    await page.waitForTimeout(800);
    await mainButton(page).click();
    await expect.poll(() => app.incidents.acted.map(({ action }) => action)).toEqual(['acknowledge']);
    await page.locator('.said').waitFor();
  });

  test.each([
    ['cut off', () => 'abc', 'This link is incomplete'],
    ['expired', () => app.token({ e: Date.now() - MINUTE }), 'This link has expired'],
    [
      'for a call',
      () => app.token({ p: 'voice', e: Date.now() + MINUTE }),
      'This link is for something else',
    ],
  ])('a link that is %s says so, on a narrow screen too', async (_what, token, title) => {
    const page = await phone();
    await page.goto(`${origin}/i/${token()}`);
    expect(await page.locator('h1').textContent()).toBe(title);
    expect(await misfits(page)).toEqual([]);
    expect(await faintTexts(page)).toEqual([]);
  });
});
