// Every page, by day and by night, on a desk and on a phone.
import { test } from 'node:test';
import { look } from './look.mjs';
import { Server } from './server.mjs';
import { stage } from './story.mjs';
import { furnish, shared } from './world.mjs';

const s = await stage({ operator: 'ana', flags: ['--sign-up', 'open'], owners: ['ana', 'cleo'], furnish });
const ana = await s.person('ana');
const cleo = await s.person('cleo');
const visitor = await s.person('bob', { signedIn: false }); // not signed in
let bob; // signed in, once he has accepted

// page looks at one as a person. The browser writes an error for an answer
// that is none; where that is what is looked at, expects says so.
function page(name, who, path, { expects, ...how } = {}) {
  test(name, async () => {
    const person = who();
    if (expects) person.expects(expects);
    await look(person.page, name, typeof path === 'function' ? await path() : path, how);
    person.faultless();
  });
}

test('set up', async () => {
  const server = await Server.start();
  try {
    await look(visitor.page, 'set up', server.setupLink);
  } finally {
    await server.stop();
  }
  visitor.faultless();
});

const click = (name) => (p) => p.getByRole('button', { name }).click();
const menu = (name, item) => async (p) => {
  await p.locator('summary', { hasText: name }).first().click();
  if (item) await p.getByRole('link', { name: item }).or(p.getByRole('button', { name: item })).first().click();
};

page('sign in', () => visitor, '/sign-in');
page('sign in refused', () => visitor, '/sign-in', {
  expects: /sign-in: .*status of 401/,
  prepare: async (p) => {
    await p.getByLabel('E-mail').fill('bob@example.org');
    await p.getByLabel('Password').fill('not his password');
    await click('Sign in')(p);
    await p.getByRole('alert').waitFor();
  },
});
page('sign up', () => visitor, '/sign-up');
page('sign up mailed', () => visitor, '/sign-up', {
  prepare: async (p) => {
    await p.getByLabel('E-mail').fill('dora@example.org');
    await click('Mail me a link')(p);
    await p.getByRole('heading', { name: 'Look at your mail' }).waitFor();
  },
});
page('sign up go on', () => visitor, async () => s.server.link('dora', 'sign-up'));
page('sign up over', () => visitor, '/sign-up/nothing-like-this', { expects: /status of 410/ });
page('password forgotten', () => visitor, '/password');
page('password link sent', () => visitor, '/password', {
  prepare: async (p) => {
    await p.getByLabel('E-mail').fill('cleo@example.org');
    await click('Mail me a link')(p);
    await p.getByRole('heading', { name: 'Look at your mail' }).waitFor();
  },
});
page('password set anew', () => visitor, async () => s.server.link('cleo', 'password'));
page('link over', () => visitor, '/invitations/nothing-like-this', { expects: /status of (404|410)/ });

// Bob is new: his invitation asks for a password. Cleo has a login.
let forBob, forCleo;
test('people are invited', async () => {
  await s.server.invite('ana', 'bob', { environments: shared() });
  await s.server.invite('ana', 'cleo', { role: 'admin' });
  [forBob, forCleo] = await Promise.all([s.server.link('bob', 'invitations'), s.server.link('cleo', 'invitations')]);
});
page('collaborator pending', () => ana, () => person('bob'));
page('invitation for somebody new', () => visitor, () => forBob);
page('invitation for somebody known', () => visitor, () => forCleo);
page('invitation for oneself', () => cleo, () => forCleo);
page('invitation for another', () => ana, () => forCleo);
page('invitation to decline', () => cleo, () => `${forCleo}/decline`);
test('people accept', async () => {
  await s.server.joins('bob', forBob);
  await s.server.accepts('cleo', forCleo);
  bob = await s.person('bob');
});

