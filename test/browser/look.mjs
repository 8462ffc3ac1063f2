// Looking at a page as people do: on a desk and on a phone, by day and by
// night. What no page may have is looked for; what only eyes can judge is kept
// as a picture.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { results } from './story.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const screens = { desk: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };
export const themes = ['light', 'dark'];

// look opens a page on every screen and looks at it in every theme. prepare
// brings it into the state that is looked at, such as with a dialog open.
export async function look(page, name, path, { prepare = async () => {} } = {}) {
  await mkdir(results, { recursive: true });
  for (const [screen, size] of Object.entries(screens)) {
    await page.setViewportSize(size);
    await page.goto(path);
    await prepare(page);
    await settled(page);
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      await page.screenshot({ path: join(results, `${name} ${screen} ${theme}.png`), fullPage: true });
      assert.deepEqual(await violations(page), [], `${name} on a ${screen}, ${theme}`);
    }
    assert.deepEqual(await tooWide(page), [], `${name} scrolls sideways on a ${screen}`);
    assert.deepEqual(await sticksOut(page), [], `${name} has what sticks out or is cut on a ${screen}`);
  }
}

// settled waits until a live page is live and nothing is being fetched.
async function settled(page) {
  if (await page.locator('#live').count()) await page.locator('#live[data-live="connected"]').waitFor({ state: 'attached' });
  await page.locator('.htmx-request').waitFor({ state: 'detached' });
}

// violations are what axe finds, each with where and why.
export async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  // What a mail's frame holds is looked at as a page of its own.
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'], iframes: false }));
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`));
}

// sticksOut are the elements that are wider than the box they are in: over its
// edge, or cut by it.
function sticksOut(page) {
  return page.evaluate(() => {
    const boxes = '.layer, .pick, .notice, .card, .boxed, .sheet, .env-list, .stepper, .create-sum, .segment-row, .column, .button, .chip, .table td, .table th';
    const scrolls = (element) => element && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const floats = (element, box) => element !== box && (/absolute|fixed/.test(getComputedStyle(element).position) || floats(element.parentElement, box));
    const found = [];
    for (const box of document.querySelectorAll(boxes)) {
      const { left, right, width } = box.getBoundingClientRect();
      if (!width || scrolls(box) || box.closest('.unseen, dialog:not([open])')) continue;
      for (const element of box.querySelectorAll('*')) {
        const inner = element.getBoundingClientRect();
        if (!inner.width || (inner.right <= right + 1 && inner.left >= left - 1)) continue;
        if (floats(element, box) || scrolls(element.parentElement) || element.closest('.unseen, .clip, svg, :popover-open')) continue;
        found.push(`${element.outerHTML.slice(0, 90)} in ${box.className}`);
      }
    }
    return found.slice(0, 5);
  });
}

// tooWide are the outermost elements that make a page scroll sideways.
function tooWide(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const sticksOut = (element) => element && element.getBoundingClientRect().right > root.clientWidth + 0.5;
    const wide = [...document.body.querySelectorAll('*')].filter((element) => sticksOut(element) && !sticksOut(element.parentElement));
    return [`${root.scrollWidth}px`, ...wide.map((element) => element.outerHTML.slice(0, 120))];
  });
}
