// Opens drawers, confirmations and the quick switcher, and holds back a
// destructive button until the name is typed. The server checks the name too.
(() => {
  'use strict';

  function open(dialog, opener) {
    if (dialog.open) return;
    dialog.showModal();
    dialog.addEventListener('close', () => opener?.focus(), { once: true });
    dialog.dispatchEvent(new CustomEvent('opened', { bubbles: true }));
    prepare(dialog);
    const first = dialog.querySelector('[autofocus], .drawer-body :is(input, select, textarea):not([type="hidden"]), .confirm-body input, #switch-query');
    first?.focus();
  }

  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-opens]');
    if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      const dialog = document.getElementById(opener.dataset.opens);
      if (dialog instanceof HTMLDialogElement) {
        event.preventDefault();
        open(dialog, opener.closest('.menu')?.querySelector('summary') ?? opener);
        opener.closest('details.menu')?.removeAttribute('open');
      }
      return;
    }
    // The backdrop belongs to the dialog: a press on it closes what holds no
    // half-filled form.
    const dialog = event.target;
    if (dialog instanceof HTMLDialogElement && dialog.open && !dialog.querySelector('form[data-changes]')) {
      const box = dialog.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) dialog.close();
    }
  });

  // prepare disables the button of every confirmation whose name is not typed.
  function prepare(root) {
    for (const form of root.querySelectorAll('form[data-type]')) check(form);
  }

  function check(form) {
    const typed = form.elements.confirm?.value.trim() === form.dataset.type;
    const button = form.querySelector('.dialog-foot button[type="submit"]:not([formmethod])');
    if (!button) return;
    if (typed) button.removeAttribute('aria-disabled');
    else button.setAttribute('aria-disabled', 'true');
  }

  document.addEventListener('input', (event) => {
    const form = event.target.closest('form[data-type]');
    if (form) check(form);
  });

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.submitter?.getAttribute('formmethod') === 'dialog') return;
    const waits = form.dataset.type !== undefined && form.elements.confirm?.value.trim() !== form.dataset.type;
    if (waits || event.submitter?.getAttribute('aria-disabled') === 'true') {
      event.preventDefault();
      form.elements.confirm?.focus();
    }
  }, true);

  prepare(document);
})();
