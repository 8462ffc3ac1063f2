// The main job, with two people at two browsers: Ana runs a shop and shares it
// with Bob, precisely, and takes it back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, Person } from './browser.mjs';
import { Server } from './server.mjs';

let server, browser, ana, bob;

before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
  ana = await Person.at(browser, server, 'ana');
  bob = await Person.at(browser, server, 'bob');
});

after(async () => {
  await browser?.close();
  await server?.stop('ana');
});

test('the printed link makes the first user', async () => {
  const { page } = ana;
  await page.goto(server.setupLink);
  await page.getByLabel('E-mail').fill(ana.email);
  await page.getByLabel('Your name').fill('Ana');
  await page.getByLabel('Password').fill(ana.password);
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.waitForURL('**/environments');
  await page.getByText('No environment yet').waitFor();
});

test('an environment is created in the form and is seen coming up', async () => {
  const { page } = ana;
  await page.getByRole('link', { name: 'Add new environment' }).first().click();
  await page.getByRole('textbox', { name: 'Name' }).fill('shop');
  await page.getByLabel('Alias').fill('The shop');
  await page.locator('#pick-balancer').getByLabel('Balancer').check();
  await page.locator('#pick-app').getByRole('button', { name: 'More: Nodes' }).click();
  await page.getByText('3 nodes, up to 5 cloudlets').waitFor();
  await page.getByRole('button', { name: 'Create' }).click();
  await page.waitForURL('**/environments/shop');
  await page.evaluate(() => (window.stays = true));
  await page.locator('#environment').getByText('running', { exact: true }).first().waitFor();
  assert.equal(await page.evaluate(() => window.stays), true, 'the page was loaded again');
  ana.faultless();
});
