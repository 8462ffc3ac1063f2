// The main job for people who use no mouse, and for people whose browser runs
// no script.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { state } from './acts.mjs';
import { results, stage, story } from './story.mjs';

const s = await stage({ operator: 'ana', owners: ['ana'], furnish: (server) => server.create('ana', 'shop') });

// reach presses Tab until something with this name has the focus.
async function reach(page, role, name) {
  const wanted = page.getByRole(role, { name, exact: true }).filter({ visible: true }).first();
  await wanted.waitFor();
  for (let i = 0; i < 80; i++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${role} ${name}`);
}

const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName);

story('Ana shares and stops her shop with the keyboard', s, async (step) => {
  const ana = await s.person('ana');
  const { page } = ana;

  await step('she invites Bob', async () => {
    await page.goto('/environments');
    await reach(page, 'link', 'Collaborators');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/collaborators');
    await reach(page, 'textbox', 'E-mail');
    await page.keyboard.type('bob@example.org');
    await reach(page, 'button', 'Invite');
    await page.keyboard.press('Enter');
    await page.getByText('Invited bob@example.org.').waitFor();
  });

  await step('she gives him a level on the environment, and saves', async () => {
    await page.goto('/environments/shop/sharing');
    await page.locator('#live[data-live="connected"]').waitFor();
    await reach(page, 'radio', 'Inherit');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.getByText('bob@example.org gains Limited.').waitFor();
    await reach(page, 'button', 'Save');
    await page.keyboard.press('Enter');
    await page.getByText('Saved: bob@example.org gains Limited.').waitFor();
  });

  await step('a button keeps the tab, what is not saved, and the focus', async () => {
    await reach(page, 'radio', 'Limited');
    await page.keyboard.press('ArrowRight');
    await page.getByText('1 change', { exact: true }).waitFor();
    await page.locator('#power').focus();
    await page.keyboard.press('Enter');
    await state(page, 'stopped');
    assert.equal(await focused(page), 'power');
    assert.match(page.url(), /\/sharing$/);
    assert.ok(await page.getByRole('radio', { name: 'Full' }).isChecked(), 'the choice is lost');
    await page.keyboard.press('Enter');
    await state(page, 'running');
    assert.equal(await focused(page), 'power');
    await reach(page, 'button', 'Discard');
    await page.keyboard.press('Enter');
  });

  await step('restarting gives the focus back to the menu', async () => {
    await page.locator('#restart > summary').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await state(page, 'restarting');
    assert.equal(await page.evaluate(() => document.activeElement.closest('details')?.id), 'restart');
    await state(page, 'running');
  });
});

story('Ana does it without a script', s, async (step) => {
  const ana = await s.person('ana', { signedIn: false, javaScriptEnabled: false });
  const { page } = ana;

  await step('she signs in and reads', async () => {
    await page.goto('/environments');
    await page.getByLabel('E-mail').fill(ana.email);
    await page.getByLabel('Password').fill(ana.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'shop', exact: true }).click();
    await page.getByRole('heading', { name: 'shop', exact: true }).waitFor();
    for (const path of ['/audit', '/account', '/help/permissions', '/environments/shop/audit', '/switch?q=shop']) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
    }
  });

  await step('she stops and starts', async () => {
    await page.goto('/environments/shop/settings');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.waitForURL('**/environments/shop/settings');
    await s.server.state('ana', 'shop', 'stopped');
    await page.reload();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await s.server.state('ana', 'shop', 'running');
  });

  await step('she invites and shares', async () => {
    await page.goto('/collaborators');
    await page.getByLabel('E-mail').fill('fay@example.org');
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByText('Invited fay@example.org.').waitFor();
    await page.goto('/environments/shop/sharing');
    await page.getByRole('group', { name: 'Level of fay@example.org' }).getByRole('radio', { name: 'Full' }).check({ force: true });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved: fay@example.org gains Full.').waitFor();
  });
});

story('Ana is told when Holm cannot be reached', s, async (step) => {
  const ana = await s.person('ana');
  const { page } = ana;

  await step('what she chose stays, and is sent when it can be', async () => {
    await page.goto('/environments/shop/sharing');
    await page.locator('#live[data-live="connected"]').waitFor();
    await mkdir(results, { recursive: true });
    ana.expects(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|Failed to fetch|network error/i);
    await ana.context.setOffline(true);
    await page.locator('#power').click();
    await page.getByText('Holm did not answer.').waitFor();
    const limited = page.getByRole('group', { name: 'Level of fay@example.org' }).getByRole('radio', { name: 'Limited' });
    await limited.check();
    // The browser keeps a stream that is open; this is what follows when it breaks.
    await page.evaluate(() => document.dispatchEvent(new Event('htmx:sse:error')));
    await page.getByText('Holm cannot be reached.').first().waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Not sent: Holm cannot be reached. What you chose stays here.').waitFor();
    assert.ok(await limited.isChecked());
    await page.screenshot({ path: join(results, 'unreachable.png') });

    await ana.context.setOffline(false);
    await page.evaluate(() => document.dispatchEvent(new CustomEvent('htmx:sse:after:connection', { detail: { connection: { status: 200 } } })));
    await page.locator('#offline').filter({ hasText: 'cannot' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved: fay@example.org').waitFor();
  });
});
