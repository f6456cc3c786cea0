"""Logging as all our processes do it: to standard error, with no token in it."""

from __future__ import annotations

import logging

__all__ = ["log_to_stderr"]


def log_to_stderr(level: int) -> None:
    """Begin to log at `level`.

    asyncssh prints user names at INFO, and with us a user name is a token: it may say no more than warnings.
    """
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
