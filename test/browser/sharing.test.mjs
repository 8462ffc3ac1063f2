// Sharing beyond the three levels: own levels, groups, what is inherited, what
// a save would change, and the end of it all. Ana owns, Bob looks on.
import assert from 'node:assert/strict';
import { openPerson, refusal, save } from './acts.mjs';
import { loadedOnce } from './browser.mjs';
import { stage, story } from './story.mjs';

const s = await stage({
  operator: 'ana',
  furnish: async (server) => {
    await Promise.all(['blog', 'shop'].map((name) => server.create('ana', name)));
    await server.invite('ana', 'bob');
    await server.joins('bob', await server.link('bob', 'invitations'));
  },
});

const row = (page, label) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: label }) });
const choose = (page, label, word) => page.getByRole('group', { name: label }).getByRole('radio', { name: word, exact: true }).check();
const ahead = (page, words) => page.getByRole('region', { name: 'Unsaved changes' }).getByText(words).waitFor();

story('Ana shares precisely', s, async (step) => {
  const ana = await s.person('ana');
  const bob = await s.person('bob');
  for (const person of [ana, bob]) person.expects(/status of 404/);
  let shop; // Bob's open page

  await step('a level is made of its own, beginning as another', async () => {
    const { page } = ana;
    await page.goto('/collaborators');
    await page.getByRole('link', { name: 'Levels' }).click();
    await page.getByRole('link', { name: 'New level' }).click();
    await page.getByRole('link', { name: 'Limited', exact: true }).click();
    assert.ok(await page.getByRole('checkbox', { name: 'View server logs' }).isChecked());
    assert.ok(await page.getByRole('checkbox', { name: 'Delete environment' }).isDisabled());
    const ticked = page.getByRole('checkbox', { checked: true, disabled: false });
    while (await ticked.count()) await ticked.first().uncheck();
    await page.getByLabel('Name').fill('Watch');
    await page.getByRole('checkbox', { name: 'Restart environment nodes' }).check();
    await page.getByRole('checkbox', { name: 'View server logs' }).check();
    await page.getByRole('button', { name: 'Make the level' }).click();
    await page.getByText('Made the level Watch.').waitFor();
  });

  await step('a group is given it on all environments, and Bob comes in: he sees them at once', async () => {
    const { page } = ana;
    const once = await loadedOnce(bob.page);
    await page.goto('/groups');
    await page.getByLabel('Name').fill('Developers');
    await page.getByRole('button', { name: 'Make the group' }).click();
    await page.getByRole('checkbox', { name: 'bob@example.org is in the group' }).check();
    await choose(page, 'Level on all environments', 'Watch');
    await ahead(page, 'Bob gains Watch on blog and shop.');
    await save(page);
    await page.getByText('Saved: Bob gains Watch on blog and shop.').waitFor();
    await bob.page.getByRole('link', { name: 'shop', exact: true }).first().waitFor();
    assert.ok(await once(), 'the page was loaded again');
    shop = await bob.open('/environments/shop');
    await shop.getByRole('button', { name: 'Restart' }).or(shop.locator('summary', { hasText: 'Restart' })).first().waitFor();
    assert.match(await refusal(shop, 'Stop'), /Watch/);
  });

  await step('the sharing tab says what is inherited; a level of his own counts instead, live', async () => {
    const { page } = ana;
    const once = await loadedOnce(shop);
    await page.goto('/environments/shop/sharing');
    await row(page, /bob@example\.org/).getByText('Inherited: Watch on all environments through the group Developers.').waitFor();
    await choose(page, 'Level of bob@example.org', 'Full');
    await row(page, /bob@example\.org/).getByText('What you choose here counts instead.').waitFor();
    await ahead(page, /^Bob gains SSH, cloudlet limits, adding nodes, variables and \d+ more\.$/);
    await save(page);
    await page.getByText('Saved: Bob gains SSH').waitFor();
    await shop.getByRole('button', { name: 'Stop', exact: true }).and(shop.locator(':not([aria-disabled="true"])')).waitFor();
    assert.ok(await once(), 'the page was loaded again');
    await shop.getByRole('button', { name: 'Stop', exact: true }).click();
    await shop.locator('.head').getByText('stopped', { exact: true }).waitFor();
  });

  await step('taking it back is told with what he did lately, and his buttons go live', async () => {
    const { page } = ana;
    await choose(page, 'Level of bob@example.org', 'Inherit');
    await ahead(page, /^Bob loses SSH/);
    await ahead(page, 'Used in the past 90 days and refused from then on: stopping (Bob on shop, once).');
    await save(page);
    await page.getByText('Saved: Bob loses SSH').waitFor();
    await shop.locator('#power[aria-disabled="true"]').waitFor();
  });

  await step('None hides it, whatever the group gives, and what is open is cut', async () => {
    const { page } = ana;
    await choose(page, 'Level of bob@example.org', 'None');
    await row(page, /bob@example\.org/).getByText('None hides it.').waitFor();
    await ahead(page, 'Bob no longer sees shop.');
    await ahead(page, /^Cut at once: \d open pages? of Bob on shop\.$/);
    await save(page);
    await shop.getByText('You no longer see shop').waitFor();
    await choose(page, 'Level of bob@example.org', 'Inherit');
    await save(page);
    await page.getByText('Saved: Bob gains Watch').waitFor();
    await shop.goto('/environments/shop');
  });

  await step('a change of the level reaches everybody who has it', async () => {
    const { page } = ana;
    await page.goto('/levels');
    await page.getByRole('link', { name: 'Watch', exact: true }).click();
    await row(page, 'Bob').first().waitFor();
    await page.getByRole('checkbox', { name: 'Start environment', exact: true }).check();
    await ahead(page, 'Bob gains starting on blog and shop.');
    await save(page);
    await page.getByText('Saved: Bob gains starting on blog and shop.').waitFor();
    await shop.locator('#power:not([aria-disabled="true"])').waitFor();
    assert.match(await refusal(page, 'Delete'), /given once/);
  });

  await step('his page says what it comes to, and puts off the end in one click', async () => {
    const { page } = ana;
    await openPerson(page, 'Bob');
    await page.locator('#effective-rows tr').filter({ hasText: 'shop' }).getByText('Watch on all environments through the group Developers').waitFor();
    await page.getByLabel('Last day (UTC)', { exact: true }).fill('2999-12-30');
    await page.getByRole('button', { name: 'Set the end' }).click();
    await page.getByText('ends at the end of 30 December 2999').waitFor();
    await page.getByRole('button', { name: '7 days more' }).click();
    await page.getByText('ends at the end of 6 January 3000').waitFor();
    await choose(page, 'Level on all environments', 'Limited');
    await ahead(page, /Bob gains .* on blog and shop/);
    await save(page);
    await page.getByText('Saved: Bob gains').waitFor();
    await choose(page, 'Level on all environments', 'Nothing');
    await ahead(page, /Bob loses .* on blog and shop/);
    await save(page);
    await page.getByText('Saved: Bob loses').waitFor();
  });

  await step('a group is deleted with what that means', async () => {
    const { page } = ana;
    await page.goto('/groups');
    await page.getByRole('link', { name: 'Developers' }).click();
    await page.getByRole('link', { name: 'Delete' }).click();
    await page.getByText('Bob no longer sees blog and shop.').waitFor();
    await page.getByText(/^Cut at once: \d open pages? of Bob on shop\.$/).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Deleted the group Developers.').waitFor();
    await shop.getByText('You no longer see shop').waitFor();
  });
});
