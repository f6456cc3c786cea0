"""Whether this command runs inside a session. It imports next to nothing, so that every command can use it."""

from __future__ import annotations

import os

from pairterm.errors import UsageError

__all__ = ["check_not_nested", "session_around"]


def check_not_nested() -> None:
    """Check that this command does not run inside a session.

    Raises:
        UsageError: It does.
    """
    if os.environ.get("PAIRTERM"):
        raise UsageError("sessions should be nested with care, unset $PAIRTERM to force", code="nested")


def session_around() -> str:
    """Return the name of the session that we run in; "" outside of one."""
    socket_path = os.environ.get("PAIRTERM", "").rpartition(",")[0]
    return os.path.basename(socket_path).removesuffix(".sock")
