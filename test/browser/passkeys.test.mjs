// Passkeys, with an authenticator that Chromium plays: it makes real keys and
// signs what the server asks.
import assert from 'node:assert/strict';
import { story, stage } from './story.mjs';

const s = await stage({ operator: 'ana' });
// Passkeys belong to a name, so people come to the name of this machine.
const there = `http://localhost:${s.server.host.split(':')[1]}`;

// authenticator gives a page a device that has a finger on it.
async function authenticator(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return {
    keys: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    add: (credential) => cdp.send('WebAuthn.addCredential', { authenticatorId, credential }),
    verified: (isUserVerified) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    forget: (credentialId) => cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId }),
  };
}

const passkeys = (page) => page.getByRole('region', { name: 'Passkeys' }).or(page.locator('section', { has: page.getByRole('heading', { name: 'Passkeys', exact: true }) })).first();

async function signOut(page) {
  await page.getByRole('banner').locator('summary').last().click();
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in**');
}

// sent gives the form that a page sends when something is pressed.
async function sent(page, path, press) {
  const request = page.waitForRequest((r) => r.method() === 'POST' && new URL(r.url()).pathname === path);
  await press();
  return new URLSearchParams((await request).postData());
}

story('A passkey signs in', s, async (step) => {
  const ana = await s.person('ana', { baseURL: there, signedIn: false });
  const device = await authenticator(ana.page);
  const page = ana.page;
  let used;

  await step('Ana registers one on the security page', async () => {
    await s.server.as('ana', 'GET', '/v1/user'); // signed in with REST, before there is a second step
    await ana.signIn();
    await page.goto('/account/security');
    const section = passkeys(page);
    await section.getByText('Add a passkey').click();
    await section.getByLabel('Name').fill('Laptop');
    await section.getByLabel('Current password').fill('not her password');
    ana.expects(/account\/passkeys: .*status of 422/);
    await section.getByRole('button', { name: 'Add it' }).click();
    await page.getByText('The current password is wrong.').first().waitFor();
    await passkeys(page).getByLabel('Name').fill('Laptop');
    await passkeys(page).getByLabel('Current password').fill(ana.password);
    // The answer to the refused try was used up with it; the device has to
    // forget its key, else it refuses to make a second one for the same login.
    for (const key of await device.keys()) await device.forget(key.credentialId);
    await passkeys(page).getByRole('button', { name: 'Add it' }).click();
    await page.getByText('The passkey Laptop is added.').waitFor();
    assert.equal(await page.locator('.codes li').count(), 10, 'recovery codes come with the first second factor');
    const [key] = await device.keys();
    assert.equal(key.isResidentCredential, true);
    assert.equal(key.rpId, 'localhost');
  });

  await step('she signs in with it alone', async () => {
    await signOut(page);
    const posted = await sent(page, '/sign-in/passkey', () => page.getByRole('button', { name: 'Use a passkey' }).click());
    used = { state: posted.get('state'), credential: JSON.parse(posted.get('credential')) };
    await page.waitForURL('**/environments');
    await page.goto('/account/sessions');
    await page.getByText('passkey', { exact: false }).first().waitFor();
    const log = await s.server.as('ana', 'GET', '/v1/accounts/me/audit?operation=session.create&result=0');
    assert.match(JSON.stringify(log.items[0]), /"passkey":"Laptop"/);
  });

  await step('what the device answered once is no answer again', async () => {
    const { status, body } = await rest('POST', '/v1/sessions', { passkey: used });
    assert.equal(status, 401);
    assert.match(body.detail, /used already/);
  });

  await step('an answer given at another address, for another question or changed is refused', async () => {
    await signOut(page);
    const key = (await device.keys())[0];
    const challenge = async () => (await rest('GET', '/v1/sign-in?with=passkey')).body.challenge;
    const refused = async (what, { state, credential }) => {
      const { status, body } = await rest('POST', '/v1/sessions', { passkey: { state, credential } });
      assert.equal(status, 401, `${what}: ${JSON.stringify(body)}`);
      assert.equal(body.token, undefined);
    };
    // A page at another port of this machine is of the same party to the
    // browser, which signs; the server sees the address that it was signed at.
    const { createServer } = await import('node:http');
    const elsewhere = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<title>elsewhere</title>')).listen(0, '127.0.0.1');
    try {
      await new Promise((listening) => elsewhere.once('listening', listening));
      const stranger = await ana.context.newPage();
      const theirs = await authenticator(stranger);
      await theirs.add(key);
      await stranger.goto(`http://localhost:${elsewhere.address().port}/`);
      const asked = await challenge();
      const signed = await answer(stranger, asked.options);
      await refused('signed at another address', { state: asked.state, credential: signed });
      // At the dashboard's own address the same key is right.
      await stranger.goto(`${there}/sign-in`);
      const one = await challenge();
      const other = await challenge();
      const good = await answer(stranger, one.options);
      await refused('of another question', { state: other.state, credential: good });
      const bent = structuredClone(good);
      bent.response.signature = bend(bent.response.signature);
      await refused('with a signature of nobody', { state: (await challenge()).state, credential: bent });
      await refused('with a state made up', { state: 'x'.repeat(one.state.length), credential: good });
      // Without finger or PIN it is no sign-in, where it is the only step.
      const loose = await challenge();
      await theirs.verified(false);
      const unseen = await answer(stranger, { ...loose.options, userVerification: 'discouraged' });
      await refused('without a finger', { state: loose.state, credential: unseen });
      await theirs.verified(true);
      const { status, body } = await rest('POST', '/v1/sessions', { passkey: { state: one.state, credential: good } });
      assert.equal(status, 201, JSON.stringify(body));
      assert.equal(body.user.email, ana.email);
      // The device of before goes on from where this one has counted to.
      const [counted] = await theirs.keys();
      await device.forget(key.credentialId);
      await device.add(counted);
      await stranger.close();
    } finally {
      elsewhere.close();
    }
  });

  await step('a copy of the key, which counts from an older number, is refused', async () => {
    const key = (await device.keys())[0];
    const copy = await ana.context.newPage();
    const theirs = await authenticator(copy);
    await theirs.add({ ...key, signCount: 0 });
    await copy.goto('/sign-in');
    ana.expects(/sign-in.*status of 401/);
    await copy.getByRole('button', { name: 'Use a passkey' }).click();
    await copy.getByText('This passkey has counted backwards').first().waitFor();
    await copy.close();
  });

  await step('after the password it is the second step', async () => {
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(ana.email);
    await page.getByLabel('Password').fill(ana.password);
    ana.expects(/sign-in: .*status of 401/);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    const key = (await device.keys())[0];
    assert.ok(key, 'the device has its key still');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.waitForURL('**/environments');
  });

  await step('she gives it another name', async () => {
    await page.goto('/account/security');
    const section = passkeys(page);
    await section.locator('summary', { hasText: 'Rename' }).click();
    await section.getByRole('textbox', { name: 'Name' }).first().fill('Old laptop');
    await section.getByRole('button', { name: 'Rename' }).click();
    await page.getByText('The passkey is called Old laptop now.').waitFor();
    await passkeys(page).getByText('Old laptop', { exact: true }).waitFor();
  });

  await step('and removes it: it signs nobody in any more', async () => {
    const section = passkeys(page);
    await section.locator('summary', { hasText: 'Remove' }).click();
    await section.getByLabel('Current password').first().fill(ana.password);
    await section.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The passkey is removed.').waitFor();
    await signOut(page);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('This passkey is not known here').first().waitFor();
    await ana.signIn();
  });
});

// rest asks without being anybody.
async function rest(method, path, body) {
  const response = await fetch(s.server.url + path, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

// answer has the device at a page answer a question.
function answer(page, options) {
  return page.evaluate(async (asked) => (await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) })).toJSON(), options);
}

// bend changes one bit of what is written in base64.
const bend = (text) => text.slice(0, 20) + (text[20] === 'A' ? 'B' : 'A') + text.slice(21);
