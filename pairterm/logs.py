"""Logging as all our processes do it: to standard error, with no token in it."""

from __future__ import annotations

import json
import logging
import time

__all__ = ["log_to_stderr"]


class _JsonLines(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        found = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            found["traceback"] = self.formatException(record.exc_info)
        return json.dumps(found)


def log_to_stderr(level: int, *, as_json: bool = False) -> None:
    """Begin to log at `level`, as text or as JSON.

    asyncssh prints user names at INFO, and with us a user name is a token: it may say no more than warnings.
    """
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if as_json:
        for handler in logging.getLogger().handlers:
            handler.setFormatter(_JsonLines())
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
