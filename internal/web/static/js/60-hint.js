// Hints, menus and copy buttons.
(() => {
  'use strict';

  // Escape hides a hint without moving the focus; it comes back on return.
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const host of document.querySelectorAll('.tip-host:is(:hover, :focus-within)')) {
      host.dataset.dismissed = '';
    }
    const menu = document.querySelector('details.menu[open]');
    if (menu) {
      menu.removeAttribute('open');
      menu.querySelector('summary').focus();
    }
  });

  for (const leaving of ['pointerout', 'focusout']) {
    document.addEventListener(leaving, (event) => {
      const host = event.target.closest?.('.tip-host');
      if (host && !host.contains(event.relatedTarget)) delete host.dataset.dismissed;
    });
  }

  document.addEventListener('click', (event) => {
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      const chosen = event.target.closest('.menu-list a, .menu-list button:not([aria-disabled]):not([name="theme"])');
      if (chosen && menu.contains(chosen)) menu.querySelector('summary').focus(); // what is chosen goes out of sight
      if (!menu.contains(event.target) || (chosen && menu.contains(chosen))) menu.removeAttribute('open');
    }
  });

  // Arrows walk an open menu.
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const menu = event.target.closest?.('details.menu[open]');
    if (!menu) return;
    const items = [...menu.querySelectorAll('.menu-list :is(a, button)')].filter((item) => item.offsetParent);
    if (!items.length) return;
    event.preventDefault();
    const at = items.indexOf(document.activeElement);
    const step = event.key === 'ArrowDown' ? 1 : -1;
    items[at < 0 ? (step > 0 ? 0 : items.length - 1) : (at + step + items.length) % items.length].focus();
  });

  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-copy]');
    const source = button?.closest('.copy').querySelector('code');
    if (!source) return;
    const said = button.querySelector('[data-said]');
    const before = said.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent);
      said.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(source);
      said.textContent = 'Selected';
    }
    button.dataset.copied = '';
    setTimeout(() => {
      delete button.dataset.copied;
      said.textContent = before;
    }, 1500);
  });
})();
