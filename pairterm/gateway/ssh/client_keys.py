"""The public keys of one connection: reports to its `Admission` which key a client tried and which one it proved.

asyncssh checks signatures, certificates, principals and dates. It tells a server which key
a client asks about, but not which one the client proved. A key counts when a signature by
it was right, not when it was offered. If a key opens nothing here, other gateways are asked (`KeysElsewhere`).
"""

from __future__ import annotations

from typing import Any

import asyncssh

from pairterm.access.gateway_admission import Admission
from pairterm.access.host_login import is_host_user
from pairterm.access.signed_login import SignedLogin, login_of
from pairterm.access.user_names import HOST_USER
from pairterm.gateway.shared_state import KeysElsewhere
from pairterm.gateway.ssh.proved_keys import proved_by
from pairterm.gateway.ssh.signed_logins import is_key, is_signed

__all__ = ["ProvingConnection"]


class ProvingConnection(asyncssh.SSHServerConnection):
    """A connection that reports keys to its admission. It uses public names of asyncssh only."""

    admission: Admission[Any] | None = None
    """Set when the connection is made."""
    elsewhere: KeysElsewhere | None = None
    """Set when the connection is made; None: there are no other gateways, or they believe this one."""
    login: tuple[str, SignedLogin] | None = None
    """The user name and what proves the key, once a signature was right."""

    async def validate_public_key(self, username: str, key_data: bytes, msg: bytes, signature: bytes) -> bool:
        """Have asyncssh check a key; report it, and that it was proved if `msg` is not empty."""
        if self.admission is not None:
            refused = self.admission.key_tried()
            if refused is not None:
                self.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, refused.why.text)
                return False
        if not is_key(key_data):
            return False  # asyncssh fails on a point that is on no curve, and ends the connection without a reason.
        # A certificate for the user `host` is one for all user names of hosts.
        principal = HOST_USER if is_host_user(username) else username
        is_right = await super().validate_public_key(principal, key_data, msg, signature)
        if is_right and msg and self.admission is not None:
            self.admission.key_proved(proved_by(key_data))
            self._keep(self._login(username, key_data, msg, signature), username)
        if not is_right and self.elsewhere is not None:
            return await self._validate_elsewhere(self.elsewhere, key_data, msg, signature)
        return is_right

    async def _validate_elsewhere(
        self, elsewhere: KeysElsewhere, key_data: bytes, msg: bytes, signature: bytes
    ) -> bool:
        """Have other gateways check a key; with a signature, let the client in to the session that it opens."""
        admission = self.admission
        if admission is None or not admission.may_prove_elsewhere:
            return False
        user, known = admission.user, admission.by_token
        if not msg:
            return await elsewhere.takes(user, known, key_data)
        login = self._login(user.text, key_data, msg, signature)
        if login is None or not is_signed(login, user.text):
            return False
        session = await elsewhere.open(user, known, login)
        if session is None:
            return False
        admission.key_proved_elsewhere(session, proved_by(key_data))
        self._keep(login, user.text)
        return True

    def _login(self, user: str, key_data: bytes, msg: bytes, signature: bytes) -> SignedLogin | None:
        signed = self.get_userauth_request_data(b"")
        session_id = signed[4 : 4 + int.from_bytes(signed[:4], "big")]
        return login_of(session_id, user, msg, key_data, signature)

    def _keep(self, login: SignedLogin | None, user: str) -> None:
        self.login = (user, login) if login is not None else None
