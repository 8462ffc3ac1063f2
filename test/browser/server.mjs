// A real Holm for the tests: the built program over a folder of its own, with
// real nodes. Whoever starts one ends it, and nothing of it stays.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './wait.mjs';

const program = fileURLToPath(new URL('../../bin/holm', import.meta.url));

// email and password are those of a person who appears in the tests.
export const email = (name) => `${name}@example.org`;
export const password = (name) => `${name}'s long password`;
export const called = (name) => name[0].toUpperCase() + name.slice(1);

export class Server {
  #process;
  #said = '';
  #ended = false;
  #tokens = new Map();
  #taken = new Set();

  // start starts one. operator makes that person the first user; without one,
  // setupLink leads to where the first user is made. port and folder are for
  // who wants the same server at another address than last time.
  static async start({ operator, flags = [], port } = {}) {
    const server = new Server();
    server.folder = await mkdtemp(join(tmpdir(), 'holm-browser-'));
    await chmod(server.folder, 0o711); // nodes run as others and must get through
    server.mails = join(server.folder, 'mails');
    port ??= await freePort();
    server.host = `127.0.0.1:${port}`;
    server.url = `http://${server.host}`;
    const options = ['serve', '--data', join(server.folder, 'data'), '--http', server.host, '--ssh', 'off', '--keep-deleted', '0', '--mail-dir', server.mails, ...flags];
    const env = { ...process.env };
    if (operator) {
      options.push('--operator-email', email(operator));
      env.HOLM_OPERATOR_PASSWORD = password(operator);
    }
    server.#process = spawn(program, options, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [server.#process.stdout, server.#process.stderr]) stream.on('data', (text) => (server.#said += text));
    server.#process.on('error', (err) => (server.#said += err));
    server.#process.on('close', () => (server.#ended = true));
    try {
      await eventually('the server is ready', async () => {
        if (server.#ended) throw new Error(`the server ended at once:\n${server.#said}`);
        return (await fetch(`${server.url}/readyz`).catch(() => null))?.ok;
      });
    } catch (err) {
      await server.#end();
      throw err;
    }
    return server;
  }

  // setupLink is the link that the program printed for making the first user.
  get setupLink() {
    return this.#said.match(/https?:\/\/\S+\/setup\/\S+/)?.[0];
  }

  // address is where an environment answers.
  address(environment) {
    return `http://${environment}.holm.localhost:${this.host.split(':')[1]}/`;
  }

  // as asks REST as a person, who is signed in the first time.
  async as(name, method, path, body) {
    if (!this.#tokens.has(name)) {
      const session = this.#ask('POST', '/v1/sessions', { email: email(name), password: password(name) });
      this.#tokens.set(name, session.then(({ token }) => token));
    }
    return this.#ask(method, path, body, await this.#tokens.get(name));
  }

  async #ask(method, path, body, token) {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text && JSON.parse(text);
  }

  // create makes an environment as a person and waits until it runs.
  async create(name, environment, { alias = '', layers = [{ role: 'app', stack: 'static', nodes: 1, cloudlets: 1 }] } = {}) {
    await this.as(name, 'POST', '/v1/accounts/me/environments', { name: environment, alias, layers });
    await this.state(name, environment, 'running');
  }

  // state waits until an environment is in a state.
  async state(name, environment, state) {
    await eventually(`${environment} is ${state}`, async () => (await this.as(name, 'GET', `/v1/environments/${environment}`)).state === state);
  }

  // deletes deletes an environment and waits until it is gone.
  async deletes(name, environment) {
    await this.as(name, 'DELETE', `/v1/environments/${environment}?confirm=${environment}`);
    await this.#cleared(name, environment);
  }

