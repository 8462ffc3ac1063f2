// Waiting for what no page shows: files, other programs.
import { setTimeout as pause } from 'node:timers/promises';

// patience is the longest that a test waits for anything, in milliseconds. A
// machine that does much else at once needs it.
export const patience = 30_000;

// eventually asks until the answer is true, and gives it.
export async function eventually(what, ask) {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await pause(20);
  }
}
