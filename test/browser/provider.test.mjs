// Signing in at a sign-in provider: a program of its own, whose sign-in page
// people use and whose tokens are signed.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { Provider } from './provider.mjs';
import { Server, email, freePort } from './server.mjs';
import { stage, story } from './story.mjs';

const provider = await Provider.listen();
after(() => provider.close());
const flags = ['--oidc-issuer', provider.issuer, '--oidc-client-id', 'holm', '--oidc-secret-file', provider.secretFile, '--oidc-name', 'Example login'];
// Two installations: one lets people sign up by themselves, one does not.
const [port, closedPort] = [await freePort(), await freePort()];
const back = (at) => `http://127.0.0.1:${at}/sign-in/provider/back`;
await provider.open([
  { id: 'ana', name: 'Ana', email: email('ana'), verified: true },
  { id: 'dora', name: 'Dora', email: email('dora'), verified: true },
  { id: 'mallory', name: 'Mallory', email: email('ana'), verified: false },
  { id: 'nobody', name: 'Nobody', email: email('nobody'), verified: false },
], [back(port), back(closedPort)]);
const s = await stage({ operator: 'ana', port, flags: [...flags, '--sign-up', 'open'] });
const closed = await Server.start({ operator: 'ana', port: closedPort, flags });
after(() => closed.stop('ana'));

