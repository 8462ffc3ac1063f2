// Keeps relative times true while the page is open. The words are those of
// part.Relative, so that a refresh from the server changes nothing.
(() => {
  'use strict';

  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

  function relative(at, now) {
    const ahead = at > now;
    const seconds = Math.abs(now - at) / 1000;
    if (seconds < 45) return ahead ? 'in a moment' : 'just now';
    let words;
    const whole = ahead ? Math.round : Math.floor; // what was given for 7 days ends in 7 days
    const minutes = whole(seconds / 60);
    const hours = whole(seconds / 3600);
    const days = whole(seconds / 86400);
    if (minutes < 60) words = `${Math.max(1, minutes)} min`;
    else if (hours < 24) words = `${hours} h`;
    else if (seconds < 31 * 86400) words = days === 1 ? '1 day' : `${days} days`;
    else {
      const date = new Date(at);
      return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
    }
    return ahead ? `in ${words}` : `${words} ago`;
  }

  function refresh() {
    const now = Date.now();
    for (const time of document.querySelectorAll('time[data-relative]')) {
      const words = relative(Date.parse(time.dateTime), now);
      if (time.textContent !== words) time.textContent = words;
    }
  }

  refresh();
  setInterval(refresh, 20000);
  document.addEventListener('visibilitychange', () => document.hidden || refresh());
})();
