// Changes the theme without a round trip. The cookie is the one that
// layout.ServeTheme sets, so that the server renders the choice next time.
(() => {
  'use strict';

  document.addEventListener('submit', (event) => {
    const form = event.target.closest('[data-theme-form]');
    if (!form || !event.submitter) return;
    event.preventDefault();
    const theme = event.submitter.value;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    for (const button of form.querySelectorAll('button[name="theme"]')) {
      button.setAttribute('aria-pressed', String(button === event.submitter));
    }
  });
})();