page('environments', () => ana, '/environments');
page('environments none fit', () => ana, '/environments?q=nothing-like-this');
page('environments none yet', () => cleo, async () => {
  await s.server.deletes('cleo', 'intranet');
  return '/environments';
});
page('environments of a collaborator', () => bob, '/environments', { prepare: async (p) => p.getByRole('button', { name: 'Limited' }).hover() });
page('new environment', () => ana, '/environments/new?balancer=on&app=on&app-nodes=3&name=site');
page('new environment refused', () => ana, '/environments/new', {
  expects: /environments\/new: .*status of (409|422)/,
  prepare: async (p) => {
    await p.getByRole('textbox', { name: 'Name' }).fill('shop');
    await click('Create')(p);
    await p.locator('.error').first().waitFor();
  },
});
page('new environment nowhere', () => bob, '/environments/new', { expects: /environments\/new: .*status of 403/ });

page('environment', () => ana, '/environments/shop');
page('environment restart menu', () => ana, '/environments/shop', { prepare: menu('Restart') });
page('environment stopped', () => ana, '/environments/blog');
page('environment broken', () => ana, '/environments/search');
page('environment limited', () => bob, '/environments/shop', { prepare: (p) => p.getByRole('button', { name: 'Delete' }).hover() });
page('environment sharing', () => ana, '/environments/shop/sharing', {
  prepare: async (p) => {
    await p.getByRole('group', { name: 'Level of bob@example.org' }).getByRole('radio', { name: 'Full' }).check();
    await p.getByText('1 change', { exact: true }).waitFor();
  },
});
page('environment audit', () => ana, '/environments/shop/audit');
page('environment settings', () => ana, '/environments/shop/settings');
page('layer to add', () => ana, '/environments/shop/layers/new');
page('layer to remove', () => ana, () => layer('balancer', 'remove'));
page('layer to restart', () => ana, () => layer('app', 'restart'));
page('environment to clone', () => ana, '/environments/shop/clone');
page('none deleted', () => ana, '/deleted');
page('why', () => bob, '/environments/shop/why?operation=layer.scale');
page('environment gone', () => ana, '/environments/never-was?left=shared', { expects: /left=shared: .*status of 404/ });
page('nothing here', () => ana, '/environments/never-was', { expects: /never-was: .*status of 404/ });
page('permissions', () => ana, '/help/permissions');

page('collaborators', () => ana, '/collaborators');
page('collaborators invite', () => ana, '/collaborators', { prepare: (p) => p.getByText('Give access at once, or set an end').click() });
page('collaborators actions', () => ana, '/collaborators', { prepare: menu('Actions for bob@example.org') });
page('collaborators remove', () => ana, '/collaborators', { prepare: menu('Actions for bob@example.org', 'Remove') });
page('collaborator', () => ana, () => person('bob'));
page('collaborator changes', () => ana, () => person('bob'), {
  prepare: async (p) => {
    await p.getByRole('group', { name: 'Level in shop' }).getByRole('radio', { name: 'None' }).check();
    await p.getByText('What the levels allow').click();
    await p.getByText('no longer sees shop').waitFor();
  },
});
page('collaborator question', () => ana, async () => `${await person('bob')}/suspend`);
test('levels and groups are made', async () => {
  const own = (name, permissions) => s.server.as('ana', 'POST', '/v1/accounts/me/levels', { name, permissions });
  await own('Deploy only', ['deploy.git', 'logs.view']);
  await own('Watch', ['logs.view', 'usage.view', 'node.restart']);
  await s.server.as('ana', 'POST', '/v1/accounts/me/groups', { name: 'Developers', members: [{ collaborator: 'bob@example.org' }], environments: [{ environment: 'search', level: 'Deploy only' }], all_environments: 'Watch' });
});
const level = async (name) => `/levels/${(await s.server.as('ana', 'GET', '/v1/accounts/me/levels')).items.find((v) => v.name === name).id}`;
const group = async () => `/groups/${(await s.server.as('ana', 'GET', '/v1/accounts/me/groups')).items[0].id}`;
page('levels', () => ana, '/levels');
page('level new', () => ana, '/levels/new?from=limited');
page('level', () => ana, () => level('Watch'), {
  prepare: async (p) => {
    await p.getByRole('checkbox', { name: 'View server logs' }).uncheck();
    await p.getByText('Bob loses logs on blog.').waitFor();
  },
});
page('level question', () => ana, async () => `${await level('Watch')}/delete`);
page('groups', () => ana, '/groups');
page('group', () => ana, group, {
  prepare: async (p) => {
    await p.getByRole('checkbox', { name: 'bob@example.org is in the group' }).uncheck();
    await p.getByText('Bob no longer sees blog.').waitFor();
  },
});
page('group question', () => ana, async () => `${await group()}/delete`);
page('environment sharing inherited', () => ana, '/environments/blog/sharing', {
  prepare: async (p) => {
    await p.getByRole('group', { name: 'Level of bob@example.org' }).getByRole('radio', { name: 'None' }).check();
    await p.getByText('Bob no longer sees blog.').waitFor();
    await p.getByText('What the levels allow').click();
  },
});
page('collaborator with groups', () => ana, () => person('bob'), { prepare: (p) => p.locator('details.rights summary').first().click() });

