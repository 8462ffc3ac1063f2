// Remembers which sections the person has closed, in a cookie that the server
// reads, so that a closed one is closed from the first paint on.
(() => {
  'use strict';

  const year = 31536000;

  document.addEventListener('toggle', (event) => {
    const key = event.target.dataset?.fold;
    if (!key) return;
    const closed = new Set((document.cookie.match(/(?:^|; )folded=([^;]*)/)?.[1] ?? '').split('.').filter(Boolean));
    if (event.target.open) closed.delete(key);
    else closed.add(key);
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `folded=${[...closed].slice(-50).join('.')}; Path=/environments; Max-Age=${year}; SameSite=Lax${secure}`;
  }, true);
})();
