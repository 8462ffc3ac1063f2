// A story is told in steps, each going on where the one before ended.
import { after, test } from 'node:test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBrowser, Person } from './browser.mjs';
import { Server } from './server.mjs';

export const results = fileURLToPath(new URL('results', import.meta.url));

// stage has a server and a browser for the tests of a file, and people who
// come to it. furnish is what is there before the tests begin. All of it is
// gone at the end, also when it cannot begin.
export async function stage({ owners = ['ana'], furnish = async () => {}, ...options } = {}) {
  const s = { people: [] };
  const end = async () => {
    await s.browser?.close();
    await s.server?.stop(...owners);
  };
  // person comes to a browser of their own; signedIn as who they are.
  s.person = async (name, { signedIn = true, ...settings } = {}) => {
    const person = await Person.at(s.browser, s.server, name, settings);
    s.people.push(person);
    if (signedIn) await person.signIn();
    return person;
  };
  try {
    s.server = await Server.start(options);
    s.browser = await openBrowser();
    await furnish(s.server);
  } catch (err) {
    await end();
    throw err;
  }
  after(end);
  return s;
}

// story tells one. When a step fails, what the people saw is kept, and the
// steps that stand on it are not told.
export function story(name, s, tell) {
  test(name, async (t) => {
    let broken = false;
    await tell(async (words, step) => {
      if (broken) return;
      await t.test(words, async (t) => {
        try {
          await step(t);
        } catch (err) {
          broken = true;
          await seen(s, words);
          throw err;
        }
        for (const person of s.people) person.faultless();
      });
    });
  });
}

// seen keeps what everybody has on their screens.
async function seen(s, words) {
  await mkdir(results, { recursive: true });
  for (const person of s.people) {
    for (const [i, page] of person.context.pages().entries()) {
      const name = `failed ${words} ${person.name} ${i}`.replace(/[^a-z0-9]+/gi, '-');
      await page.screenshot({ path: join(results, `${name}.png`), fullPage: true }).catch(() => {});
    }
  }
}
