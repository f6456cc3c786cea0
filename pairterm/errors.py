"""The exceptions of pairterm. The type says who caused the error, and the message says what to do.

Every error has a message of one line, and a stable `code` for `--json`, logs and tests. The
output of a program never raises one. A peer that breaks a rule loses its own link, and
nothing else happens.
"""

__all__ = ["PairtermError", "PeerError", "SystemFault", "UsageError"]


class PairtermError(Exception):
    """The base of all errors: a message of one line and a stable code."""

    exit_status = 1

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class PeerError(PairtermError):
    """The other side of a link or connection broke a rule. The link is dropped, and the session goes on."""


class UsageError(PairtermError):
    """The user asked for something impossible. The message says what to do instead."""

    exit_status = 2


class SystemFault(PairtermError):  # noqa: N818 -- a fault of the machine, not an error of the person
    """The pty, the disk, the network or another part of the machine failed."""
