"""The user name by which a host logs in, and the statement by which it names its gateway. Pure.

A host of another machine logs in as `host`, or as `host.` and the public half of a key that its process has made
(Ed25519). The SSH login signs the user name. So the owner's key certifies the session's key, without another question
to an agent. With that key the host says for which names it is here, to a gateway that wants to know: see
`gateway.relay.key_logins`.
"""

from __future__ import annotations

import base64
import re

from pairterm.access.user_names import HOST_USER

__all__ = ["SESSION_KEY_BYTES", "home_statement", "host_user", "is_host_user", "session_key_of"]

SESSION_KEY_BYTES = 32

_FORM = re.compile(rf"{HOST_USER}\.([a-z2-7]{{52}})")


def host_user(session_key: bytes) -> str:
    """Return the user name of a host with this public key; the plain one for b""."""
    if not session_key:
        return HOST_USER
    return f"{HOST_USER}.{base64.b32encode(session_key).decode().rstrip('=').lower()}"


def is_host_user(text: str) -> bool:
    """Return whether a user name is a host's. A guest's never is."""
    return text == HOST_USER or _FORM.fullmatch(text) is not None


def session_key_of(user: str) -> bytes:
    """Return the public key in a host's user name; b"" if there is none."""
    found = _FORM.fullmatch(user)
    return base64.b32decode(found[1].upper() + "====") if found is not None else b""


def home_statement(*, asking: str, home: str, nonce: bytes, name: str, fixed_name: str) -> bytes:
    """Return what a host signs: I am at the gateway `home` now, with these names. `asking` is the other gateway."""
    said = (b"pairterm home", asking.encode(), home.encode(), name.encode(), fixed_name.encode())
    return b"\0".join(said) + b"\0" + nonce
