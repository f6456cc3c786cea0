"""A `top`-like program for the bench: a busy screen, so many times a second, that says when it was drawn.

Run as a program: `python screen.py FRAMES_PER_S`. The first row holds the machine's
monotonic clock, so whoever shows the screen can tell its age.
"""

from __future__ import annotations

import os
import random
import sys
import time


def main() -> None:
    """Draw until the terminal is gone or told to stop."""
    interval_s = 1 / float(sys.argv[1])
    cols, rows = os.get_terminal_size()
    random.seed(1)
    next_s = time.monotonic()
    while True:
        out = ["\x1b[H", f"@{time.monotonic():.4f} load {random.random():5.2f} {random.random():5.2f}\x1b[K\r\n"]
        for row in range(rows - 2):
            line = f"{1000 + row:7} user  20   0 {random.randrange(10**6):8} {random.random() * 100:5.1f} python{row}"
            out.append(f"\x1b[{7 if row == 5 else 0}m{line[: cols - 1]}\x1b[m\x1b[K\r\n")
        sys.stdout.write("".join(out))
        sys.stdout.flush()
        next_s += interval_s
        time.sleep(max(0.0, next_s - time.monotonic()))


if __name__ == "__main__":
    main()
