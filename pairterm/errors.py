"""The error tree: who is to blame, and what the person reads.

Every error has a stable `code` (for `--json`, logs and tests) and a message of
one line that says what to do. Terminal content never raises; a peer that breaks
a rule costs its own link and nothing else.
"""

__all__ = ["PairtermError", "PeerError", "SystemFault", "UsageError"]


class PairtermError(Exception):
    """Base of all errors of ours: a one-line message and a stable code."""

    exit_status = 1

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class PeerError(PairtermError):
    """The other side of a link or connection broke a rule: drop it, keep the session."""


class UsageError(PairtermError):
    """The person asked for what can't be: the message says what to do instead."""

    exit_status = 2


class SystemFault(PairtermError):  # noqa: N818 -- a fault of the machine, not an error of the person
    """The pty, the disk, the network or the machine refused."""
