// More access for a while: Bob asks, Ana approves from the mail, and both see
// it at once; Ana reviews, and looks at the dashboard as Bob does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPerson } from './acts.mjs';
import { loadedOnce } from './browser.mjs';
import { look } from './look.mjs';
import { stage, story } from './story.mjs';

const layers = [{ role: 'app', stack: 'nodejs', nodes: 1, cloudlets: 2 }, { role: 'database', stack: 'postgresql', nodes: 1, cloudlets: 2 }];

const s = await stage({
  operator: 'ana',
  flags: ['--engine', 'simulated'],
  furnish: async (server) => {
    await server.create('ana', 'shop', { alias: 'The shop', layers });
    await server.create('ana', 'unshared');
    await server.invite('ana', 'bob', { environments: [{ environment: 'shop', level: 'limited' }] });
    await server.joins('bob', await server.link('bob'));
  },
});
const { server } = s;
const ana = await s.person('ana');
const bob = await s.person('bob');

story('Bob asks, and Ana answers', s, async (step) => {
  await step('a refused button leads to the question', async () => {
    await bob.page.goto('/environments/shop');
    const add = bob.page.getByRole('button', { name: 'Add layer' });
    await add.focus();
    await bob.page.locator('.tip-host').filter({ has: add }).getByRole('link', { name: 'Why?' }).click();
    await bob.page.getByRole('heading', { name: 'Ask ana@example.org for it' }).waitFor();
    assert.equal(await bob.page.getByLabel('What you need').inputValue(), 'permission scale.nodes');
    await look(bob.page, 'why with question', '/environments/shop/why?operation=layer.add');
  });

  await step('with the keyboard alone', async () => {
    await ana.page.goto('/requests');
    await ana.page.getByText('Nobody waits for an answer').waitFor();
    await bob.page.getByLabel('For how long').selectOption({ label: '2 hours' });
    await bob.page.getByLabel('Why').fill('Sale on Friday');
    await bob.page.keyboard.press('Tab');
    await bob.page.keyboard.press('Enter');
    await bob.page.waitForURL('**/environments/shop');
    await bob.page.getByText('You asked for Add/remove servers').waitFor();
    await ana.page.getByText('“Sale on Friday”').waitFor(); // live
  });

  await step('the mail leads to the request, and approving takes one click there', async () => {
    const mail = (await server.mailsTo('ana')).find((text) => text.includes('Sale on Friday'));
    const link = mail.match(/https?:\/\/\S+\/requests\/\w+/)[0];
    const once = await loadedOnce(bob.page);
    await look(ana.page, 'request', new URL(link).pathname);
    await ana.page.getByLabel('For how long').selectOption({ label: '1 hour' });
    await ana.page.getByRole('button', { name: 'Approve' }).click();
    await ana.page.getByText('Approved: bob@example.org has Add/remove servers').waitFor();
    await bob.page.locator('.lent').getByText(/in (1 h|59 min)/).waitFor();
    assert.ok(await once(), "Bob's page was loaded again");
    await bob.page.getByRole('link', { name: 'Add layer' }).waitFor();
    await look(bob.page, 'environment with time', '/environments/shop');
    await look(ana.page, 'requests of an owner', '/requests');
  });

  await step('ended, it is gone from the open page', async () => {
    await bob.page.goto('/environments/shop');
    await ana.page.goto('/requests');
    await ana.page.getByRole('button', { name: 'End now' }).click();
    await ana.page.getByText('Ended.').waitFor();
    await bob.page.locator('.lent').waitFor({ state: 'detached' });
    await bob.page.getByRole('button', { name: 'Add layer' }).waitFor();
    await look(bob.page, 'requests of a collaborator', '/requests');
  });

  await step('the glass is broken only where the owner lets, with the alarm said before', async () => {
    await openPerson(ana.page, 'Bob');
    await ana.page.getByRole('button', { name: 'Let them break the glass' }).click();
    await ana.page.getByText('may take access in an emergency now').waitFor();
    await look(bob.page, 'ask with glass', '/environments/shop/ask');
    await bob.page.getByText('gets an alarm by mail in the same moment').waitFor();
    await bob.page.getByLabel('What you need').selectOption({ label: 'Node password reset emails' });
    await bob.page.getByLabel('Why').fill('The import hangs');
    await bob.page.getByRole('button', { name: 'Take it now and alarm the owner' }).click();
    await bob.page.getByText('You have Node password reset emails until').first().waitFor();
    await ana.page.goto('/requests');
    await ana.page.getByText('taken without asking').waitFor();
  });
});

story('Ana looks as Bob', s, async (step) => {
  await step('she sees what he sees, and a banner', async () => {
    await openPerson(ana.page, 'Bob');
    await ana.page.getByRole('button', { name: 'View as Bob' }).click();
    await ana.page.waitForURL('**/environments');
    await ana.page.getByText('You look as bob@example.org would').waitFor();
    assert.equal(await ana.page.getByText('unshared').count(), 0);
    await look(ana.page, 'view as', '/environments');
    await look(ana.page, 'view as environment', '/environments/shop');
  });

  await step('what is pressed is refused with the reason', async () => {
    ana.expects(/status of 403/);
    await ana.page.goto('/environments/shop');
    await ana.page.getByRole('button', { name: 'Stop', exact: true }).last().click();
    await ana.page.getByText('Stop looking to do this as yourself').first().waitFor();
    assert.equal((await server.as('bob', 'GET', '/v1/environments/shop')).state, 'running');
    await look(ana.page, 'view as elsewhere', '/account/tokens');
  });

  await step('Stop leads back to his page', async () => {
    await ana.page.locator('.banner').getByRole('button', { name: 'Stop' }).click();
    await ana.page.getByText('You see the dashboard as yourself again.').waitFor();
    assert.equal(await ana.page.getByText('You look as').count(), 0);
    await look(ana.page, 'person with glass and view', new URL(ana.page.url()).pathname);
  });
});

story('Ana reviews', s, async (step) => {
  await step('what was not used goes with one click', async () => {
    await server.as('bob', 'POST', '/v1/environments/shop/stop');
    await server.as('ana', 'POST', '/v1/environments/shop/start');
    await look(ana.page, 'review', '/review');
    await ana.page.getByRole('button', { name: 'Trim shop' }).click();
    await ana.page.getByText('The level in shop is bob in shop').waitFor();
    await ana.page.getByText('Everything is used').waitFor();
  });

  await step('the file has a line for each permission', async () => {
    const [file] = await Promise.all([ana.page.waitForEvent('download'), ana.page.getByRole('link', { name: 'CSV' }).click()]);
    assert.equal(file.suggestedFilename(), 'access-review.csv');
  });
});

test('a password is reset after a word about what happens', async () => {
  const { layers } = await server.as('ana', 'GET', '/v1/environments/shop');
  const database = layers.find((layer) => layer.role === 'database');
  await look(ana.page, 'password question', `/environments/shop/layers/${database.id}/password`);
  await server.state('ana', 'shop', 'running');
  await ana.page.goto('/environments/shop');
  await look(ana.page, 'environment with database', '/environments/shop');
  await ana.page.getByRole('link', { name: 'Reset password' }).click();
  await ana.page.getByText('The old one stops working at once').waitFor();
  await ana.page.getByRole('button', { name: 'Set a new password' }).click();
  await ana.page.getByText('A new password of postgres is being set').waitFor();
  ana.faultless();
});
