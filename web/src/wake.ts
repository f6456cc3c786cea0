// The moment when a computer wakes from sleep: its lines are dead by then, and neither side has noticed.

const TICK_MS = 2_000;

const SLEPT_MS = 15_000;

/** Call `act` when the clock has jumped ahead while the page was in sight. Hidden pages have slow timers, so they do not count. */
export function onWake(act: () => void): void {
  let lastMs = Date.now();
  const look = (): void => {
    const nowMs = Date.now();
    const hasSlept = nowMs - lastMs > SLEPT_MS;
    lastMs = nowMs;
    if (hasSlept && document.visibilityState === "visible") act();
  };
  setInterval(look, TICK_MS);
  document.addEventListener("visibilitychange", () => (lastMs = Date.now()));
}
