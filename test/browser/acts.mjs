// What people do on several pages, in their own words.
import assert from 'node:assert/strict';

// state waits until the page of an environment shows a state.
export function state(page, word) {
  return page.locator('.head').getByText(word, { exact: true }).waitFor();
}

// openPerson opens the page of a collaborator from the list.
export async function openPerson(page, name) {
  await page.goto('/collaborators');
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { name, exact: true }).waitFor();
}

// level chooses one on a person's page.
export function level(page, environment, word) {
  return page.getByRole('group', { name: `Level in ${environment}` }).getByRole('radio', { name: word }).check();
}

// save presses the one button that saves all changes of a form.
export function save(page) {
  return page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: 'Save' }).click();
}

// refusal gives the reason that a disabled button is described by.
export async function refusal(page, name) {
  const button = page.getByRole('button', { name, exact: true }).first();
  assert.equal(await button.getAttribute('aria-disabled'), 'true', `${name} is not refused`);
  const described = await button.getAttribute('aria-describedby');
  return page.locator(`[id="${described}"]`).textContent();
}
