import nodemailer from 'nodemailer';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Booth } from '../../booth/create-booth.js';
import {
  enlargeText,
  faintTexts,
  focused,
  misfits,
  NARROW,
  smallTargets,
  tabOrder,
} from '../support/browser.js';
import { picturesOf, usePhones } from '../support/phones.js';
import { startBooth, startProduct, twilioFor, type Product } from '../unit/booth/support.js';

const ALICE = '+12025550110';
const BOB = '+12025550111';
const OURS = '+12025550000';
const PEOPLE = [
  { name: 'Alice', contacts: [ALICE, 'alice@example.com'] },
  { name: 'Bob', contacts: [BOB] },
];
const MENU = '<Response><Gather numDigits="1"><Say>Checkout is down. Press 4.</Say></Gather></Response>';

const phone = usePhones();
const picture = picturesOf('booth');

/** A booth, and a product behind it that answers calls and messages. */
async function network(): Promise<{ readonly booth: Booth; readonly product: Product }> {
  const product = await startProduct('', ({ path, params }) => {
    if (path.startsWith('/sms'))
      return { body: `<Response><Message>You have it, ${params['Body']}.</Message></Response>` };
    const key = params['Digits'];
    return {
      body: key === undefined ? MENU : `<Response><Say>You pressed ${key}.</Say><Hangup/></Response>`,
    };
  });
  const booth = await startBooth({
    people: PEOPLE,
    hint: 'curl http://127.0.0.1:3000/v1/alerts',
    inboundUrl: `${product.url}/sms`,
  });
  return { booth, product };
}

/** Closed before the booth stops: its event stream is held open by the page. */
async function open(booth: Booth, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await phone(options);
  await page.goto(booth.httpUrl);
  return page;
}

const text = (booth: Booth, to: string, body: string) =>
  twilioFor(booth).messages.create({ to, from: OURS, body });
const ring = (booth: Booth, to: string, url: string) =>
  twilioFor(booth).calls.create({ to, from: OURS, url });
const card = (page: Page, name: string) => page.getByRole('region', { name });

/** Something of every kind on Alice's card, and a call that rings at Bob's. */
async function busy(): Promise<Booth> {
  const { booth, product } = await network();
  await text(booth, ALICE, `SEV1 payments: checkout is down. ACK 7KQ2 or ${product.url}/i/${'t'.repeat(70)}`);
  await text(booth, ALICE, `SEV1 ${'x'.repeat(300)} توقف الدفع`);
  await booth.send(ALICE, 'ACK');
  await nodemailer.createTransport(booth.smtpUrl).sendMail({
    from: 'pager@example.com',
    to: 'alice@example.com',
    subject: `[SEV1] ${'y'.repeat(120)}`,
    text: `See ${product.url}/i/${'t'.repeat(70)}`,
    html: '<p>See it</p>',
  });
  booth.misbehave({ kind: 'http-error', channel: 'any', to: ALICE, status: 503, times: 'always' });
  await ring(booth, BOB, product.url);
  await booth.nextCall({ to: BOB });
  return booth;
}

describe('how it looks', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`empty and full, ${colorScheme}, on 320 px: nothing is cut, every target has 44 px, every text has contrast`, async () => {
      const empty = await open((await network()).booth, { colorScheme });
      await picture(empty, `empty-${colorScheme}`);
      const full = await open(await busy(), { colorScheme });
      await card(full, 'Bob').getByText('Ringing').waitFor();
      await full.evaluate(
        'for (const one of document.querySelectorAll("details:not(.as-html)")) one.open = true',
      );
      await picture(full, `full-${colorScheme}`);
      for (const page of [empty, full]) {
        expect(await misfits(page)).toEqual([]);
        expect(await smallTargets(page)).toEqual([]);
        expect(await faintTexts(page)).toEqual([]);
      }
      await full.getByRole('button', { name: 'Answer' }).click();
      await full.getByText('Press 4.').first().waitFor();
      await picture(full, `talking-${colorScheme}`);
      expect(await misfits(full)).toEqual([]);
      expect(await smallTargets(full)).toEqual([]);
      expect(await faintTexts(full)).toEqual([]);
    });
  }

  test('zoomed to 200 %, and with text twice as large, it still fits', async () => {
    const booth = await busy();
    const zoomed = await open(booth, { viewport: { width: NARROW.width / 2, height: 320 } });
    expect(await misfits(zoomed)).toEqual([]);
    const large = await open(booth, { bypassCSP: true });
    await enlargeText(large, 2);
    await picture(large, 'text-200');
    expect(await misfits(large)).toEqual([]);
  });

  test('the bell stands still for whoever wants no motion, and shakes for others', async () => {
    const booth = await busy();
    const running = 'document.getAnimations().length';
    const still = await open(booth, { reducedMotion: 'reduce' });
    await still.locator('.bell').first().waitFor();
    expect(await still.evaluate(running)).toBe(0);
    const moving = await open(booth, { reducedMotion: 'no-preference' });
    await moving.locator('.bell').first().waitFor();
    expect(await moving.evaluate(running)).toBe(1);
  });
});

