// When to dial again after a loss: growing pauses, each with some chance in it, so that a restarted gateway does not get
// all its guests in the same moment.

const FIRST_MS = 250;
const LAST_MS = 15_000;

export class RedialPauses {
  private failures = 0;

  /** `chance` returns a number from 0 up to 1. */
  constructor(private readonly chance: () => number = Math.random) {}

  /** Return the pause before the next dial, in milliseconds. */
  next(): number {
    const most = Math.min(LAST_MS, FIRST_MS * 2 ** this.failures);
    this.failures += 1;
    return Math.round(most * (0.5 + this.chance() / 2));
  }

  /** Begin again with short pauses: the guest is in, or the network has just come back. */
  reset(): void {
    this.failures = 0;
  }
}
