"""The environment variables of a CI job that hold secrets: guests of the job's session must not see them."""

from __future__ import annotations

import re
from collections.abc import MutableMapping

__all__ = ["looks_secret", "take_out_secrets"]

_SECRET_NAME = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY|AUTH(?!OR)|JWT|"
    r"COOKIE|DSN$|_KEY$|_PAT$|^PAT_|NETRC|WEBHOOK",
    re.IGNORECASE,
)
"""Parts of names that CI systems and their actions give to variables with secrets."""

_NOT_SECRET = frozenset({"SSH_AUTH_SOCK", "XAUTHORITY", "GPG_KEY"})
"""Names that match, but hold no secret: the path of a socket, of a file, the fingerprint in Python's images."""

_PASSWORD_IN_URL = re.compile(r"://[^/\s:@]*:[^/\s@]+@")


def looks_secret(name: str, value: str) -> bool:
    """Return whether a variable seems to hold a secret, by its name or by a URL with a password in its value."""
    if name in _NOT_SECRET:
        return False
    return _SECRET_NAME.search(name) is not None or _PASSWORD_IN_URL.search(value) is not None


def take_out_secrets(environment: MutableMapping[str, str]) -> list[str]:
    """Remove the variables that look like secrets from an environment; return their names."""
    found = sorted(name for name, value in environment.items() if looks_secret(name, value))
    for name in found:
        del environment[name]
    return found
