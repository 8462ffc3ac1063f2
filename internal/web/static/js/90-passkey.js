// Passkeys: a form with data-passkey asks the server for a challenge, the
// device for its answer, and is sent with it. Where passkeys do not work, the
// page says why.
(() => {
  'use strict';

  const works = (origin) => Boolean(window.isSecureContext && window.PublicKeyCredential?.parseRequestOptionsFromJSON) && location.origin === origin;

  for (const place of document.querySelectorAll('[data-passkey-origin]')) {
    const can = works(place.dataset.passkeyOrigin);
    for (const part of place.querySelectorAll('[data-passkey-when]')) part.hidden = (part.dataset.passkeyWhen === 'works') !== can;
  }

  const sentences = {
    NotAllowedError: 'The device did not answer: it was cancelled, or took too long. Try again.',
    InvalidStateError: 'This device has a passkey of this login already.',
    SecurityError: 'Passkeys do not work at this address of the dashboard.',
  };

  function tell(form, text) {
    const place = form.querySelector('[data-passkey-said]');
    place.hidden = text === '';
    place.querySelector('p').textContent = text;
  }

  async function challenge(form) {
    const response = await fetch(form.dataset.passkeyAsk, { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(new FormData(form)) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail);
    return answer;
  }

  async function answer(form) {
    const { state, options } = await challenge(form);
    const publicKey = form.dataset.passkey === 'create'
      ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
      : PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await (form.dataset.passkey === 'create' ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
    form.elements.state.value = state;
    form.elements.credential.value = JSON.stringify(credential.toJSON());
  }

  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (!form.dataset.passkey || form.elements.credential.value !== '') return;
    event.preventDefault();
    const button = event.submitter;
    button?.setAttribute('aria-busy', 'true');
    tell(form, '');
    try {
      await answer(form);
      form.submit();
    } catch (problem) {
      tell(form, sentences[problem.name] ?? problem.message);
      button?.removeAttribute('aria-busy');
    }
  });
})();
