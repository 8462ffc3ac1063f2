// The quick switcher: "/" or Ctrl-K opens it, arrows walk the answers, Enter
// in the field follows the first.
(() => {
  'use strict';

  const dialog = document.getElementById('switcher');
  if (!dialog) return;
  const query = document.getElementById('switch-query');

  const typing = (element) => element?.closest?.('input, textarea, select, [contenteditable], .xterm, .cm-editor');
  const answers = () => [...dialog.querySelectorAll('.switch-answer')];

  document.addEventListener('keydown', (event) => {
    const slash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
    const chord = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if ((!slash && !chord) || event.target.closest?.('.xterm')) return;
    if (document.querySelector('dialog[open]:not(#switcher)')) return;
    event.preventDefault();
    document.querySelector('[data-opens="switcher"]')?.click();
  });

  dialog.addEventListener('opened', () => {
    query.value = '';
    window.htmx?.trigger(query, 'opened', {}, false);
  });

  dialog.addEventListener('keydown', (event) => {
    const list = answers();
    const at = list.indexOf(document.activeElement);
    if (event.key === 'ArrowDown' && list.length) {
      event.preventDefault();
      list[Math.min(at + 1, list.length - 1)].focus();
    } else if (event.key === 'ArrowUp' && at >= 0) {
      event.preventDefault();
      (at === 0 ? query : list[at - 1]).focus();
    } else if (at >= 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      query.focus();
    }
  });

  // Enter follows the first answer to what is written now. Who types faster
  // than the answers come is taken there when they do.
  let hurried = false;
  const current = () => document.getElementById('switch-answers').dataset.query === query.value.trim();

  dialog.addEventListener('submit', (event) => {
    const first = answers()[0];
    hurried = !current();
    if (!hurried && !first) return;
    event.preventDefault();
    if (!hurried) first.click();
  });

  query.addEventListener('input', () => { hurried = false; });

  document.addEventListener('htmx:after:swap', () => {
    if (!hurried || !dialog.open || !current()) return;
    hurried = false;
    answers()[0]?.click();
  });
})();
