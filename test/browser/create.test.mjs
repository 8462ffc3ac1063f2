// The form that makes an environment: what it comes to follows what is chosen,
// and the balancer comes along where it is needed.
import assert from 'node:assert/strict';
import { stage, story } from './story.mjs';
import { look } from './look.mjs';

const s = await stage({ operator: 'ana', flags: ['--engine', 'simulated'], owners: ['ana'] });
const words = (page, text) => page.locator('.create-words').getByText(text).waitFor();
const balancer = (page) => page.getByRole('switch', { name: 'Balancer' });
const more = (page, layer, what) => page.locator(`#pick-${layer}`).getByRole('button', { name: `More: ${what}` });

story('Ana sizes an environment', s, async (step) => {
  const { page } = await s.person('ana');

  await step('the sums follow before there is a name', async () => {
    await page.goto('/environments/new');
    await words(page, '1 node, up to 2 cloudlets');
    await more(page, 'app', 'Cloudlets each').click();
    await words(page, '1 node, up to 3 cloudlets');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'More: Cloudlets each');
  });

  await step('a second app node brings a balancer, which cannot be left out', async () => {
    await more(page, 'app', 'Nodes').click();
    await words(page, '3 nodes, up to 7 cloudlets');
    await page.getByText('Spreads requests over the 2 app nodes.').waitFor();
    assert.ok(await balancer(page).isChecked());
    assert.ok(await balancer(page).isDisabled());
    await more(page, 'balancer', 'Nodes').click();
    await words(page, '4 nodes, up to 8 cloudlets');
  });

  await step('with one app node it goes again', async () => {
    await page.locator('#app-nodes').fill('1');
    await words(page, '1 node, up to 3 cloudlets');
    assert.ok(!await balancer(page).isChecked());
    assert.ok(await balancer(page).isEnabled());
  });

  await step('one that was chosen stays', async () => {
    await balancer(page).check();
    await words(page, '3 nodes, up to 5 cloudlets');
    await page.locator('#app-nodes').fill('3');
    await words(page, '5 nodes, up to 11 cloudlets');
    assert.ok(await balancer(page).isDisabled());
    await page.locator('#app-nodes').fill('1');
    await words(page, '3 nodes, up to 5 cloudlets');
    assert.ok(await balancer(page).isChecked());
    await balancer(page).uncheck();
    await words(page, '1 node, up to 3 cloudlets');
  });

  await step('a number that is missing is asked for, not counted', async () => {
    await page.locator('#app-nodes').fill('');
    await words(page, 'How many nodes has the layer App?');
    await page.locator('#app-nodes').fill('4');
    await words(page, '6 nodes, up to 14 cloudlets');
  });

  await step('who comes back finds the sums of what they filled in', async () => {
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.waitForURL('**/environments');
    await page.goBack();
    await words(page, '6 nodes, up to 14 cloudlets');
    assert.equal(await page.locator('#app-nodes').inputValue(), '4');
    assert.ok(await balancer(page).isDisabled());
  });

  await step('what is shown is what is made', async () => {
    await page.locator('#app-nodes').fill('2');
    await words(page, '4 nodes, up to 8 cloudlets');
    await page.getByLabel('Name').fill('shop');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.waitForURL('**/environments/shop');
    const { layers } = await s.server.as('ana', 'GET', '/v1/environments/shop');
    assert.deepEqual(layers.map((l) => [l.role, l.nodes.length, l.cloudlets]).sort(), [['app', 2, 3], ['balancer', 2, 1]]);
  });

  await step('it looks well with a balancer that came along', async () => {
    await look(page, 'new environment balanced', '/environments/new', {
      prepare: async (p) => {
        await more(p, 'app', 'Nodes').click();
        await words(p, '3 nodes, up to 5 cloudlets');
      },
    });
  });
});

story('Ana sizes one without a script', s, async (step) => {
  const { page } = await s.person('ana', { javaScriptEnabled: false });

  await step('the sums are a button away, and the balancer comes along', async () => {
    await page.goto('/environments/new');
    await page.locator('#app-nodes').fill('2');
    await page.getByRole('button', { name: 'Count again' }).click();
    await words(page, '3 nodes, up to 5 cloudlets');
    await page.getByText('Spreads requests over the 2 app nodes.').waitFor();
    await page.getByLabel('Name').fill('blog');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.waitForURL('**/environments/blog');
    const { layers } = await s.server.as('ana', 'GET', '/v1/environments/blog');
    assert.deepEqual(layers.map((l) => [l.role, l.nodes.length]).sort(), [['app', 2], ['balancer', 1]]);
  });
});
