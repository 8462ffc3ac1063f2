// Follows the page's event stream. Events say only what changed; the page then
// asks again for the regions that show it, with the rights it has by then.
//
//   changed  topics that changed, separated by spaces
//   resync   the stream cannot say what was missed: every region asks again
//   notice   {"text": …, "href": …}: something happened elsewhere
//   gone     the right to be here ended: the page empties itself at once and
//            leaves for where data-gone says, or loads again
(() => {
  'use strict';

  const words = { connected: 'Live', behind: 'Catching up', ended: 'Not live' };

  // What is seen may be old when the stream is broken for longer than a moment.
  const moment = 3000;
  const unreachable = 'Holm cannot be reached. What you see may be old; it is tried again until it answers.';
  let late = 0;

  function reachable(yes) {
    const offline = document.getElementById('offline');
    const text = yes ? '' : unreachable;
    if (offline && offline.textContent !== text) offline.textContent = text;
    document.documentElement.toggleAttribute('data-offline', !yes);
  }

  function say(state) {
    const live = document.getElementById('live');
    if (!live || live.dataset.live === state) return;
    clearTimeout(late);
    if (state === 'connected') reachable(true);
    else if (state === 'behind') late = setTimeout(() => reachable(false), moment);
    live.dataset.live = state;
    live.title = words[state];
    live.querySelector('.live-words').textContent = words[state];
  }

  document.addEventListener('htmx:sse:after:connection', (event) => say(event.detail.connection.status < 400 ? 'connected' : 'behind'));
  document.addEventListener('htmx:sse:error', () => say('behind'));
  document.addEventListener('htmx:sse:before:connection', (event) => event.detail.connection.attempt > 0 && say('behind'));
  document.addEventListener('htmx:sse:close', () => say('ended'));

  // What was sent and got no answer, or none that a page can show.
  const ofItself = (element) => element?.matches?.('#live, [data-topics]') || element?.closest?.('.savebar, .switcher');

  document.addEventListener('htmx:error', (event) => {
    const element = event.detail.ctx?.sourceElement;
    if (element?.id === 'live') {
      say('ended');
      reachable(false);
    } else if (element?.matches?.('[data-topics]')) say('behind');
    else if (element && !ofItself(element)) toast('Holm did not answer. Look whether it was done before you try again.');
  });

  document.addEventListener('htmx:before:response', (event) => {
    const { sourceElement: element, response } = event.detail.ctx;
    if (element.matches?.('[data-topics]') || element.id === 'live') return; // see below
    if (response.raw.redirected && new URL(response.raw.url).pathname === '/sign-in') {
      event.preventDefault();
      location.reload(); // who is signed out is asked to sign in, and comes back here
    } else if (response.status >= 500 || response.status === 429) {
      event.preventDefault();
      if (!ofItself(element)) toast(response.status === 429 ? 'That was asked too often. Wait a little, then try again.' : 'Something went wrong. Look whether it was done before you try again.');
    }
  });

  // A form that is sent into the void would take the page, and what was chosen
  // in it, with it.
  document.addEventListener('submit', (event) => {
    if (!document.documentElement.hasAttribute('data-offline') || event.target.method !== 'post' || event.submitter?.getAttribute('formmethod') === 'dialog') return;
    event.preventDefault();
    event.stopPropagation();
    toast('Not sent: Holm cannot be reached. What you chose stays here.');
  }, true);

  // After a failed refresh, the next one that works has caught up.
  document.addEventListener('htmx:after:swap', (event) => {
    const region = event.detail.ctx?.sourceElement;
    if (region?.matches?.('[data-topics]') && document.getElementById('live')?._htmx?.sse?.attempt === 0) say('connected');
  });

  // Several events in a moment ask once.
  const due = new Set();
  let timer = 0;

  function refresh(regions) {
    for (const region of regions) due.add(region);
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const region of due) if (region.isConnected) window.htmx.trigger(region, 'refresh', {}, false);
      due.clear();
    }, 80);
  }

  document.addEventListener('changed', (event) => {
    const topics = String(event.detail?.data ?? '').split(/\s+/).filter(Boolean);
    const regions = topics.flatMap((topic) => [...document.querySelectorAll(`[data-topics~="${CSS.escape(topic)}"]`)]);
    refresh(regions);
  });

  document.addEventListener('resync', () => refresh(document.querySelectorAll('[data-topics]')));
  document.addEventListener('gone', leave);

  // A form that was just sent leads somewhere by itself, and its answer says
  // more than the page for what is gone.
  let sent = false;
  document.addEventListener('submit', (event) => setTimeout(() => (sent = !event.defaultPrevented && event.target.method === 'post')));
  window.addEventListener('pageshow', () => (sent = false));

  function leave() {
    const to = document.querySelector('[data-gone]')?.dataset.gone;
    document.querySelector('#main > .column')?.replaceChildren();
    for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
    if (sent) return;
    if (to?.startsWith('/')) location.replace(to);
    else location.reload();
  }

  // A region that may no longer be seen is never left standing as it was. A part
  // of the page goes away; when it is the page itself, the page loads again and
  // says what happened. A failing server changes nothing.
  document.addEventListener('htmx:before:response', (event) => {
    const { sourceElement: region, response } = event.detail.ctx;
    if (!region.matches?.('[data-topics]') || (response.status < 400 && !response.raw.redirected)) return;
    event.preventDefault();
    if (response.status >= 500 || response.status === 429) return say('behind');
    const url = new URL(region.getAttribute('hx-get'), location.href);
    if ((response.status === 404 || response.status === 410) && url.pathname !== location.pathname) region.remove();
    else leave();
  });

  document.addEventListener('notice', (event) => {
    let notice;
    try {
      notice = JSON.parse(event.detail.data);
    } catch {
      return;
    }
    toast(String(notice.text ?? ''), notice.href);
  });

  function toast(text, href) {
    const toasts = document.getElementById('toasts');
    if (!toasts || !text) return;
    const box = document.createElement('div');
    box.className = 'toast';
    const line = document.createElement('span');
    line.textContent = text;
    box.append(line);
    if (typeof href === 'string' && href.startsWith('/') && !href.startsWith('//')) {
      const link = document.createElement('a');
      link.className = 'button small quiet';
      link.href = href;
      link.textContent = 'Show';
      box.append(link);
    }
    toasts.append(box);
    while (toasts.children.length > 3) toasts.firstElementChild.remove();
    setTimeout(() => box.remove(), 8000);
  }
})();