// rest asks an installation without being anybody.
async function rest(server, method, path, body) {
  const response = await fetch(server.url + path, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

const begin = async (server) => (await rest(server, 'GET', '/v1/sign-in?with=provider')).body.start;
const finish = (server, state, code) => rest(server, 'POST', '/v1/sessions', { provider: { state, code } });

// comes signs somebody in at the provider and then here, by REST.
async function comes(server, id, { twist, start } = {}) {
  start ??= await begin(server);
  const led = await provider.letsIn(id, start.url);
  provider.twist(await twist?.(new URL(start.url).searchParams));
  return finish(server, start.state, led.searchParams.get('code'));
}

// through goes through the provider's own page in a browser.
async function through(page, id) {
  await page.getByRole('link', { name: 'Sign in with Example login' }).click();
  await there(page, id);
}

async function there(page, id) {
  await page.locator('[name=username]').fill(id);
  await page.locator('[name=password]').fill(Provider.password(id));
  await page.locator('[type=submit]').click();
}

story('A sign-in provider signs people in', s, async (step) => {
  const ana = await s.person('ana', { signedIn: false });
  const dora = await s.person('dora', { signedIn: false });
  for (const one of [ana, dora]) one.expects(/\/login\/username.*status of 404/); // the provider has no icon
  const refused = async (what, { status, body }, want, words) => {
    assert.equal(status, want, `${what}: ${JSON.stringify(body)}`);
    assert.match(body.detail, words, what);
    assert.equal(body.token, undefined, what);
  };

  await step('an address that has a login is not opened, verified or not', async () => {
    await refused('not verified', await comes(s.server, 'mallory'), 403, /has not verified your e-mail address/);
    await refused('verified', await comes(s.server, 'ana'), 409, /has a login here already/);
    await ana.page.goto('/sign-in');
    ana.expects(/provider\/back.*status of 409/);
    await through(ana.page, 'ana');
    await ana.page.getByText('has a login here already').waitFor();
  });

  await step('Ana links hers, signed in', async () => {
    await ana.signIn();
    await ana.page.goto('/account/security');
    await ana.page.getByRole('link', { name: 'Link your login at Example login' }).click();
    await there(ana.page, 'ana');
    await ana.page.getByText('The login is linked.').waitFor();
    assert.match((await s.server.mailsTo('ana')).join(), /was linked/);
  });

  await step('and signs in with it, in the browser and by REST', async () => {
    const other = await s.person('ana', { signedIn: false });
    other.expects(/\/login\/username/);
    await other.page.goto('/sign-in');
    await through(other.page, 'ana');
    await other.page.waitForURL('**/environments');
    const { status, body } = await comes(s.server, 'ana');
    assert.equal(status, 201, JSON.stringify(body));
    assert.equal(body.user.email, ana.email);
    await other.context.close();
    s.people.pop();
  });

  await step('an address nobody has verified makes nobody', async () => {
    await refused('new', await comes(s.server, 'nobody'), 403, /has not verified/);
  });

  await step('Dora, who is new, gets an account where people sign up by themselves', async () => {
    await dora.page.goto('/sign-in');
    await through(dora.page, 'dora');
    await dora.page.waitForURL('**/environments');
    await dora.page.goto('/account/security');
    await dora.page.getByText('You have no password.').waitFor();
    const again = await comes(s.server, 'dora');
    assert.equal(again.body.user.email, dora.email);
    assert.equal(again.body.user.account.type, 'full');
  });

  await step('and none where they do not', async () => {
    await refused('closed', await comes(closed, 'dora'), 403, /does not let people sign up/);
  });

  await step('what was said to another program, at another time or by nobody is refused', async () => {
    const distrusted = /cannot be trusted/;
    const as = (client, nonce) => async (asked) => {
      const told = await provider.token(client, 'ana', nonce ?? asked.get('nonce'), back(port));
      return (answer) => ({ ...answer, id_token: told.id_token });
    };
    // The same swap with the right audience and nonce is what it always is.
    assert.equal((await comes(s.server, 'ana', { twist: as('holm') })).status, 201);
    await refused('of another program', await comes(s.server, 'ana', { twist: as('other') }), 401, distrusted);
    await refused('with another nonce', await comes(s.server, 'ana', { twist: as('holm', 'another') }), 401, distrusted);
    const part = (token, i, change) => token.split('.').map((text, at) => (at === i ? change(text) : text)).join('.');
    const claim = (text, change) => Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(text, 'base64url')), ...change })).toString('base64url');
    const bent = (change) => () => (answer) => ({ ...answer, id_token: change(answer.id_token) });
    await refused('about somebody else', await comes(s.server, 'dora', { twist: bent((t) => part(t, 1, (text) => claim(text, { sub: 'ana' }))) }), 401, distrusted);
    await refused('unsigned', await comes(s.server, 'ana', { twist: bent((t) => part(part(t, 0, (text) => claim(text, { alg: 'none' })), 2, () => '')) }), 401, distrusted);
    await refused('no token', await comes(s.server, 'ana', { twist: () => ({ id_token: _, ...answer }) => answer }), 401, distrusted);
  });

  await step('each way there and back counts once, and only for who went', async () => {
    const start = await begin(s.server);
    const code = (await provider.letsIn('ana', start.url)).searchParams.get('code');
    await refused('of a way nobody began', await finish(s.server, `${start.state.slice(0, -2)}xx`, code), 401, /begun too long ago, or by somebody else/);
    await refused('of another way', await finish(s.server, (await begin(s.server)).state, code), 401, /does not take the code/);
    await refused('of another installation', await finish(closed, start.state, code), 401, /begun too long ago, or by somebody else/);
    const used = await begin(s.server);
    const led = await provider.letsIn('ana', used.url);
    assert.equal((await finish(s.server, used.state, led.searchParams.get('code'))).status, 201);
    await refused('twice', await finish(s.server, used.state, led.searchParams.get('code')), 401, /does not take the code|used already/);
    // Somebody gets another to follow a link that ends the attacker's own way.
    const lured = await s.person('ana', { signedIn: false });
    const theirs = await begin(s.server);
    const bait = await provider.letsIn('dora', theirs.url);
    lured.expects(/provider\/back.*status of 401/);
    await lured.page.goto(bait.href);
    await lured.page.getByText('This sign-in was begun in another browser').waitFor();
    await lured.page.goto('/environments');
    await lured.page.waitForURL('**/sign-in**');
    await lured.context.close();
    s.people.pop();
  });

  await step('who turns back at the provider is told so', async () => {
    ana.expects(/provider\/back.*status of 401/);
    const page = await ana.open('/sign-in/provider/back?error=access_denied&state=x');
    await page.getByText('did not let you in, or you turned back').waitFor();
    await page.close();
  });

  await step('who is suspended stays out', async () => {
    await s.server.as('ana', 'PATCH', `/v1/operator/users/${email('dora')}`, { suspended: true });
    await refused('suspended', await comes(s.server, 'dora'), 403, /suspended/);
    await s.server.as('ana', 'PATCH', `/v1/operator/users/${email('dora')}`, { suspended: false });
  });

  await step('the last way in is not unlinked, and one that is signs nobody in', async () => {
    await dora.page.goto('/sign-in');
    await through(dora.page, 'dora');
    await dora.page.waitForURL('**/environments');
    await dora.page.goto('/account/security');
    dora.expects(/unlink.*status of 409/);
    await dora.page.getByRole('button', { name: 'Unlink' }).click();
    await dora.page.getByText('This is your only way to sign in').waitFor();
    await ana.page.goto('/account/security');
    await ana.page.getByRole('button', { name: 'Unlink' }).click();
    await ana.page.getByText('The login is unlinked.').waitFor();
    await refused('unlinked', await comes(s.server, 'ana'), 409, /has a login here already/);
  });
});
