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

  dialog.addEventListener('submit', (event) => {
    const first = answers()[0];
    if (!first) return;
    event.preventDefault();
    first.click();
  });
})();
