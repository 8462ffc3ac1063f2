// The main job, with two people at two browsers: Ana runs a shop, shares it
// with Bob precisely, and takes it back.
import assert from 'node:assert/strict';
import { level, openPerson, refusal, save, state } from './acts.mjs';
import { loadedOnce } from './browser.mjs';
import { stage, story } from './story.mjs';

const s = await stage();

story('Ana shares her shop with Bob', s, async (step) => {
  const ana = await s.person('ana', { signedIn: false });
  const bob = await s.person('bob', { signedIn: false });
  const { server } = s;
  let list, shop; // Bob's open pages: his environments, and the shop
  // The browser writes an error for each page that is not there (any more).
  for (const person of [ana, bob]) person.expects(/left=(shared|owner): .*status of 404/);

  await step('the printed link makes the first user', async () => {
    const { page } = ana;
    await page.goto(server.setupLink);
    await page.getByLabel('E-mail').fill(ana.email);
    await page.getByLabel('Your name').fill('Ana');
    await page.getByLabel('Password').fill(ana.password);
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.waitForURL('**/environments');
    await page.getByRole('heading', { name: 'No environment yet' }).waitFor();
  });

  await step('an environment is created in the form and is seen coming up', async () => {
    const { page } = ana;
    await page.getByRole('link', { name: 'Add new environment' }).first().click();
    await page.getByRole('textbox', { name: 'Name' }).fill('shop');
    await page.getByLabel('Alias').fill('The shop');
    await page.getByRole('switch', { name: 'Balancer' }).check();
    await page.locator('#pick-app').getByLabel('Stack').selectOption({ label: 'Static web server 1' });
    await page.locator('#pick-app').getByRole('button', { name: 'More: Nodes' }).click();
    await page.getByText('3 nodes, up to 5 cloudlets = 640 MiB and 2 GHz.').waitFor();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.waitForURL('**/environments/shop');
    const once = await loadedOnce(page);
    await state(page, 'running');
    assert.ok(await once(), 'the page was loaded again');
    assert.equal(await page.locator('.node').count(), 3);
  });

  await step('the environment answers at its address', async () => {
    const [visit] = await Promise.all([ana.context.waitForEvent('page'), ana.page.getByRole('link', { name: server.address('shop') }).click()]);
    await visit.waitForLoadState();
    assert.equal(visit.url(), server.address('shop'));
    assert.match(await visit.locator('body').innerText(), /shop/);
    await visit.close();
  });

  await step('Bob is invited, and accepts with the link of his mail', async () => {
    await Promise.all(['blog', 'intranet'].map((name) => server.create('ana', name)));
    await ana.page.goto('/collaborators');
    await ana.page.getByLabel('E-mail').fill(bob.email);
    await ana.page.getByRole('button', { name: 'Invite' }).click();
    await ana.page.getByText('Invited bob@example.org.').waitFor();
    const once = await loadedOnce(ana.page);

    await bob.page.goto(await server.link('bob'));
    await bob.page.getByText('ana@example.org').first().waitFor();
    await bob.page.getByLabel('Your name').fill('Bob');
    await bob.page.getByLabel('Password').fill(bob.password);
    await bob.page.getByRole('button', { name: 'Accept and sign in' }).click();
    await bob.page.waitForURL('**/environments');
    assert.equal(await bob.page.getByText('owned by').count(), 0, 'nothing is shared yet');

    await ana.page.getByRole('row', { name: /Bob.*active/ }).waitFor();
    assert.ok(await once(), 'the list of people was loaded again');
  });

  await step('two environments are shared with one Save, and Bob sees them at once', async () => {
    list = bob.page;
    const once = await loadedOnce(list);
    await openPerson(ana.page, 'Bob');
    await level(ana.page, 'shop', 'Limited');
    await level(ana.page, 'blog', 'Full');
    await ana.page.getByText('2 changes').waitFor();
    await ana.page.getByText('Bob gains Full on blog; gains Limited on shop.').waitFor();
    await save(ana.page);
    await ana.page.getByText('Saved: Bob gains').waitFor();

    await list.getByRole('heading', { name: 'Environments owned by ana@example.org' }).waitFor();
    await list.getByRole('link', { name: 'shop', exact: true }).waitFor();
    await list.getByRole('link', { name: 'blog', exact: true }).waitFor();
    assert.equal(await list.getByRole('link', { name: 'intranet', exact: true }).count(), 0);
    assert.ok(await once(), "Bob's list was loaded again");
  });

  await step('Bob restarts, and is told why he does not scale or delete', async () => {
    shop = await bob.open('/environments/shop');
    await state(shop, 'running');
    for (const name of ['Scale', 'Set limit']) assert.equal(await refusal(shop, name), 'Your access to this environment is limited. ana@example.org can change that.');
    assert.equal(await refusal(shop, 'Delete'), 'Only the owner of the environment may do this.');

    await shop.getByText('Restart', { exact: true }).click();
    await shop.getByRole('button', { name: 'All of app (2 nodes)' }).click();
    await state(shop, 'restarting');
    await state(shop, 'running');

    const scale = shop.getByRole('button', { name: 'Scale' }).first();
    await scale.focus();
    await shop.locator('.tip-host').filter({ has: scale }).getByRole('link', { name: 'Why?' }).click();
    await shop.getByRole('heading', { name: 'You may not do this' }).waitFor();
    await shop.getByText('Your access to this environment is limited.').waitFor();
    await shop.getByText('scale.nodes').waitFor();
    await shop.getByRole('definition').filter({ hasText: /^ana@example.org$/ }).waitFor();
    await shop.goBack();
    await state(shop, 'running');
  });

  await step('a refused form is refused by the door too', async () => {
    bob.expects(/status of 403/);
    const answer = await shop.evaluate(async () => {
      const response = await fetch('/environments/shop/delete', { method: 'POST', body: new URLSearchParams({ confirm: 'shop' }) });
      return { status: response.status, text: await response.text() };
    });
    assert.equal(answer.status, 403);
    assert.match(answer.text, /Only the owner of the environment may do this/);
  });

  await step('more is given: the buttons of the open page follow', async () => {
    const once = await loadedOnce(shop);
    await level(ana.page, 'shop', 'Full');
    await save(ana.page);
    await shop.locator('button:not([aria-disabled])', { hasText: 'Scale' }).first().waitFor();
    assert.equal(await refusal(shop, 'Delete'), 'Only the owner of the environment may do this.');
    assert.ok(await once(), 'the page was loaded again');
  });

  await step('all is taken: the open page and the list lose it at once', async (t) => {
    const once = await loadedOnce(list);
    await shop.evaluate(() => {
      const column = document.querySelector('#main > .column');
      new MutationObserver(() => {
        if (!document.getElementById('environment')) sessionStorage.setItem('emptied', Date.now());
      }).observe(column, { childList: true, subtree: true });
    });
    await level(ana.page, 'shop', 'None');
    await ana.page.getByText('Bob no longer sees shop.').waitFor();
    await ana.page.getByText('Cut at once: 1 open page of Bob on shop.').waitFor();
    const saved = ana.page.waitForResponse((response) => response.request().method() === 'POST' && !response.url().endsWith('/preview'));
    await save(ana.page);
    await (await saved).finished();
    const timing = (await saved).request().timing();

    await shop.getByRole('heading', { name: 'You no longer see shop' }).waitFor();
    const took = (await shop.evaluate(() => Number(sessionStorage.getItem('emptied')))) - (timing.startTime + timing.responseStart);
    t.diagnostic(`Bob's page was empty ${Math.round(took)} ms after Ana's save was answered`);
    assert.ok(took < 1000, `it took ${took} ms`);

    await list.getByRole('link', { name: 'shop', exact: true }).waitFor({ state: 'detached' });
    await list.getByRole('link', { name: 'blog', exact: true }).waitFor();
    assert.ok(await once(), "Bob's list was loaded again");
  });

  await step('what is not shared is like what does not exist', async () => {
    bob.expects(/status of 404/);
    const words = async (name) => {
      const response = await shop.goto(`/environments/${name}`);
      return [response.status(), (await shop.locator('#main').innerText()).replaceAll(name, 'NAME')];
    };
    assert.deepEqual(await words('shop'), await words('never-was'));
    assert.equal((await words('shop'))[0], 404);
  });

  await step('the audit log has all of it, refusals too', async () => {
    const { page } = ana;
    await page.goto('/audit');
    const rows = await page.getByRole('list', { name: 'Audit log' }).getByRole('listitem').allInnerTexts();
    const flat = rows.map((row) => row.replace(/\s+/g, ' '));
    for (const pattern of [/ana@example\.org .*created.*shop/i, /ana@example\.org .*invited/i, /bob@example\.org .*accepted/i, /ana@example\.org .*(shared|level)/i, /bob@example\.org .*restarted.*Done/i, /bob@example\.org .*delet.*Refused/i]) {
      assert.ok(flat.some((row) => pattern.test(row)), `no row says ${pattern}:\n${flat.join('\n')}`);
    }
    await page.getByLabel('Result').selectOption({ label: 'Refused' });
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.waitForURL(/result=/);
    for (const row of await page.getByRole('list', { name: 'Audit log' }).getByRole('listitem').allInnerTexts()) assert.match(row, /Refused|Not visible/);
  });

  await step('the shop is deleted once its name is typed', async () => {
    const { page } = ana;
    await page.goto('/environments/shop/settings');
    const button = page.getByRole('button', { name: 'Delete shop' });
    assert.equal(await button.getAttribute('aria-disabled'), 'true');
    await page.getByLabel('Type the environment’s name').or(page.getByLabel(/^Type the environment's name/)).fill('shop');
    await button.click();
    await page.getByText('Deleted shop.').waitFor();
    await page.getByRole('link', { name: 'blog', exact: true }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'shop', exact: true }).count(), 0);
  });
});
