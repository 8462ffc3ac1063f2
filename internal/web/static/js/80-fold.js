// Remembers which sections the person has closed, in a cookie that the server
// reads, so that a closed one is closed from the first paint on.
(() => {
  'use strict';

  const year = 31536000;

  // keep writes down whether a section is open.
  function keep(key, open) {
    const closed = new Set((document.cookie.match(/(?:^|; )folded=([^;]*)/)?.[1] ?? '').split('.').filter(Boolean));
    if (open) closed.delete(key);
    else closed.add(key);
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `folded=${[...closed].slice(-50).join('.')}; Path=/environments; Max-Age=${year}; SameSite=Lax${secure}`;
  }

  document.addEventListener('toggle', (event) => {
    const key = event.target.dataset?.fold;
    if (key) keep(key, event.target.open);
  }, true);

  // What explains itself once is folded from the next visit on.
  window.addEventListener('pagehide', () => {
    for (const part of document.querySelectorAll('details[data-fold-after]')) keep(part.dataset.fold, false);
  });
})();
