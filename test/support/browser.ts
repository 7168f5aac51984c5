import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { IN_PAGE } from './in-page.js';

/** The narrowest phone that is still around. */
export const NARROW = { width: 320, height: 640 } as const;

/** A real Chromium: Debian's, or what is called so on PATH. */
export async function startBrowser(): Promise<Browser> {
  // As root, in a container, Chromium's own sandbox can't be set up; the pages are ours.
  return chromium.launch({ executablePath: findChromium(process.env['PATH'] ?? ''), args: ['--no-sandbox'] });
}

function findChromium(path: string): string {
  for (const folder of path.split(delimiter)) {
    try {
      accessSync(join(folder, 'chromium'), constants.X_OK);
      return join(folder, 'chromium');
    } catch {
      // Not here: the next place.
    }
  }
  throw new Error('There is no chromium on PATH: apt-get install chromium, or run the tests by npm test.');
}

/** A page on a phone of its own (nothing is shared with others), closed with it by `close`. */
export async function openPhone(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ readonly page: Page; readonly close: () => Promise<void> }> {
  const context = await browser.newContext({ viewport: NARROW, locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  return { page, close: () => context.close() };
}

/** Text larger by so much, as the reader's own setting makes it. The phone must be opened with `bypassCSP`. */
export async function enlargeText(page: Page, factor: number): Promise<void> {
  await page.addStyleTag({ content: `html{font-size:${factor * 100}%}` });
}

/** What sticks out of the screen or is cut off; empty when all fits. */
export function misfits(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(IN_PAGE.misfits);
}

/** Buttons, fields and links smaller than 44 px either way; links inside of running text may be. Source: WCAG 2.2, 2.5.5. */
export function smallTargets(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(IN_PAGE.smallTargets);
}

/** Texts with less contrast than WCAG AA asks for (4.5 : 1; 3 : 1 for large ones), by the colours as computed. */
export function faintTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(IN_PAGE.faintTexts);
}

/** One stop of the keyboard. */
export interface Stop {
  readonly words: string;
  /** Whether it can be seen that the focus is there. */
  readonly visible: boolean;
}

/** What the keyboard reaches, in its order. */
export async function tabOrder(page: Page, most = 40): Promise<readonly Stop[]> {
  const order: Stop[] = [];
  await page.evaluate('document.activeElement?.blur()');
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press('Tab');
    const reached = await page.evaluate<Stop | null>(IN_PAGE.stop);
    if (reached === null) break;
    order.push(reached);
  }
  return order;
}

/** The words of what has the focus. */
export function focused(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement.textContent.trim()');
}

/** A property of an element as the browser computed it. */
export function computed(page: Page, selector: string, property: string): Promise<string> {
  return page.evaluate<string>(
    `getComputedStyle(document.querySelector(${JSON.stringify(selector)})).getPropertyValue(${JSON.stringify(property)})`,
  );
}
