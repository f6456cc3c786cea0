"""The login of one SSH connection: asyncssh's callbacks become events of an `Admission`, its verdicts their answers.

Nothing is decided here; see `access.gateway_admission`. A connection opens one channel: a guest's
terminal, or the link of a host.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

import asyncssh

from pairterm.access.gateway_admission import Admission
from pairterm.access.host_login import session_key_of
from pairterm.access.penalties import source_of
from pairterm.access.rate_limits import Share
from pairterm.access.signed_login import SignedLogin
from pairterm.access.verdicts import AskHostKey, AskKey, ComeIn, NoEntry, Refusal, Refused, Verdict, WaitForHost
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.host_link import LINK_BURST_S, LINK_PART
from pairterm.gateway.ssh.client_keys import ProvingConnection
from pairterm.gateway.ssh.guest_channel import GuestChannel
from pairterm.gateway.ssh.guest_connection import HOST_TURN_BYTES, GuestConnection, TerminalChannel
from pairterm.gateway.ssh.link_channel import LinkChannel
from pairterm.gateway.ssh.request_limits import TOO_MANY
from pairterm.runtime.link_over_ssh import LINK_WINDOW_BYTES

if TYPE_CHECKING:
    from pairterm.access.max_startups import Login
    from pairterm.gateway.hosts.authorized_hosts import HostKeys
    from pairterm.gateway.hosts.host_link import HostLink
    from pairterm.gateway.hosts.hosted_session import HostedSession
    from pairterm.gateway.shared_state import GatewayState

__all__ = ["GUEST_WINDOW_BYTES", "LoginServer"]

logger = logging.getLogger(__name__)

_WAITING = "the gateway has just started, waiting for the session's host"

_DROPBEAR_TRIES = 3
"""dropbear takes a disconnect for a good end and exits with 0. So its first tries only fail, and it gives up itself."""

_OPENED_WITHIN_S = 20.0
"""How long a client that has logged in may open nothing: it holds a place."""

GUEST_WINDOW_BYTES = 65_536
"""What a client may send ahead. People type; a paste comes in as many windows as it needs."""

_CODES = {
    Refusal.NAMES: asyncssh.DISC_PROTOCOL_ERROR,
    Refusal.EARLY: asyncssh.DISC_SERVICE_NOT_AVAILABLE,
    Refusal.GATEWAY_FULL: asyncssh.DISC_TOO_MANY_CONNECTIONS,
    Refusal.SESSION_FULL: asyncssh.DISC_TOO_MANY_CONNECTIONS,
    Refusal.SOURCE_FULL: asyncssh.DISC_TOO_MANY_CONNECTIONS,
}
"""Codes of disconnects (RFC 4253, section 11.1); for all other refusals: no more authentication methods."""

_NOT_AUDITED = (Refusal.NO_HOSTS, Refusal.KEYS)

_DISCONNECTED_AT_ONCE = (Refusal.NAMES, Refusal.NO_HOSTS)
"""Also for dropbear."""


class LoginServer(asyncssh.SSHServer):
    """asyncssh's callbacks for one connection."""

    def __init__(self, state: GatewayState) -> None:
        self._state = state
        self._is_lost = False
        self._tries = 0
        self._channels = 0
        self._guest: GuestChannel | None = None
        self._login: Login | None = None
        """Its place among the connections that log in."""
        self._opening: asyncio.TimerHandle | None = None
        """Runs from the login until the client opens a channel."""
        self._host_keys: HostKeys | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Begin the admission of a connection."""
        self._connection = conn
        self._login = conn.get_extra_info("login")
        peer = conn.get_extra_info("peername")
        self._address = peer[0] if peer else "unknown"
        self._source = source_of(self._address)
        self._admission: Admission[HostedSession] = Admission(self._state.access, self._source)
        if isinstance(conn, ProvingConnection):
            conn.admission = self._admission
            conn.elsewhere = self._state.keys_elsewhere
        if isinstance(conn, GuestConnection):
            conn.on_limit = self._too_many_requests

    def connection_lost(self, exc: Exception | None) -> None:
        """Give back what the connection held."""
        self._is_lost = True
        if self._opening is not None:
            self._opening.cancel()
        counted = self._admission.closed(self._now_s())
        if counted is not None and counted.why is Refusal.HOST_KEY:
            keys = ",".join(self._admission.refused_keys)
            logger.info("a host at %s has no key that may share: %s", self._source, keys)
            self._state.audit.refused(counted.why.value, self._source, keys=keys)
        elif counted is not None:
            self._audit(counted.why)

    def begin_auth(self, username: str) -> bool | Coroutine[None, None, bool]:
        """Return False to let the client in, True to ask it for a key.

        Synchronous, so that a thousand half-open logins hold no task. Only those few that wait for their host do.

        Raises:
            asyncssh.DisconnectError: The client is refused.
        """
        verdict = self._admission.named(username, self._now_s())
        return self._wait(verdict) if isinstance(verdict, WaitForHost) else self._answer(verdict)

    async def _wait(self, verdict: Verdict) -> bool:
        """Wait for the host of a session that is not known yet, or for the gateway that has it."""
        while isinstance(verdict, WaitForHost):
            if verdict.elsewhere is None:
                if self._login is not None:
                    self._state.login_queue.park(self._login)
                self._connection.send_auth_banner(f"pairterm: {_WAITING}\r\n")
            is_brought = await self._state.wait_for_host(verdict, self._source)
            if self._is_lost:
                raise _disconnect(Refusal.EARLY)  # asyncssh does not cancel this task.
            verdict = self._admission.waited(self._now_s(), is_brought=is_brought)
        return self._answer(verdict)

    def _answer(self, verdict: Verdict) -> bool:
        """Carry out a verdict on a user name."""
        match verdict:
            case ComeIn():
                return False
            case AskKey(authorities=authorities):
                if authorities:
                    listed = asyncssh.import_authorized_keys("\n".join(authorities) + "\n")
                    self._connection.set_authorized_keys(listed)
                return True
            case AskHostKey():
                self._host_keys = self._state.hosts.keys()
                self._connection.set_authorized_keys(self._host_keys)
                return True
            case Refused(why):
                return self._refuse(why)
            case WaitForHost():
                raise AssertionError("it waits already")
            case _:
                assert_never(verdict)

    def _refuse(self, why: Refusal) -> bool:
        """Tell a client why it is refused, and disconnect it; return True to let dropbear's try fail instead."""
        self._audit(why)
        if why is Refusal.LINK:
            logger.info("a wrong link from %s", self._address)
        if why is not Refusal.NAMES:
            # PuTTY and dropbear show the banner. OpenSSH shows the reason of the disconnect as well, also
            # where its log level hides banners.
            self._connection.send_auth_banner(f"pairterm: {why.text}\r\n")
        self._tries += 1
        is_dropbear = "dropbear" in self._connection.get_extra_info("client_version", "")
        if is_dropbear and self._tries < _DROPBEAR_TRIES and why not in _DISCONNECTED_AT_ONCE:
            return True
        raise _disconnect(why)

    def _audit(self, why: Refusal) -> None:
        if why not in _NOT_AUDITED:
            self._state.audit.refused(why.value, self._source)

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def public_key_auth_supported(self) -> bool:
        """Return whether the client is asked for a key."""
        return self._admission.asked is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Return whether a key gets in; asyncssh checks its signature, and `ProvingConnection` reports it."""
        return self._admission.key_offered(key.get_fingerprint())

    def kbdint_auth_supported(self) -> bool:
        """Return whether a guest without a key gets in: then they are asked nothing."""
        asked = self._admission.asked
        return isinstance(asked, AskKey) and asked.takes_any

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> bool:
        """Ask nothing."""
        return True

    def auth_completed(self) -> None:
        """Take a place among the guests or the hosts.

        Raises:
            asyncssh.DisconnectError: There is none.
        """
        if self._login is not None:
            self._state.login_queue.leave(self._login)
        verdict = self._admission.logged_in(self._now_s())
        if isinstance(verdict, Refused):
            if verdict.why is Refusal.UNPROVED:
                logger.error("a login of %s was complete without a proved right: refused", self._source)
            self._audit(verdict.why)
            raise _disconnect(verdict.why)
        self._opening = asyncio.get_running_loop().call_later(_OPENED_WITHIN_S, self._connection.close)

    # The channel.

    def session_requested(self) -> tuple[asyncssh.SSHServerChannel[bytes], GuestChannel | LinkChannel]:
        """Open the connection's one channel."""
        if self._channels:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "one terminal a connection")
        if self._host_keys is not None:
            return self._host_channel(self._host_keys)
        found = self._admission.enter()
        if isinstance(found, NoEntry):
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, f"pairterm: {found.text}")
        self._opened()
        admission = self._admission
        credentials = Credentials(
            token_hash=admission.token_hash,
            address=self._address,
            owner_proof=admission.owner_proof,
            user_name=admission.user,
            key=admission.proved,
            login=self._signed_login(),
        )
        self._guest = GuestChannel(found, credentials, self._state)
        return self._channel(GUEST_WINDOW_BYTES), self._guest

    def _signed_login(self) -> SignedLogin | None:
        """Return what proves the guest's key to another gateway."""
        connection = self._connection
        if not isinstance(connection, ProvingConnection) or connection.elsewhere is None or connection.login is None:
            return None
        return connection.login[1]

    def _too_many_requests(self) -> None:
        """Restore a guest's terminal before the connection is ended."""
        self._state.audit.refused("requests", self._source)
        if self._guest is not None:
            self._guest.end(TOO_MANY, 1)

    def _host_channel(self, keys: HostKeys) -> tuple[asyncssh.SSHServerChannel[bytes], LinkChannel]:
        """Open the channel that carries a host's link."""
        owner = keys.proved_owner(self._admission.proved)
        if owner is None:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "no key")
        if isinstance(self._connection, ProvingConnection) and self._connection.login is not None:
            user, login = self._connection.login
            session_key = session_key_of(user)
            owner = replace(owner, login=(login, session_key) if session_key else None)
        self._opened()
        share = Share(LINK_BURST_S, LINK_PART)
        if isinstance(self._connection, GuestConnection):
            self._connection.turn_bytes = HOST_TURN_BYTES
            self._connection.share = share

        def new_link() -> HostLink:
            link = self._state.new_host_link(owner)
            link.turn_share = share
            return link

        return self._channel(LINK_WINDOW_BYTES), LinkChannel(new_link)

    def _opened(self) -> None:
        self._channels += 1
        if self._opening is not None:
            self._opening.cancel()

    def _channel(self, window_bytes: int) -> asyncssh.SSHServerChannel[bytes]:
        loop = asyncio.get_running_loop()
        is_ours = isinstance(self._connection, GuestConnection)
        kind = TerminalChannel if is_ours else asyncssh.SSHServerChannel[bytes]
        return kind(self._connection, loop, True, False, False, 0, 0, None, "strict", window_bytes, 32768)


def _disconnect(why: Refusal) -> asyncssh.DisconnectError:
    code = _CODES.get(why, asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE)
    return asyncssh.DisconnectError(code, f"pairterm: {why.text}")
