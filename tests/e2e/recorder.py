"""A program for sessions that records all that reaches it: each byte it reads and each signal it gets.

    python recorder.py RECORD

It reads its terminal raw, prints `recording` when it is ready and answers the
byte `!` with `mark` and a number, so that a test knows what has arrived. Signals
are recorded as `<SIGNAME>`, a terminal that hangs up as `<EOF>`.
"""

from __future__ import annotations

import os
import signal
import sys
import tty
from pathlib import Path

__all__ = ["RECORDER"]

RECORDER = Path(__file__)

_SIGNALS = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGTSTP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGPIPE")


def _main(path: str) -> None:
    record = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(number: int, _: object) -> None:
        os.write(record, f"<{signal.Signals(number).name}>".encode())

    for name in _SIGNALS:
        signal.signal(getattr(signal, name), note)
    tty.setraw(0)
    os.write(1, b"recording\r\n")
    marks = 0
    while data := os.read(0, 65536):
        os.write(record, data)
        for _ in range(data.count(b"!")):
            marks += 1
            os.write(1, f"mark {marks}\r\n".encode())
    os.write(record, b"<EOF>")


if __name__ == "__main__":
    _main(sys.argv[1])
