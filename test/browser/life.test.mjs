// An environment that gets another owner, its variables, and what somebody who
// leaves could have read: done by hand, and looked at.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { look } from './look.mjs';
import { stage } from './story.mjs';

const s = await stage({ operator: 'ana', flags: ['--sign-up', 'open'], owners: ['ana', 'cleo'], furnish: async (server) => {
  await server.signsUp('cleo');
  await server.create('ana', 'shop', { alias: 'The shop', layers: [{ role: 'app', stack: 'nodejs', nodes: 1, cloudlets: 2 }] });
  await server.invite('ana', 'bob', { environments: [{ environment: 'shop', level: 'full' }] });
  await server.joins('bob', await server.link('bob'));
} });
const ana = await s.person('ana');
const bob = await s.person('bob');
const cleo = await s.person('cleo');
// Nodes that come and go change the machine's networks, which a browser sees.
for (const person of s.people) person.expects(/ERR_NETWORK_CHANGED|Failed to fetch|network error/i);
const button = (p, name) => p.getByRole('button', { name, exact: true });

test('variables are set, asked for and told to the nodes', async () => {
  const p = ana.page;
  await look(p, 'variables none', '/environments/shop/variables');
  await p.setViewportSize({ width: 1280, height: 800 });
  for (const [name, value] of [['DATABASE_URL', 'postgres://shop@node2/shop'], ['GREETING', 'hello']]) {
    await p.getByLabel('Name').fill(name);
    await p.getByLabel('Value').fill(value);
    await button(p, 'Set').click();
    await p.getByText(`${name} is set.`).waitFor();
  }
  assert.equal(await p.getByText('postgres://shop@node2/shop').count(), 0, 'a value is shown unasked');
  await p.getByText('Nodes of app have not been given the new variables yet').waitFor();
  await look(p, 'variables', '/environments/shop/variables');
  await look(p, 'variable to remove', '/environments/shop/variables/remove?variable=GREETING');
  await look(p, 'variables shown', '/environments/shop/variables', { prepare: async () => {
    await button(p, 'Show values').click();
    await p.getByText('postgres://shop@node2/shop').waitFor();
  } });
  await p.setViewportSize({ width: 1280, height: 800 });
  await p.goto('/environments/shop/variables');
  await p.locator('[id^="restart-stale-"]').click();
  await p.getByText('have not been given the new variables yet').waitFor({ state: 'detached' });
  await p.getByLabel('Name').fill('PATH');
  await p.getByLabel('Value').fill('/x');
  ana.expects(/variables: .*status of 422/);
  await button(p, 'Set').click();
  await p.getByText('set by Holm itself').first().waitFor();
  assert.equal(await p.getByLabel('Value').inputValue(), '', 'a value that was refused is shown again');
  ana.faultless();
});

test('who leaves: what they could have read is seen and changed', async () => {
  const p = ana.page;
  await bob.page.goto('/environments/shop/variables');
  await button(bob.page, 'Show values').click();
  await bob.page.getByText('postgres://shop@node2/shop').waitFor();
  const { items } = await s.server.as('ana', 'GET', '/v1/accounts/me/collaborators');
  const path = `/collaborators/${items[0].id}/credentials`;
  await look(p, 'credentials', path);
  await p.setViewportSize({ width: 1280, height: 800 });
  await button(p, 'Change all 2').click();
  await p.getByText('2 variables are marked as to be changed').waitFor();
  await look(p, 'credentials marked', path);
  await look(p, 'variables to change', '/environments/shop/variables');
  ana.faultless();
  bob.faultless();
});

test('an environment is offered and taken over', async () => {
  const p = ana.page;
  await p.setViewportSize({ width: 1280, height: 800 });
  await look(p, 'environment to offer', '/environments/shop/settings');
  await p.setViewportSize({ width: 1280, height: 800 });
  await p.goto('/environments/shop/settings');
  await p.getByLabel('Address of the new owner').fill('cleo@example.org');
  await button(p, 'Offer shop').click();
  await p.getByText('Offered to cleo@example.org.').waitFor();
  const link = await s.server.link('cleo', 'transfers');
  await look(p, 'environment offered', '/environments/shop');
  await look(p, 'environment settings offered', '/environments/shop/settings');
  ana.expects(/transfers: .*status of 409/);
  ana.expects(/transfers\/.*status of 409/);
  await look(p, 'offer for another', link);
  await look(cleo.page, 'offer', link);
  await look(cleo.page, 'offer to decline', `${link}/decline`);
  await p.setViewportSize({ width: 1280, height: 800 });
  await p.goto('/environments/shop');
  await cleo.page.goto(link);
  await cleo.page.getByLabel('Keep collaborators').check();
  await button(cleo.page, 'Accept').click();
  await cleo.page.getByText('shop is yours now, and 1 person can still use it.').waitFor();
  // Ana's open page leaves for where it says that she sees it no longer.
  ana.expects(/status of 404/);
  await p.getByRole('heading', { name: /shop/ }).and(p.getByText(/is not yours any more/)).waitFor();
  await bob.page.goto('/environments');
  await bob.page.getByText('Environments owned by cleo@example.org').first().waitFor();
  cleo.faultless();
  bob.faultless();
  await s.server.deletes('cleo', 'shop');
});
