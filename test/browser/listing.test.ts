import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startScriptedStore } from '../../proxy/src/testing/scripted-store.ts';
import { type Served, serve } from '../../proxy/src/testing/serve.ts';
import { type Store, startStore } from '../s3/store.ts';
import { launchChromium } from './chromium.ts';

const NASTY = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(2)<x',
  "' onmouseover='alert(3)",
  'javascript:alert(4)',
  '&lt;b&gt;bold&lt;',
  '#fragment?query',
  '100%25',
  ' two  spaces ',
  'עברית.txt',
  'ü 日本 🙂',
  `${'very-long-name-without-a-break'.repeat(6)}.tar.gz`,
];

let browser: Browser;
let store: Store;
let served: Served;
beforeAll(async () => {
  [browser, store] = await Promise.all([launchChromium(), startStore()]);
  served = await serve('', { ...store.environment, content: { directoryListing: true } });
  await Promise.all([
    ...Array.from({ length: 7 }, (_, i) =>
      store.put(`many/file-${i}.txt`, `content ${i}`, { ContentType: 'text/plain' }),
    ),
    store.put('many/inner/deep.txt', 'deep', { ContentType: 'text/plain' }),
    ...NASTY.map((name) => store.put(`nasty/${name}`, name, { ContentType: 'text/plain; charset=utf-8' })),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await served?.stop();
  await store?.stop();
});

/** Opens a page; dialogs and errors in it are failures, which the test sees in the list. */
async function open(
  target: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; wrong: string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('dialog', (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('console', (message) => wrong.push(`console: ${message.text()}`));
  // A browser asks for this by itself.
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  await page.goto(served.url + target);
  return { page, wrong };
}

const path = (page: Page) => {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
};

/** Text of the element that has the keyboard's focus. */
const focused = (page: Page) => page.evaluate<string>('document.activeElement.textContent');

/** Presses Tab until that text has the focus, and tells what had it on the way. */
async function tabTo(page: Page, text: string): Promise<string[]> {
  const passed: string[] = [];
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    passed.push(now);
    if (now === text) return passed;
  }
  throw new Error(`"${text}" was not reached: ${passed.join(', ')}`);
}

describe('by keyboard alone', () => {
  test('every link is reached in order, seen when it is, and followed by Enter', async () => {
    const { page, wrong } = await open('/many/');
    expect(await tabTo(page, 'inner/')).toEqual([
      '/',
      '../',
      ...Array.from({ length: 7 }, (_, i) => `file-${i}.txt`),
      'inner/',
    ]);
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/many/inner/');
    await tabTo(page, 'deep.txt');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/many/inner/deep.txt');
    expect(await page.textContent('body')).toBe('deep');
    await page.goBack();
    await tabTo(page, '../');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/many/');
    expect(wrong).toEqual([]);
  });

  test('the next page and the first one', async () => {
    const { page } = await open('/many/?limit=3');
    await tabTo(page, 'Next page');
    await page.keyboard.press('Enter');
    await page.waitForURL('**after=file-2.txt*');
    expect(await page.locator('tbody tr').allTextContents()).toHaveLength(4);
    await tabTo(page, 'Next page');
    await page.keyboard.press('Enter');
    await page.waitForURL('**after=file-5.txt*');
    expect(await page.locator('tbody a').allTextContents()).toEqual(['../', 'file-6.txt', 'inner/']);
    expect(await page.getByText('Next page').count()).toBe(0);
    await tabTo(page, 'First page');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/many/?limit=3');
    expect(path(page)).toBe('/many/?limit=3');
  });
});

describe('for assistive technology', () => {
  test('there is a named table with headers, and names for what is only drawn', async () => {
    const { page } = await open('/many/');
    expect(await page.getByRole('table', { name: 'Index of /many/' }).count()).toBe(1);
    expect(await page.getByRole('columnheader').allTextContents()).toEqual([
      'Name',
      'Size',
      'Last modified (UTC)',
    ]);
    expect(await page.getByRole('link', { name: 'Parent directory' }).count()).toBe(1);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Index of /many/');
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
  });
});

describe('nasty keys', () => {
  test('are shown as the text they are and run nothing', async () => {
    const { page, wrong } = await open('/nasty/');
    const names = await page.locator('tbody a').allTextContents();
    expect(names.slice(1).toSorted()).toEqual(NASTY.toSorted());
    await page.mouse.move(200, 200);
    for (const link of await page.locator('tbody a').all()) await link.hover();
    expect(await page.locator('script, img, b, iframe').count()).toBe(0);
    expect(wrong).toEqual([]);
  });

  test('lead to their objects', async () => {
    const { page, wrong } = await open('/nasty/');
    for (const name of NASTY) {
      const link = page.locator('tbody a').getByText(name, { exact: true });
      // Two spaces are one to the matcher, so the name is looked for among all.
      const all = await page.locator('tbody a').allTextContents();
      const target = (await link.count()) === 1 ? link : page.locator('tbody a').nth(all.indexOf(name));
      await target.click();
      expect(await page.evaluate('document.body.textContent'), name).toBe(name);
      await page.goBack();
    }
    expect(wrong).toEqual([]);
  });
});

describe('on a phone', () => {
  test('nothing has to be scrolled sideways, however long a name is, and links are large enough to touch', async () => {
    for (const target of ['/nasty/', '/many/?limit=3', '/']) {
      const { page } = await open(target, {
        viewport: { width: 320, height: 640 },
        hasTouch: true,
        isMobile: true,
      });
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect(width, target).toBeLessThanOrEqual(320);
      for (const box of await page.locator('tbody a, nav a').all())
        expect((await box.boundingBox())?.height, target).toBeGreaterThanOrEqual(40);
    }
  });
});

describe('in the dark', () => {
  test('the page is dark, and in the light it is light', async () => {
    const brightness = async (colorScheme: 'dark' | 'light') => {
      const { page } = await open('/many/', { colorScheme });
      const colors = await page.evaluate<string[]>(
        '(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.body))',
      );
      return colors.map((color) => {
        const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map(Number);
        return (red + green + blue) / 3 / 255;
      });
    };
    const [darkPaper = 1, darkInk = 0] = await brightness('dark');
    const [paper = 0, ink = 1] = await brightness('light');
    expect([darkPaper < 0.2, darkInk > 0.8, paper > 0.8, ink < 0.2]).toEqual([true, true, true, true]);
  });
});

test('a picture of it is drawn', async () => {
  const folder = process.env.SCREENSHOTS ?? '.cache/test';
  await mkdir(folder, { recursive: true });
  const object = (key: string, size: number, date: string) =>
    `<Contents><Key>photos/2026/${key}</Key><Size>${size}</Size><LastModified>${date}:00.000Z</LastModified></Contents>`;
  const pictures = await startScriptedStore(() => ({
    status: 200,
    body: `<ListBucketResult><CommonPrefixes><Prefix>photos/2026/alps/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>photos/2026/harbour at night/</Prefix></CommonPrefixes>${[
      object('README.txt', 812, '2026-01-04T09:12'),
      object('album.zip', 734_003_200, '2026-11-02T17:40'),
      object('cliffs &amp; sea.jpg', 3_481_600, '2026-06-21T05:02'),
      object('index.json', 48_230, '2026-11-02T17:41'),
      object('märz – nebel.jpg', 2_202_009, '2026-03-14T07:30'),
      object('panorama, eight pictures stitched together.tif', 1_503_238_553, '2026-08-30T18:55'),
      object('sunrise.jpg', 1_893_120, '2026-02-11T06:48'),
      object('thumbnail.webp', 9_472, '2026-02-11T06:49'),
    ].join('')}<IsTruncated>true</IsTruncated></ListBucketResult>`,
  }));
  const gallery = await serve(pictures.endpoint, { content: { directoryListing: true } });
  const pages = [
    { file: 'listing.png', viewport: { width: 900, height: 640 }, colorScheme: 'light' },
    { file: 'listing-phone.png', viewport: { width: 360, height: 640 }, colorScheme: 'dark' },
  ] as const;
  for (const { file, ...look } of pages) {
    const context = await browser.newContext({ ...look, deviceScaleFactor: 2 });
    const page = await context.newPage();
    await page.goto(`${gallery.url}/photos/2026/`);
    expect(await page.locator('tbody tr').count()).toBe(11);
    await page.screenshot({ path: join(folder, file) });
  }
  await gallery.stop();
  await pictures.close();
});