page('audit', () => ana, '/audit', { prepare: (p) => p.getByRole('list', { name: 'Audit log' }).getByRole('listitem').first().click() });
page('audit proof', () => ana, '/audit/proof/1');
page('audit filtered', () => ana, '/audit?result=refused&who=bob%40example.org');
page('account', () => ana, '/account');
page('account leave', () => ana, '/account', { prepare: (p) => p.getByLabel('Leave the account of cleo@example.org').filter({ visible: true }).first().click() });
page('account security', () => ana, '/account/security');
page('account one-time code', () => ana, '/account/security', {
  prepare: async (p) => {
    await p.locator('#totp').getByRole('button', { name: 'Set up' }).click();
    await p.getByLabel('Code', { exact: true }).waitFor();
  },
});
page('account tokens', () => ana, '/account/tokens');
page('account token made', () => ana, '/account/tokens', {
  prepare: async (p) => {
    await p.getByLabel('What it is for').fill('Deploy from CI');
    await p.getByLabel('Everything I may do').check();
    await p.getByLabel('Everywhere I may').check();
    await click('Create the token')(p);
    await p.getByRole('heading', { name: 'Your new token' }).waitFor();
  },
});
page('account sessions', () => ana, '/account/sessions');
page('switcher', () => ana, '/environments', {
  prepare: async (p) => {
    await p.keyboard.press('/');
    await p.getByRole('dialog', { name: 'Go to' }).getByRole('searchbox').fill('o');
    await p.getByRole('dialog', { name: 'Go to' }).getByRole('link', { name: /shop/ }).waitFor();
  },
});
page('switcher without a script', () => ana, '/switch?q=o');
page('person menu', () => ana, '/environments', { prepare: (p) => p.locator('summary', { hasText: ', menu' }).filter({ visible: true }).first().click() });
page('operator users', () => ana, '/operator');
page('operator limits', () => ana, '/operator/users/cleo@example.org/limits');
page('operator outbox', () => ana, '/operator/outbox');
// The mail itself runs no script, so axe cannot look at it; its frame is seen.
page('operator mail', () => ana, () => mail());
page('operator status', () => ana, '/operator/status');
page('components', () => ana, '/operator/components');
page('reference', () => visitor, '/docs');

test('nobody saw what a page should not do', () => {
  for (const person of s.people) person.faultless();
});

async function person(name) {
  const { items } = await s.server.as('ana', 'GET', '/v1/accounts/me/collaborators');
  return `/collaborators/${items.find(({ email }) => email === `${name}@example.org`).id}`;
}

async function layer(role, what) {
  const { layers } = await s.server.as('ana', 'GET', '/v1/environments/shop');
  return `/environments/shop/layers/${layers.find((l) => l.role === role).id}/${what}`;
}

async function mail() {
  const { items } = await s.server.as('ana', 'GET', '/v1/operator/mails');
  return `/operator/outbox/${items.find(({ to }) => to === 'bob@example.org').id}`;
}