describe('while one looks', () => {
  test('a message arrives by itself, and a reply half typed and its focus stay', async () => {
    const { booth, product } = await network();
    const page = await open(booth);
    await page.getByText('No phone has rung yet').waitFor();
    await text(booth, ALICE, 'checkout is down');
    const alice = card(page, 'Alice');
    await alice.getByText('checkout is down').waitFor();
    const reply = alice.getByLabel('Reply as Alice');
    await reply.fill('ACK 7K');
    await text(booth, ALICE, 'still down');
    await alice.getByText('still down').waitFor();
    expect(await reply.inputValue()).toBe('ACK 7K');
    expect(await page.evaluate('document.activeElement.name')).toBe('body');
    await reply.press('End');
    await reply.pressSequentially('Q2');
    await reply.press('Enter');
    await alice.getByText('You have it, ACK 7KQ2.').waitFor();
    expect(product.at('/sms').map(({ params }) => params['Body'])).toEqual(['ACK 7KQ2']);
    expect(await reply.inputValue()).toBe('');
  });

  test('the phone rings, is answered, a key is pressed, and it is told to those who do not see', async () => {
    const { booth, product } = await network();
    const page = await open(booth);
    await ring(booth, BOB, product.url);
    const bob = card(page, 'Bob');
    await bob.getByRole('button', { name: 'Answer' }).waitFor();
    expect(await page.title()).toContain('Ringing: Bob');
    expect(await page.locator('#announcer').textContent()).toBe('The phone rings: Bob');
    await bob.getByRole('button', { name: 'Answer' }).click();
    await bob.getByText('Press 4.').waitFor();
    await bob.getByRole('button', { name: '4', exact: true }).click();
    await bob.getByText('Call, pressed 4').waitFor();
    expect(booth.calls[0]?.transcript.at(-1)?.text).toContain('You pressed 4.');
    expect(await page.title()).toBe('Phone booth');
  });

  test('it is left to ring, and what is broken is said and mended', async () => {
    const { booth, product } = await network();
    const page = await open(booth);
    await ring(booth, BOB, product.url);
    const bob = card(page, 'Bob');
    await bob.getByRole('button', { name: 'Let it ring' }).click();
    await bob.getByText('Call, not answered').waitFor();
    await bob.getByText('Fail it').click();
    await bob.getByRole('button', { name: 'Provider down (503)' }).click();
    await bob.getByText('provider answers HTTP 503').waitFor();
    await expect(text(booth, BOB, 'x')).rejects.toMatchObject({ status: 503 });
    await bob.getByRole('button', { name: 'Mend it' }).click();
    await expect.poll(() => bob.getByText('provider answers HTTP 503').count()).toBe(0);
    await text(booth, BOB, 'it works again');
    await bob.getByText('it works again').waitFor();
  });

  test('the link of a message opens beside the booth', async () => {
    const { booth, product } = await network();
    await text(booth, ALICE, `checkout is down: ${product.url}/i/token`);
    const page = await open(booth);
    const [opened] = await Promise.all([
      page.context().waitForEvent('page'),
      card(page, 'Alice').getByRole('link').first().click(),
    ]);
    await opened.waitForLoadState();
    expect(opened.url()).toBe(`${product.url}/i/token`);
    expect(await opened.evaluate('window.opener')).toBeNull();
  });

  test('of many messages the newest is in sight, and whoever reads an old one is left alone', async () => {
    const { booth } = await network();
    for (let number = 1; number <= 60; number += 1) await text(booth, ALICE, `message number ${number}.`);
    const page = await open(booth);
    const thread = card(page, 'Alice').locator('.thread');
    await page.getByText('message number 60.').waitFor();
    const fromEnd =
      'document.querySelector(".thread").scrollHeight - document.querySelector(".thread").scrollTop - document.querySelector(".thread").clientHeight';
    expect(await page.evaluate<number>(fromEnd)).toBeLessThan(5);
    // What is older is in the booth's API.
    expect(await thread.locator('.item').count()).toBe(40);
    await page.evaluate('document.querySelector(".thread").scrollTop = 100');
    await text(booth, ALICE, 'message number 61.');
    await page.getByText('message number 61.').waitFor({ state: 'attached' });
    expect(await page.evaluate<number>(fromEnd)).toBeGreaterThan(500);
  });

  test('it says when the booth does not answer, and goes on by itself', async () => {
    const { booth } = await network();
    const page = await open(booth);
    await booth.stop();
    await page.getByText('The phone booth does not answer').waitFor();
    expect(await faintTexts(page)).toEqual([]);
    await booth.start();
    await text(booth, ALICE, 'back again');
    await page.getByText('back again').waitFor();
    await expect.poll(() => page.locator('#connection').textContent()).toBe('');
  });
});

describe('with the keyboard alone', () => {
  test('every stop can be seen, a ringing phone is answered and a key pressed', async () => {
    const booth = await busy();
    const page = await open(booth);
    await page.getByRole('button', { name: 'Answer' }).waitFor();
    const order = await tabOrder(page, 60);
    expect(order[0]?.words).toBe('Bob');
    expect(order.map(({ words }) => words)).toEqual(
      expect.arrayContaining(['Answer', 'ACK', 'Send', 'Fail it']),
    );
    expect(order.filter(({ visible }) => !visible)).toEqual([]);
    await page.getByRole('button', { name: 'Answer' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '4', exact: true }).waitFor();
    // Where the ringing was, the key pad is: one Tab on.
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('1');
    await page.getByRole('button', { name: '4', exact: true }).focus();
    await page.keyboard.press('Space');
    await page.getByText('Call, pressed 4').waitFor();
  });
});

describe('without script', () => {
  test('it refreshes itself, and answers, keys and replies go by plain forms', async () => {
    const { booth, product } = await network();
    const page = await open(booth, { javaScriptEnabled: false });
    await ring(booth, BOB, product.url);
    await booth.nextCall({ to: BOB });
    const answer = page.getByRole('button', { name: 'Answer' });
    await answer.waitFor();
    await answer.click();
    await page.getByText('Press 4.').waitFor();
    await page.getByRole('button', { name: '4', exact: true }).click();
    await page.getByText('Call, pressed 4').waitFor();
    await card(page, 'Alice').getByRole('button', { name: 'ACK' }).click();
    await page.getByText('You have it, ACK.').waitFor();
    expect(await misfits(page)).toEqual([]);
  });
});
