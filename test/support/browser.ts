/** A real browser, and pages in it that may not complain. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installedBrowser(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return PROGRAMS.flatMap((program) => folders.map((folder) => join(folder, program))).find(isProgram);
}

/** Whether tests in a browser can run here; in CI they must. */
export function browserIsInstalled(): boolean {
  if (installedBrowser() !== undefined || process.env['CI']) return true;
  console.warn('chromium is not installed: tests in a browser step aside');
  return false;
}

export async function startBrowser(): Promise<Browser> {
  const executablePath = installedBrowser();
  if (executablePath === undefined) throw new Error(`none of ${PROGRAMS.join(', ')} is on the PATH`);
  // Its sandbox is not for root, and containers have little shared memory.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** What a browser says of an answer that is a refusal; the page shows it, and the test knows. */
const REFUSED = /the server responded with a status of 4\d\d/;

/** Pages of one reader. */
export class Reader {
  private constructor(
    readonly page: Page,
    /** What the console, the Content-Security-Policy and uncaught errors say. */
    readonly complaints: string[],
  ) {}

  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<Reader> {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })).newPage();
    page.setDefaultTimeout(45_000);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !REFUSED.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    return new Reader(page, complaints);
  }

  /** What would keep somebody from using the page, in WCAG 2 A and AA as far as a program can tell. */
  async barriers(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate<AxeResults>(
      'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })',
    );
    return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')})`);
  }

  /** Whether the page is wider than the window. */
  async overflows(): Promise<boolean> {
    return this.page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
