/** The dashboard of a lab with members: everybody sees and may do there what the server's policy says, and no more. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsInstalled, Reader, startBrowser } from '../support/browser.js';
import { sinusoidSweep } from '../support/experiments.js';
import { MortalLab } from '../support/mortal-lab.js';

/** All that a browser keeps. */
const KEPT = 'JSON.stringify([{ ...localStorage }, { ...sessionStorage }])';

describe.skipIf(!browserIsInstalled())('the dashboard of a lab with members', { timeout: 180_000 }, () => {
  let lab: MortalLab;
  let browser: Browser;
  let admin: string;

  beforeAll(async () => {
    [lab, browser] = await Promise.all([MortalLab.open({ workers: 0, environment: { AIRMETA_AUTH: 'on' } }), startBrowser()]);
    admin = lab.adminToken();
  });

  afterAll(async () => {
    await browser.close();
    await lab.remove();
  });

  async function signIn(token: string): Promise<Reader> {
    const reader = await Reader.open(browser);
    await reader.page.goto(`${lab.url}/#/`);
    await enter(reader.page, token);
    return reader;
  }

  async function enter(page: Page, token: string): Promise<void> {
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  it('asks who you are, says why a token is refused, and forgets it when you sign out', async () => {
    const { page, ...reader } = await signIn(`airmeta_${'x'.repeat(43)}`);
    await page.getByText('this lab does not know this token').waitFor();
    await enter(page, admin);
    await page.getByText('No experiment yet.').waitFor();
    await page.reload();
    await page.getByText('No experiment yet.').waitFor(); // this tab keeps it
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    await page.reload();
    await page.getByLabel('Token').waitFor();
    expect(await page.evaluate(KEPT)).toBe('[{},{}]');
    expect(reader.complaints).toEqual([]);
    await page.context().close();
  });

  it('is left in every tab that has the token from this machine', async () => {
    const { page: one, ...reader } = await Reader.open(browser);
    await one.goto(`${lab.url}/#/`);
    await one.getByLabel('Token').fill(admin);
    await one.getByLabel('Keep it in this browser').check();
    await one.getByRole('button', { name: 'Sign in' }).click();
    await one.getByText('No experiment yet.').waitFor();
    const other = await one.context().newPage();
    await other.goto(`${lab.url}/#/new`);
    await other.getByLabel('Specification, YAML or JSON').fill(sinusoidSweep({ name: 'not for others' }));
    await one.getByRole('button', { name: 'Sign out' }).click();
    await other.getByLabel('Token').waitFor({ timeout: 45_000 });
    expect(await other.evaluate(KEPT)).toBe('[{},{}]');
    expect(reader.complaints).toEqual([]);
    await one.context().close();
  });

  it('says so when the browser keeps no token', async () => {
    const reader = await Reader.open(browser);
    const { page } = reader;
    await page.addInitScript(`
      const denied = { get() { throw new DOMException('denied', 'SecurityError'); } };
      Object.defineProperties(window, { sessionStorage: denied, localStorage: denied });
    `);
    await page.goto(`${lab.url}/#/`);
    await page.getByLabel('Token').fill(admin);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This browser keeps nothing for this page').waitFor();
    expect(reader.complaints).toEqual([]);
    await reader.close();
  });

  it('keeps what a member is writing when the token ends, for this member alone', async () => {
    const [eve, fay] = [await lab.join('eve'), await lab.join('fay')];
    const reader = await signIn(eve);
    const { page } = reader;
    const specification = page.getByLabel('Specification, YAML or JSON');
    const text = sinusoidSweep({ name: 'of eve' });
    await page.getByRole('link', { name: 'Submit', exact: true }).click();
    await specification.fill(text);
    await page.getByRole('region', { name: 'preview' }).getByRole('heading', { name: 'of eve' }).waitFor();
    const member = lab.client(eve);
    const next = await member.createToken({ label: 'next', expiresInDays: 1 });
    const { token } = await member.whoami();
    await member.revokeToken(token?.id ?? '', { keepMade: true });
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.getByText('this token was revoked').waitFor();
    expect(await page.getByText('of eve').count()).toBe(0);

    await enter(page, next.secret);
    await page.getByText('This is what you wrote before').waitFor();
    expect(await specification.inputValue()).toBe(text);
    await lab.client(admin).removeMember('eve');
    await page.getByRole('button', { name: 'Submit' }).click();
    await enter(page, fay);
    await page.getByRole('region', { name: 'preview' }).waitFor();
    expect(await specification.inputValue()).not.toBe(text);
    expect(reader.complaints).toEqual([]);
    await reader.close();
  });

  it('offers less as soon as a member is refused something', async () => {
    const gil = await lab.join('gil');
    const reader = await signIn(gil);
    const { page } = reader;
    await page.getByRole('link', { name: 'Submit', exact: true }).click();
    await page.getByRole('region', { name: 'preview' }).getByRole('heading').waitFor();
    await lab.client(admin).changeMember('gil', { role: 'viewer' });
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByRole('link', { name: 'Submit', exact: true }).waitFor({ state: 'detached' });
    await lab.client(admin).removeMember('gil');
    expect(reader.complaints).toEqual([]);
    await reader.close();
  });

  it('shows each member what the policy lets the member see, and offers what it lets the member do', async () => {
    const [ada, ben] = [await lab.join('ada'), await lab.join('ben')];
    const viewer = (await lab.client(admin).addMember('vera', 'viewer')).token.secret;
    const open = await lab.client(ada).submit(sinusoidSweep({ name: 'of the lab', seed: 1 }));
    const hidden = await lab.client(ada).submit(sinusoidSweep({ name: 'of ada alone', seed: 2 }), { visibility: 'private' });

    const seen = async (token: string) => {
      const reader = await signIn(token);
      const { page } = reader;
      await page.getByRole('link', { name: 'of the lab' }).waitFor();
      const names = await page.locator('tbody').getByRole('link').allTextContents();
      const offers = await page.getByRole('navigation', { name: 'lab' }).getByRole('link').allTextContents();
      await page.goto(`${lab.url}/#/experiments/${open.id}/extend`);
      await page.getByRole('heading', { level: 1, name: 'of the lab' }).waitFor();
      const controls = await page.locator('.experiment-head').getByRole('button').allTextContents();
      await page.goto(`${lab.url}/#/experiments/${hidden.id}`);
      await page
        .getByText('there is no experiment')
        .or(page.getByRole('heading', { level: 1, name: 'of ada alone' }))
        .waitFor();
      const sees = (await page.getByText('there is no experiment').count()) === 0;
      expect(reader.complaints).toEqual([]);
      await reader.close();
      return { names: names.sort(), offers, controls, sees };
    };
    const all = ['of ada alone', 'of the lab'];
    const controls = ['Pause', 'Stop', 'Cancel'];
    const everyone = ['airmeta', 'Experiments'];
    expect(await seen(ada)).toEqual({ names: all, offers: [...everyone, 'Submit', 'API'], controls, sees: true });
    expect(await seen(ben)).toEqual({ names: all.slice(1), offers: [...everyone, 'Submit', 'API'], controls: [], sees: false });
    expect(await seen(viewer)).toEqual({ names: all.slice(1), offers: [...everyone, 'API'], controls: [], sees: false });
    expect(await seen(admin)).toEqual({
      names: all,
      offers: [...everyone, 'Submit', 'Members', 'Audit log', 'Disk', 'API'],
      controls,
      sees: true,
    });
  });

  it('shows an admin what the lab takes on disk, and takes away what is old', async () => {
    const { id } = await lab.client(admin).submit(sinusoidSweep({ name: 'heavy', seed: 9 }));
    await lab.client(admin).cancel(id);
    await lab.database.query(
      `INSERT INTO run_parameters (run_id, round, tensors, theta)
       SELECT id, 10, '[]', decode(repeat('00', 2048), 'hex') FROM runs WHERE experiment_id = $1`,
      [id],
    );
    await lab.database.query(`UPDATE experiments SET finished_at = now() - interval '40 days' WHERE id = $1`, [id]);
    const reader = await signIn(admin);
    const { page } = reader;
    await page.getByRole('link', { name: 'Disk' }).click();
    await page.getByRole('region', { name: 'what takes how much' }).getByRole('row', { name: 'parameters' }).waitFor();
    await page.getByRole('region', { name: 'what whose experiments take' }).getByRole('row', { name: 'admin' }).waitFor();
    const limit = page.getByLabel('Parameters and last checkpoints take at most');
    expect(await limit.inputValue()).toBe('64 GiB');
    await limit.fill('a lot');
    await page.getByText('A size such as 64 GiB').waitFor();
    await limit.fill('1 KiB');
    await page.getByRole('button', { name: 'Set the limit' }).click();
    await page.getByText('of the 1 KiB that are allowed.').waitFor();
    await page.getByRole('button', { name: 'Show what would go' }).click();
    await page.getByRole('region', { name: 'what would go' }).getByRole('row', { name: 'heavy' }).waitFor();
    expect(await reader.barriers()).toEqual([]);
    await page.getByRole('button', { name: 'Take it away' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Take it away' }).click();
    await page.getByText(/^Took away \d/).waitFor();
    await page.getByRole('button', { name: 'Show what would go' }).click();
    await page.getByText('There is nothing to take away.').waitFor();
    await lab.client(admin).setDiskLimit(64 * 2 ** 30);
    expect(reader.complaints).toEqual([]);
    await reader.close();
  });

  it('lets an admin add, change and remove members, and read what was changed', async () => {
    const reader = await signIn(admin);
    const { page } = reader;
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Not A Name');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('must be 1 to 64 of a-z').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('cleo');
    await page.getByRole('combobox', { name: 'Role', exact: true }).selectOption('viewer');
    await page.getByRole('button', { name: 'Add' }).click();
    const secret = (await page.locator('.secret code').textContent()) ?? '';
    expect(await lab.client(secret).whoami()).toMatchObject({ name: 'cleo', role: 'viewer' });
    expect(await reader.barriers()).toEqual([]);

    await page.getByLabel('role of cleo').selectOption('admin');
    await page.getByLabel('role of cleo').selectOption('researcher');
    await page.getByRole('button', { name: 'Make cleo researcher' }).click();
    await page.getByRole('button', { name: 'Make cleo researcher' }).waitFor({ state: 'detached' });
    const cap = page.getByLabel('most runs of cleo at once');
    await cap.fill('3');
    await cap.press('Enter');
    await expect.poll(async () => (await lab.client(admin).members()).find(({ name }) => name === 'cleo')?.maxRunning).toBe(3);
    await cap.press('End');
    await cap.press('-'); // "3-" is no number, and means no other cap
    await cap.press('Enter');
    await expect
      .poll(async () => (await lab.client(admin).members()).find(({ name }) => name === 'cleo'))
      .toMatchObject({ role: 'researcher', maxRunning: 3 });

    await page.getByRole('row', { name: 'cleo' }).getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('row', { name: 'cleo' }).waitFor({ state: 'detached' });
    await expect(lab.client(secret).whoami()).rejects.toThrow();

    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('row', { name: 'cleo' }).getByText('members:remove').waitFor();
    expect(await page.getByRole('cell', { name: 'cleo to', exact: false }).allTextContents()).toEqual(['cleo to 3', 'cleo to researcher']);
    await page.getByRole('row', { name: 'refused' }).first().waitFor();
    expect(await reader.barriers()).toEqual([]);
    expect(reader.complaints).toEqual([]);
    await reader.close();
  });

  it('creates tokens, and signs out whoever revokes the own one', async () => {
    const dora = await lab.join('dora');
    const reader = await signIn(dora);
    const { page } = reader;
    await page.getByRole('link', { name: 'dora' }).click();
    await page.getByLabel('Label').fill('laptop');
    await page.getByLabel('Scope').selectOption('read');
    await page.getByLabel('Days').fill('7');
    await page.getByRole('button', { name: 'Create' }).click();
    const secret = (await page.locator('.secret code').textContent()) ?? '';
    expect(await lab.client(secret).whoami()).toMatchObject({ role: 'viewer', token: { label: 'laptop' } });
    expect(await reader.barriers()).toEqual([]);

    await page.getByRole('row', { name: '(this one)' }).getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.getByText('this token was revoked').waitFor();
    expect(await page.getByText('laptop').count()).toBe(0);
    expect(reader.complaints).toEqual([]);
    await reader.close();
  });
});
