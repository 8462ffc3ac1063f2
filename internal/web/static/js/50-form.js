// Steppers, and the bar that counts a form's unsaved changes and keeps them from
// being lost.
(() => {
  'use strict';

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-step]');
    const input = button?.parentElement.querySelector('input[type="number"]');
    if (!input) return;
    const before = input.value;
    if (button.dataset.step === '1') input.stepUp();
    else input.stepDown();
    if (input.value === before) return;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });

  function bound(input) {
    const [less, more] = input.parentElement.querySelectorAll('[data-step]');
    if (!less || !more) return;
    const value = input.valueAsNumber;
    less.disabled = value <= Number(input.min);
    more.disabled = value >= Number(input.max);
  }

  // before gives what is stored where the server sent something else: a choice
  // that could not be saved yet. A group of radios says it once, a box with yes or no.
  const before = (control) => (control.type === 'radio' ? control.closest('fieldset') : control)?.dataset.was;

  // changed says whether a control differs from what is stored.
  function changed(control) {
    const was = before(control);
    if (was !== undefined && control.type === 'checkbox') return control.checked !== (was === 'yes');
    if (was !== undefined) return control.type === 'radio' ? control.checked && control.value !== was : control.value !== was;
    if (control.type === 'checkbox' || control.type === 'radio') return control.checked !== control.defaultChecked;
    if (control.type === 'file') return control.files.length > 0;
    if (control instanceof HTMLSelectElement) {
      const options = [...control.options];
      const chosen = options.some((option) => option.defaultSelected);
      return options.some((option, i) => option.selected !== (chosen ? option.defaultSelected : i === 0));
    }
    return control.value !== control.defaultValue;
  }

  // count gives how many changes there are: a row of a table is one, whatever
  // changed in it, and so is a group of radios.
  function count(form) {
    const found = new Set();
    const rows = new Set();
    for (const control of form.elements) {
      if (!control.name || control.type === 'hidden' || control.disabled || !('defaultValue' in control || control instanceof HTMLSelectElement)) continue;
      const row = control.closest('tr, [data-row]');
      if (row) rows.add(row);
      if (!changed(control)) continue;
      found.add(row ?? control.name + (control.type === 'checkbox' ? `=${control.value}` : ''));
      if (row) row.dataset.fresh = '';
    }
    for (const row of rows) {
      row.classList.toggle('changed', row.dataset.fresh !== undefined);
      delete row.dataset.fresh;
    }
    return found.size;
  }

  function show(bar) {
    const form = document.getElementById(bar.dataset.savebar);
    if (!form) return;
    const changes = count(form);
    if (changes) form.dataset.changes = changes;
    else delete form.dataset.changes;
    bar.toggleAttribute('data-shown', changes > 0);
    bar.querySelector('[data-count]').textContent = changes === 1 ? '1 change' : `${changes} changes`;
    return changes;
  }

  const waiting = new WeakMap();

  function preview(bar) {
    const target = document.getElementById(`${bar.dataset.savebar}-preview`);
    if (!target?.hasAttribute('hx-post')) return;
    clearTimeout(waiting.get(bar));
    waiting.set(bar, setTimeout(() => window.htmx?.trigger(target, 'preview'), 250));
  }

  const barOf = (form) => form?.id && document.querySelector(`[data-savebar="${CSS.escape(form.id)}"]`);

  function follow(event) {
    if (event.target.matches?.('.stepper > input')) bound(event.target);
    const bar = barOf(event.target.form);
    if (bar && show(bar)) preview(bar);
  }

  document.addEventListener('input', follow);
  document.addEventListener('change', follow);
  document.addEventListener('reset', (event) => setTimeout(() => {
    for (const control of event.target.elements) {
      const was = before(control);
      if (was === undefined) continue;
      if (control.type === 'radio') control.checked = control.value === was;
      else if (control.type === 'checkbox') control.checked = was === 'yes';
      else control.value = was;
    }
    const bar = barOf(event.target);
    if (bar) show(bar);
    for (const input of event.target.querySelectorAll('.stepper > input')) bound(input);
  }));

  function prepare() {
    for (const bar of document.querySelectorAll('[data-savebar]')) if (show(bar)) preview(bar);
    for (const input of document.querySelectorAll('.stepper > input')) bound(input);
  }

  // Whoever comes back to a page finds what they filled in, since the browser
  // kept it; what the page makes of it is asked for again, once the browser has
  // filled it in and htmx listens.
  const once = (target, name) => new Promise((done) => target.addEventListener(name, done, { once: true }));
  Promise.all([once(window, 'pageshow'), once(document, 'htmx:after:process')]).then(() => {
    for (const form of document.querySelectorAll('form[data-follows]')) {
      for (const input of form.querySelectorAll('.stepper > input')) bound(input);
      if (count(form)) form.dispatchEvent(new Event('change', { bubbles: true }));
    }
  });

  document.addEventListener('htmx:after:swap', prepare);
  prepare();

  let sent = null; // the form that takes its changes with it

  // A page that comes back from the browser's memory shows what was chosen when
  // it was left, over what was stored then: it is loaded again. Where only the
  // form was kept, it says what differs.
  window.addEventListener('pageshow', (event) => {
    sent = null;
    if (!event.persisted || !document.querySelector('[data-savebar]')) return prepare();
    for (const form of document.querySelectorAll('form[data-changes]')) delete form.dataset.changes;
    location.reload();
  });

  // Whoever leaves with changes that are not saved is asked first.
  window.addEventListener('submit', (event) => {
    if (!event.defaultPrevented) sent = event.target;
  });
  window.addEventListener('beforeunload', (event) => {
    if ([...document.querySelectorAll('form[data-changes]')].some((form) => form !== sent)) event.preventDefault();
  });
})();