  // breaks has the program of a node end as it starts, as a bad release does.
  async breaks(name, environment) {
    const { id, layers } = await this.as(name, 'GET', `/v1/environments/${environment}`);
    const node = layers.find((layer) => layer.stack === 'nodejs').nodes[0].id;
    const code = join(this.folder, 'data/nodes/environments', id, 'nodes', String(node), 'root/srv/app/server.js');
    await writeFile(code, "process.stderr.write('cannot reach the database at 10.0.0.5:5432\\n');\nprocess.exit(1);\n");
    await this.as(name, 'POST', `/v1/environments/${environment}/nodes/${node}/restart`);
    await this.state(name, environment, 'broken');
  }

  // stops stops an environment and waits until it is.
  async stops(name, environment) {
    await this.as(name, 'POST', `/v1/environments/${environment}/stop`);
    await this.state(name, environment, 'stopped');
  }

  // signsUp makes a full account, where that is open to anybody.
  async signsUp(name) {
    await this.#ask('POST', '/v1/users', { email: email(name) });
    const token = last(await this.link(name, 'sign-up'));
    await this.#ask('POST', '/v1/users', { token, name: called(name), password: password(name) });
  }

  // invite mails a person an invitation to the account of another.
  async invite(owner, name, { role = 'viewer', environments = [] } = {}) {
    return this.as(owner, 'POST', '/v1/accounts/me/collaborators', { email: email(name), role, environments });
  }

  // joins accepts an invitation as somebody new, accepts as somebody known.
  async joins(name, link) {
    await this.#ask('POST', `/v1/invitations/${last(link)}/accept`, { name: called(name), password: password(name) });
  }

  async accepts(name, link) {
    await this.as(name, 'POST', `/v1/invitations/${last(link)}/accept`, {});
  }

  // link waits for a mail to a person with a link that was not taken before.
  async link(name, kind = '(?:invitations|password)') {
    const pattern = new RegExp(`https?://[^\\s"<>]+/${kind}/[A-Za-z0-9_-]+`);
    return eventually(`a new link comes to ${email(name)}`, async () => {
      for (const mail of await this.mailsTo(name)) {
        const link = mail.match(pattern)?.[0];
        if (link && !this.#taken.has(link)) {
          this.#taken.add(link);
          return link;
        }
      }
    });
  }

  // mailsTo gives the mails to a person as they were sent, the oldest first.
  async mailsTo(name) {
    const files = (await readdir(this.mails).catch(() => [])).filter((file) => file.endsWith('.eml')).sort();
    const mails = await Promise.all(files.map((file) => readFile(join(this.mails, file), 'utf8')));
    return mails.filter((mail) => /^to:.*$/im.exec(mail)?.[0].toLowerCase().includes(email(name))).map(plain);
  }

  // stop deletes what the people own, so that no node stays on the machine,
  // and ends the server.
  async stop(...owners) {
    if (!this.#process) return;
    try {
      if (!this.#ended) for (const owner of owners) await this.#clear(owner);
    } finally {
      await this.#end();
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  async #clear(owner) {
    for (const { name, state } of await this.#own(owner)) {
      if (state !== 'deleting') await this.as(owner, 'DELETE', `/v1/environments/${name}?confirm=${name}`);
    }
    await this.#cleared(owner, '');
  }

  async #own(owner, name = '') {
    return (await this.as(owner, 'GET', `/v1/environments?owner=me&limit=500&name=${name}`)).items;
  }

  // #cleared waits until nothing of it is left, also of what is being erased.
  async #cleared(owner, name) {
    await eventually(`${name || 'everything'} of ${owner} is deleted`, async () => {
      const { items } = await this.as(owner, 'GET', '/v1/environments?deleted=true&limit=500');
      return (await this.#own(owner, name)).length === 0 && items.every((e) => name && e.name !== name);
    });
  }

  async #end() {
    if (this.#ended) return;
    const closed = once(this.#process, 'close');
    this.#process.kill('SIGTERM');
    await closed;
  }
}

// last is what a link ends in.
const last = (link) => link.split('/').pop();

// plain undoes what quoted-printable did to a mail.
function plain(mail) {
  return mail.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

export async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}
