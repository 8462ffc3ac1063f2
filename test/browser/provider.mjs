// A sign-in provider: the program of tools/provider with people who have a
// login there, and in front of it somebody who may change what it says.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './server.mjs';
import { eventually } from './wait.mjs';

const program = fileURLToPath(new URL('../../bin/provider', import.meta.url));

export class Provider {
  secret = 'what the provider and Holm both know';
  #process;
  #said = '';

  // listen takes the address that the provider is known by. Nobody answers
  // behind it before open.
  static async listen() {
    const p = new Provider();
    p.folder = await mkdtemp(join(tmpdir(), 'holm-provider-'));
    p.port = await freePort();
    p.front = createServer((asked, answer) => p.#pass(asked, answer).catch((err) => answer.writeHead(502).end(String(err)))).listen(0, '127.0.0.1');
    await once(p.front, 'listening');
    p.issuer = `http://127.0.0.1:${p.front.address().port}/`;
    p.secretFile = join(p.folder, 'secret');
    await writeFile(p.secretFile, p.secret);
    return p;
  }

  // open starts the program. people have a login there; it leads back to the
  // addresses in back.
  async open(people, back) {
    const users = Object.fromEntries(people.map((one) => [one.id, { ID: one.id, Username: one.id, Password: Provider.password(one.id), FirstName: one.name, LastName: 'Example', Email: one.email, EmailVerified: one.verified, PreferredLanguage: 'en' }]));
    await writeFile(join(this.folder, 'users.json'), JSON.stringify(users));
    this.#process = spawn(program, ['--listen', `127.0.0.1:${this.port}`, '--issuer', this.issuer, '--users', join(this.folder, 'users.json'), '--secret', this.secret, '--back', back.join(',')], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process.stderr.on('data', (text) => (this.#said += text));
    this.#process.on('error', (err) => (this.#said += `${err}; run make bin/provider`));
    await eventually('the sign-in provider answers', async () => {
      if (this.#said) throw new Error(this.#said);
      return (await fetch(`${this.issuer}.well-known/openid-configuration`).catch(() => null))?.ok;
    });
  }

  static password = (id) => `${id} at the provider`;

  // twist changes the next answer with tokens on its way to Holm.
  twist(change) {
    this.twisted = change;
  }

  async #pass(asked, answer) {
    const chunks = [];
    for await (const chunk of asked) chunks.push(chunk);
    const sent = request({ host: '127.0.0.1', port: this.port, method: asked.method, path: asked.url, headers: asked.headers });
    sent.end(Buffer.concat(chunks));
    const [said] = await once(sent, 'response');
    const parts = [];
    for await (const part of said) parts.push(part);
    let body = Buffer.concat(parts);
    if (this.twisted && asked.url === '/oauth/token') {
      body = Buffer.from(JSON.stringify(this.twisted(JSON.parse(body))));
      this.twisted = undefined;
    }
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = said.headers;
    answer.writeHead(said.statusCode, { ...headers, 'content-length': body.length }).end(body);
  }

  // letsIn signs somebody in there, without a browser, and gives the address
  // that it leads back to.
  async letsIn(id, start) {
    const login = await fetch(start, { redirect: 'manual' });
    const page = new URL(login.headers.get('location'), this.issuer);
    const done = await fetch(page, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ username: id, password: Provider.password(id), id: page.searchParams.get('authRequestID') }) });
    const back = await fetch(new URL(done.headers.get('location'), this.issuer), { redirect: 'manual' });
    return new URL(back.headers.get('location'));
  }

  // token gives what one of the clients is told of somebody who signs in.
  async token(client, id, nonce, back) {
    const start = new URL('auth', this.issuer);
    start.search = new URLSearchParams({ client_id: client, redirect_uri: back, response_type: 'code', scope: 'openid email profile', state: 'own', nonce });
    const code = (await this.letsIn(id, start)).searchParams.get('code');
    const answer = await fetch(`${this.issuer}oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${encodeURIComponent(client)}:${encodeURIComponent(this.secret)}`)}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: back }),
    });
    if (!answer.ok) throw new Error(`no token for ${client}: ${await answer.text()}`);
    return answer.json();
  }

  async close() {
    this.front.close();
    this.front.closeAllConnections();
    if (this.#process?.exitCode === null) {
      const ended = once(this.#process, 'close');
      this.#process.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
