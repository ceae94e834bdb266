/** The dashboard as somebody meets it who submits, watches, reads and steers: real programs, a real browser. */
import { readFileSync } from 'node:fs';
import { tradeoffCsv, tradeoffTable } from '@airmeta/charts';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { browserIsInstalled, Reader, startBrowser } from '../support/browser.js';
import { ended, sinusoidSweep } from '../support/experiments.js';
import { MortalLab } from '../support/mortal-lab.js';
import { startPathProxy } from '../support/path-proxy.js';

/** Names are what people chose, and markup in them is no markup of the page. */
const NAME = 'sweep <img src=x onerror="document.title=\'taken\'">';
const SLOW = sinusoidSweep({ name: 'long sweep', rounds: 200_000, replicates: 1, seed: 7 });

describe.skipIf(!browserIsInstalled())('the dashboard of a lab without accounts', { timeout: 180_000 }, () => {
  let lab: MortalLab;
  let browser: Browser;
  let reader: Reader;

  beforeAll(async () => {
    [lab, browser] = await Promise.all([MortalLab.open({ workers: 1 }), startBrowser()]);
  });

  afterAll(async () => {
    await browser.close();
    await lab.remove();
  });

  beforeEach(async () => {
    reader = await Reader.open(browser);
  });

  afterEach(async () => {
    await reader.close();
  });

  const goTo = (path: string) => reader.page.goto(`${lab.url}/#${path}`);
  const tab = (name: string) => reader.page.getByRole('navigation', { name: 'experiment' }).getByRole('link', { name }).click();

  it('submits a specification, shows what comes of it while it goes on, and gives the numbers the lab has', async () => {
    const { page } = reader;
    await goTo('/');
    await page.getByText('No experiment yet.').waitFor();
    expect(await reader.barriers()).toEqual([]);

    await page.getByRole('link', { name: 'Submit one here' }).click();
    const specification = page.getByLabel('Specification, YAML or JSON');
    const preview = page.getByRole('region', { name: 'preview' });
    await preview.getByText('5,400').waitFor(); // the quickstart's rounds: one begins with an example

    await specification.fill(sinusoidSweep({ name: NAME, snrs: ['0 db', 'noiseless'] }));
    await preview.getByText('/sweep/grid/uplink.snr/0').waitFor();
    expect(await reader.barriers()).toEqual([]);

    await specification.fill(sinusoidSweep({ name: NAME, snrs: ['0 dB', 'noiseless'], rounds: 400 }));
    await preview.getByText('3 (1 is an ideal twin)').waitFor();
    await page.getByLabel('Tags').fill('first, e2e');
    await page.getByRole('button', { name: 'Submit' }).click();

    await page.getByRole('heading', { level: 1, name: NAME }).waitFor();
    await page.getByText('finished').waitFor();
    const id = /experiments\/([\w-]+)/.exec(page.url())?.[1] ?? '';
    const tradeoff = await lab.client().tradeoff(id);

    await page.locator('.plot svg').waitFor();
    const cells = page.getByRole('region', { name: 'Means' }).locator('tbody').getByRole('cell');
    const table = tradeoffTable(tradeoff);
    await expect.poll(() => cells.allTextContents()).toEqual(table.rows.flatMap(([, ...numbers]) => numbers));

    const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()]);
    expect(readFileSync(await csv.path(), 'utf8')).toBe(tradeoffCsv(tradeoff));
    const [svg] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download SVG' }).click()]);
    expect(readFileSync(await svg.path(), 'utf8')).toContain('rounds to target');

    expect(await reader.barriers()).toEqual([]);
    expect(await page.title()).toBe(`${NAME} · airmeta`);
    expect(reader.complaints).toEqual([]);
  });

  it('has a page for the claim, the curves, the runs, the specification, and every run', async () => {
    const { page } = reader;
    const client = lab.client();
    const { id } = await client.submit(sinusoidSweep({ name: 'read', rounds: 40, seed: 3 }));
    await ended(client, id);
    await goTo(`/experiments/${id}`);

    await tab('Claim');
    await page.getByText((await client.claim(id)).sentence).waitFor();
    await page.getByLabel('Budget of extra rounds').fill('50');
    await page.getByText((await client.claim(id, 0.5)).sentence).waitFor();
    expect(await reader.barriers()).toEqual([]);
    await page.getByLabel('Budget of extra rounds').fill('-1');
    await page.getByText('This is no budget: write a number from 0 to').waitFor();
    expect(await page.locator('.late').count()).toBe(1); // what is shown is another budget's

    await tab('Learning curves');
    await page.locator('.plot svg').waitFor();
    await page.getByRole('checkbox', { name: 'noiseless' }).uncheck();
    await page.getByText('Points drawn (2 of 3').waitFor();
    expect(await reader.barriers()).toEqual([]);

    await tab('Specification');
    await page.getByText('name: read').waitFor();
    expect(await reader.barriers()).toEqual([]);
    await page.getByRole('link', { name: 'Submit a variation' }).click();
    await page.getByRole('region', { name: 'preview' }).getByRole('heading', { name: 'read' }).waitFor();
    await page.goBack();

    await tab('Runs');
    await page.getByLabel('Point').selectOption('noiseless');
    await expect.poll(() => page.getByRole('row').count()).toBe(3);
    await page.getByLabel('State').selectOption({ value: 'failed' });
    await page.getByText('No run matches.').waitFor();
    await page.getByLabel('State').selectOption({ value: 'completed' });
    expect(await reader.barriers()).toEqual([]);
    await page.getByRole('link', { name: 'noiseless' }).first().click();

    await page.getByRole('heading', { level: 1, name: 'noiseless, replicate 0' }).waitFor();
    await page.locator('.plot svg').waitFor();
    expect(await reader.barriers()).toEqual([]);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download parameters' }).click();
    const runId = /runs\/([\w-]+)/.exec(page.url())?.[1] ?? '';
    expect(readFileSync(await (await download).path())).toEqual(Buffer.from(await client.parameters(runId)));

    await page.getByRole('button', { name: 'Delete this run' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete this run' }).click();
    await page.getByRole('heading', { level: 1, name: 'read' }).waitFor();
    await expect(client.run(runId)).rejects.toThrow('there is no run');
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(async () => (await client.experiment(id)).runs.completed).toBe(6);
    expect(reader.complaints).toEqual([]);
  });

  it('begins at the top of a page, with the focus there', async () => {
    const { page } = reader;
    const { id } = await lab.client().submit(sinusoidSweep({ name: 'long gone', rounds: 12, seed: 13 }));
    await ended(lab.client(), id);
    await page.setViewportSize({ width: 900, height: 200 });
    await goTo('/');
    await page.getByRole('link', { name: 'long gone' }).waitFor();
    expect(await page.evaluate('(window.scrollTo(0, 80), window.scrollY)')).toBe(80);
    await page.getByRole('link', { name: 'long gone' }).click();
    await page.getByRole('heading', { level: 1, name: 'long gone' }).waitFor();
    expect(await page.evaluate('[document.activeElement.tagName, window.scrollY]')).toEqual(['MAIN', 0]);
    await tab('Runs');
    await page.getByRole('region', { name: 'runs' }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Runs'); // a tab is no other page
  });

  it('says when a page fails, or a part of the pages does not come, and goes on with the rest', async () => {
    const { page } = reader;
    const { id } = await lab.client().submit(sinusoidSweep({ name: 'apart', rounds: 12, seed: 17 }));
    await ended(lab.client(), id);

    const drawing = /draw-figure.*\.js$/;
    await page.route(drawing, (route) => route.abort());
    await goTo(`/experiments/${id}`);
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    await page.getByRole('region', { name: 'Means' }).waitFor();
    await page.unroute(drawing);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.plot svg').waitFor();

    await page.addInitScript('Number.prototype.toLocaleString = () => { throw new Error("no such number") }');
    await page.reload();
    await goTo('/new');
    await page.getByText('This page has failed').waitFor();
    await page.getByText('no such number').waitFor();
    expect(await reader.barriers()).toEqual([]);
    await page.getByRole('link', { name: 'Experiments' }).click();
    await page.getByRole('link', { name: 'apart' }).waitFor();
  });

  it('keeps what is written until it is submitted', async () => {
    const { page } = reader;
    const specification = page.getByLabel('Specification, YAML or JSON');
    const text = sinusoidSweep({ name: 'kept', rounds: 12, seed: 19 });
    await goTo('/new');
    const example = await specification.inputValue();
    await specification.fill(text);
    await page.getByRole('link', { name: 'Experiments' }).click();
    await page.reload();
    await page.getByRole('link', { name: 'Submit', exact: true }).click();
    expect(await specification.inputValue()).toBe(text);
    await page.getByText('This is what you wrote before').waitFor();
    expect(await reader.barriers()).toEqual([]);
    await page.getByRole('button', { name: 'Begin anew' }).click();
    expect(await specification.inputValue()).toBe(example);

    await specification.fill(text);
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByRole('heading', { level: 1, name: 'kept' }).waitFor();
    await goTo('/new');
    expect(await specification.inputValue()).toBe(example);
  });

  it('steers: pause, resume, extend, change, cancel', async () => {
    const { page } = reader;
    const client = lab.client();
    const { id } = await client.submit(SLOW);
    await goTo(`/experiments/${id}`);
    const state = page.locator('.experiment-head .badge');

    await page.getByRole('button', { name: 'Pause' }).click();
    await state.getByText('paused').waitFor();
    expect(await client.experiment(id)).toMatchObject({ hold: 'paused' });

    await tab('Runs');
    await page.locator('tbody').getByRole('link').last().click();
    await page.getByText('its experiment is paused').waitFor();
    await page.goBack();

    await tab('Extend');
    await page.getByLabel('Rounds of every point').fill('10');
    await page.getByRole('button', { name: 'Extend' }).click();
    await page.getByText('runs have 200000 rounds; there can only be more').waitFor();
    await page.getByLabel('Rounds of every point').fill('');
    await page.getByLabel('More values of uplink.snr').fill('30 dB\n5 dB');
    await page.getByRole('button', { name: 'Extend' }).click();
    await page.getByText('5 points × 1 replicates now: 5 runs.').waitFor();
    expect(await reader.barriers()).toEqual([]);

    await tab('Properties');
    await page.getByLabel('Notes').fill('only a test');
    await page.getByLabel('Tags').fill('slow, e2e');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect(await client.experiment(id)).toMatchObject({ notes: 'only a test', tags: ['slow', 'e2e'] });
    expect(await reader.barriers()).toEqual([]);

    await page.getByRole('button', { name: 'Resume' }).click();
    await state.getByText('running').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await reader.barriers()).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
    expect((await client.experiment(id)).ending).toBeNull();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.locator('.experiment-head .badge.cancelled').waitFor();
    expect(await client.experiment(id)).toMatchObject({ state: 'cancelled' });
    expect(reader.complaints).toEqual([]);
  });

  it('says what is not there, and fits a telephone', async () => {
    const { page } = reader;
    await page.setViewportSize({ width: 390, height: 800 });
    await goTo('/nowhere');
    await page.getByText('There is no such page').waitFor();
    await goTo('/experiments/00000000-0000-4000-8000-000000000000');
    await page.getByText('there is no experiment').waitFor();
    const { id } = await lab.client().submit(sinusoidSweep({ name: 'narrow', rounds: 12, seed: 5 }));
    await ended(lab.client(), id);
    for (const path of [
      '/',
      '/new',
      ...['', '/claim', '/curves', '/runs', '/specification', '/extend'].map((rest) => `/experiments/${id}${rest}`),
    ]) {
      await goTo(path);
      await page.getByRole('main').locator('table, textarea, svg, pre').first().waitFor();
      expect([path, await reader.overflows()]).toEqual([path, false]);
    }
    expect(reader.complaints).toEqual([]);
  });

  it('lies below any path', async () => {
    const { page } = reader;
    const { id } = await lab.client().submit(sinusoidSweep({ name: 'below', rounds: 12, seed: 11 }));
    const proxy = await startPathProxy('/some/lab', lab.url);
    await page.goto(proxy.url);
    await page.getByRole('link', { name: 'below' }).click();
    await page.locator('.experiment-head .badge').getByText('finished').waitFor();
    await page.locator('.plot svg').waitFor();
    expect(page.url()).toBe(`${proxy.url}#/experiments/${id}`);
    expect(reader.complaints).toEqual([]);
    await page.goto('about:blank');
    await proxy.close();
  });

  it('goes on where it was when the server comes back', async () => {
    const { page } = reader;
    const { id } = await lab.client().submit(sinusoidSweep({ name: 'patient', rounds: 2_000, replicates: 4, seed: 9 }));
    await goTo(`/experiments/${id}/runs`);
    await page.getByRole('heading', { level: 1, name: 'patient' }).waitFor();
    await lab.killApi();
    await lab.startApi();
    await page.locator('.experiment-head .badge').getByText('finished').waitFor({ timeout: 60_000 });
    await expect.poll(() => page.locator('tbody .badge').allTextContents()).toEqual(Array.from({ length: 12 }, () => '● completed'));
  });
});
