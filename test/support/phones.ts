import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { openPhone, startBrowser } from './browser.js';

/** A folder for pictures of every state, for people to look at; none are made without. */
const PICTURES = process.env['TOCSIN_TEST_PICTURES'];

/** Opens a phone; it is closed with the test, before whatever that test began earlier. */
export type Phone = (options?: BrowserContextOptions) => Promise<Page>;

/** One Chromium for all tests of the file that calls this, at its top. */
export function usePhones(): Phone {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());
  return async (options) => {
    if (browser === undefined)
      throw new Error('There is no browser yet: a phone is opened inside of a test.');
    const { page, close } = await openPhone(browser, options);
    onTestFinished(close);
    return page;
  };
}

/** Takes pictures whose names begin with this. */
export function picturesOf(what: string): (page: Page, name: string) => Promise<void> {
  return async (page, name) => {
    if (PICTURES === undefined) return;
    await mkdir(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${what}-${name}.png`), fullPage: true });
  };
}
