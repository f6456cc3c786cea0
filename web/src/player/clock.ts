// The clock of the player: position, speed, pause and idle limit. It knows no other clock: the time now is an argument.
// Times are seconds. It does the same as pairterm's player in the terminal (pairterm/record/player_clock.py).

export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4, 8, 16];

/** Return how many of the sorted times are not after `time`. */
export function countUntil(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Clock {
  position = 0;
  speed = 1;
  isPaused = true;
  /** No pause of the recording is played for longer than this; null: each is played whole. */
  idleLimit: number | null = null;
  private last: number | null = null;

  /** `times` of all events, in order. */
  constructor(private readonly times: readonly number[]) {}

  get end(): number {
    return this.times[this.times.length - 1] ?? 0;
  }

  get isAtEnd(): boolean {
    return this.position >= this.end;
  }

  /** Return the position at a time of the page's clock. It stops at the end. */
  advance(now: number): number {
    const passed = this.last === null || this.isPaused ? 0 : (now - this.last) * this.speed;
    this.last = now;
    this.position = Math.min(this.position + Math.max(0, passed), this.end);
    if (this.idleLimit !== null && !this.isPaused) {
      const at = countUntil(this.times, this.position);
      const next = this.times[at];
      const before = this.times[at - 1] ?? 0;
      if (next !== undefined && this.position >= before + this.idleLimit * this.speed) this.position = next;
    }
    return this.position;
  }

  seek(position: number): void {
    this.position = Math.min(Math.max(0, position), this.end);
  }

  /** Take the next speed, or with a negative number a slower one. */
  faster(steps: number): void {
    const now = SPEEDS.indexOf(this.speed);
    this.speed = SPEEDS[Math.min(Math.max(0, now + steps), SPEEDS.length - 1)] ?? 1;
  }
}
