// The browser, and people at it. Each has a context of their own, as on a
// machine of their own. What a page should not do, such as writing an error to
// the console, is kept and told at the end.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { email, password } from './server.mjs';
import { patience } from './wait.mjs';

const options = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function openBrowser() {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: options, timeout: patience });
}

// Person is somebody at a browser. page is their first page.
export class Person {
  #faults = [];
  #expected = [];

  static async at(browser, server, name, settings = {}) {
    const person = new Person();
    Object.assign(person, { name, server, email: email(name), password: password(name) });
    person.context = await browser.newContext({ baseURL: server.url, viewport: { width: 1280, height: 800 }, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce', ...settings });
    person.context.setDefaultTimeout(patience);
    person.context.on('page', (page) => person.#watch(page));
    person.page = await person.context.newPage();
    return person;
  }

  #watch(page) {
    page.on('console', (message) => message.type() === 'error' && this.#fault(page, message.text()));
    page.on('pageerror', (err) => this.#fault(page, err));
    page.on('dialog', (dialog) => this.#asked(dialog));
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== 'data:' && hostname !== '127.0.0.1' && hostname !== 'localhost' && !hostname.endsWith('.localhost')) this.#fault(page, `asks ${request.url()}`);
    });
  }

  // What environments serve is not the dashboard's fault.
  #fault(page, what) {
    const text = `${page.url()}: ${what}`;
    if (!new URL(page.url()).hostname.endsWith('.localhost') && !this.#expected.some((pattern) => pattern.test(text))) this.#faults.push(text);
  }

  // The browser asks before it leaves a page with unsaved changes. Whoever does
  // not say otherwise goes.
  #asked(dialog) {
    if (this.stays) this.stays(dialog);
    else dialog.accept();
  }

  // expects says which errors belong to what is tested: the browser itself
  // writes one for each answer that is none.
  expects(pattern) {
    this.#expected.push(pattern);
  }

  // faultless fails when a page of this person did what it should not.
  faultless() {
    assert.deepEqual(this.#faults.splice(0), []);
  }

  // open opens one more page beside the first.
  async open(path) {
    const page = await this.context.newPage();
    await page.goto(path);
    return page;
  }

  async signIn(page = this.page) {
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(this.email);
    await page.getByLabel('Password').fill(this.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/environments');
  }
}

// loadedOnce marks a page; what it gives says whether the page still is the
// same, so that a test sees that something came live.
export async function loadedOnce(page) {
  await page.evaluate(() => (window.sameAsBefore = true));
  return () => page.evaluate(() => window.sameAsBefore === true);
}
