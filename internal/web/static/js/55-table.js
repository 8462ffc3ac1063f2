// Tables of choices: narrows the rows to those that fit a word, and sets all
// that are shown at once. Both only where every row is on the page; else the
// server does it.
(() => {
  'use strict';

  const rowsOf = (id) => [...(document.getElementById(id)?.querySelectorAll('tbody > tr') ?? [])];

  function narrow(input) {
    const word = input.value.trim().toLowerCase();
    for (const row of rowsOf(input.dataset.narrows)) {
      const name = row.querySelector('th')?.textContent.toLowerCase() ?? '';
      row.hidden = !name.includes(word);
    }
  }

  document.addEventListener('input', (event) => {
    if (event.target.matches?.('[data-narrows]')) narrow(event.target);
  });

  document.addEventListener('submit', (event) => {
    const input = event.target.querySelector?.('[data-narrows]');
    if (!input) return;
    event.preventDefault();
    narrow(input);
  });

  document.addEventListener('htmx:after:swap', () => {
    for (const input of document.querySelectorAll('[data-narrows]')) if (input.value) narrow(input);
  });

  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-set-all]');
    if (!button?.form) return;
    event.preventDefault();
    let last;
    for (const control of button.form.elements) {
      if (control.disabled || !control.name.startsWith(button.dataset.setAll) || control.closest('tr')?.hidden) continue;
      if (control instanceof HTMLSelectElement) control.value = button.value;
      else if (control.type === 'radio' && control.value === button.value) control.checked = true;
      else continue;
      last = control;
    }
    last?.dispatchEvent(new Event('change', { bubbles: true }));
  });
})();
