"""One SSH connection: who may come in by which user name, and what it may open. One terminal, nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

import asyncssh

from pairterm import __version__
from pairterm.access.guest_places import Full, GuestPlaces, Place
from pairterm.access.invitations import nameplate_of
from pairterm.access.max_startups import Door, Login
from pairterm.access.penalties import SourcePenalties, source_of
from pairterm.access.rate_limits import Share
from pairterm.access.tokens import token_hash
from pairterm.gateway.hosts.host_link import LINK_BURST_S, LINK_PART
from pairterm.gateway.hosts.hosted_session import Credentials
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.sessions_by_name import may_be_by_key, the_one, whose
from pairterm.gateway.ssh.client_keys import Keyring
from pairterm.gateway.ssh.guest_channel import GuestChannel
from pairterm.gateway.ssh.guest_connection import HOST_TURN_BYTES, GuestConnection, TerminalChannel
from pairterm.gateway.ssh.link_channel import LinkChannel
from pairterm.gateway.ssh.packet_limits import TOO_MANY
from pairterm.gateway.waiting_for_hosts import WaitingRoom
from pairterm.runtime.link_over_ssh import HOST_USER, LINK_WINDOW_BYTES

if TYPE_CHECKING:
    from pairterm.gateway.audit_events import GatewayAudit
    from pairterm.gateway.hosts.authorized_hosts import HostAdmission, HostKeys
    from pairterm.gateway.hosts.host_link import HostLink
    from pairterm.gateway.hosts.hosted_session import HostedSession
    from pairterm.gateway.session_directory import Directory

__all__ = ["Admission", "GuestServer", "ssh_options"]

logger = logging.getLogger(__name__)

NO_HOSTS = "pairterm: this gateway takes no sessions from other machines"

FULL = "pairterm: the gateway is full, try again later"

_FULL_TEXTS = {
    Full.GATEWAY: FULL,
    Full.SESSION: "pairterm: the session has as many guests as it may have, try again later",
    Full.SOURCE: "pairterm: too many guests from your address, try again later",
}

WAITING = "pairterm: the gateway has just started, waiting for the session's host"

EARLY = "pairterm: no such session here yet: the gateway has just started, try again in a moment"
"""The same for any link: nothing is told apart here either."""

NO_SESSION = "pairterm: no such session, or the link has ended"
"""The same for a link that never was, has ended or was revoked: nothing is told apart."""

_MAX_TRIES = 3
"""User names that one connection may try, where it may try more than one."""

_OPENED_WITHIN_S = 20.0
"""How long one who has logged in may open nothing: it holds a place."""

_REDIALS = 16
"""Logins of hosts beyond the sessions there may be: one may be back before its old link is known to be dead."""

_WINDOW_BYTES = 65_536
"""What a client may send ahead. People type; a paste comes in as many windows as it needs."""

_KEX = ["curve25519-sha256", "curve25519-sha256@libssh.org", "mlkem768x25519-sha256"]
"""curve25519-sha256 first: Debian 12's dropbear can't connect otherwise."""

_ENCRYPTION = ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"]
"""No chacha20-poly1305: the client's order decides, OpenSSH's begins with it, and here it costs 14 µs a packet
where AES-GCM costs 2 and AES-CTR with its MAC 4 (measured). `connection` gives it to dropbear, which needs it."""

_MACS = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"]
"""For AES-CTR. No UMAC: 8 µs a packet."""

_SIGNATURES = [
    "ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistp256", "sk-ecdsa-sha2-nistp256@openssh.com",
    "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256",
]  # fmt: skip
"""What guests may sign with; the gateway's own key is ed25519 all the same. No ssh-rsa: it is SHA-1."""


class Admission:
    """What all connections of a gateway share: its sessions, the count of bad tokens, the count of guests."""

    def __init__(
        self,
        directory: Directory,
        *,
        penalties: SourcePenalties,
        door: Door,
        guests: GuestPlaces,
        max_hosts: int,
        hosts: HostAdmission,
        new_host_link: Callable[[HostOwner], HostLink],
        audit: GatewayAudit,
    ) -> None:
        self.directory = directory
        self.audit = audit
        self.hosts = hosts
        self.new_host_link = new_host_link
        self.penalties = penalties
        self.waiting_room = WaitingRoom()
        self.door = door
        """Connections that have not logged in."""
        self.guests = guests
        """Connections that have logged in as guests."""
        self.max_remote_hosts = max_hosts + _REDIALS
        self.remote_hosts = 0
        """Connections that have logged in as hosts."""
        self.bytes_out = 0
        self.bytes_in = 0
        self.is_draining = False
        """No more guests and sessions are taken."""


class GuestServer(asyncssh.SSHServer):
    """One connection's doorkeeper."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._token_hash: bytes | None = None
        self._candidates: list[HostedSession] = []
        """The sessions that this connection may be for; more than one until a key has told."""
        self._is_exact = True
        """The user name says which of them is meant."""
        self._is_in = False
        self._tries = 0
        self._channels = 0
        self._guest: GuestChannel | None = None
        self._source = ""
        self._login: Login | None = None
        """Its place among those who log in."""
        self._has_begun = False
        self._place: Place | None = None
        """Its place among the guests."""
        self._is_counted_as_host = False
        self._opening: asyncio.TimerHandle | None = None
        """Runs from the login until something is opened."""
        self._host_keys: HostKeys | None = None
        """Set for a host's connection, which then is nothing else."""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Take note of whence it comes."""
        self._connection = conn
        self._login = conn.get_extra_info("login")
        peer = conn.get_extra_info("peername")
        self._address = peer[0] if peer else "unknown"
        self._source = source_of(self._address)
        self._keyring = Keyring(conn)
        if isinstance(conn, GuestConnection):
            conn.on_limit = self._too_many_requests

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that it is gone."""
        if self._opening is not None:
            self._opening.cancel()
        if self._place is not None:
            self._admission.guests.leave(self._place)
        if self._is_counted_as_host:
            self._admission.remote_hosts -= 1
        if self._keyring.is_needed and not self._is_in:
            self._admission.penalties.add(self._source, asyncio.get_running_loop().time())
            self._admission.audit.refused("key", self._source)

    def begin_auth(self, username: str) -> bool | Coroutine[None, None, bool]:
        """Let a token in at once; return True if a key is asked for; end the connection for anything else.

        Synchronous, so that a thousand half-open logins hold no task, but for those few who wait for their host.
        """
        is_first, self._has_begun = not self._has_begun, True
        if not is_first:
            # Each name is a guess. And a key that was only offered under one must not count under another.
            self._admission.penalties.add(self._source, asyncio.get_running_loop().time())
            self._admission.audit.refused("names", self._source)
            raise asyncssh.DisconnectError(asyncssh.DISC_PROTOCOL_ERROR, "pairterm: one user name a connection")
        if username == HOST_USER:
            return self._begin_host()
        if not self._is_known(username) and self._is_early():
            return self._begin_later(username)
        return self._begin(username)

    def _is_known(self, username: str) -> bool:
        directory = self._admission.directory
        by_name = directory.keyed(username)
        return directory.find(username) is not None or (by_name.is_exact and bool(by_name.sessions))

    def _is_early(self) -> bool:
        return self._admission.waiting_room.is_open(asyncio.get_running_loop().time())

    async def _begin_later(self, username: str) -> bool:
        """Wait for the host of what is not known yet."""
        admission = self._admission
        if admission.guests.count + admission.waiting_room.count() < admission.guests.most:
            if self._login is not None:
                admission.door.park(self._login)
            self._connection.send_auth_banner(WAITING + "\r\n")
            wanted = (token_hash(username), username)
            # Another host may have brought the token: that does not make it known.
            while await admission.waiting_room.wait(wanted, self._source):
                if self._is_known(username) or not self._is_early():
                    break
        return self._begin(username)

    def _begin(self, username: str) -> bool:
        directory = self._admission.directory
        presented = token_hash(username)
        session = directory.find(username)
        if session is not None:
            return self._begin_by_link(session, presented)
        nameplate = nameplate_of(username)
        if nameplate:
            for each in directory.missed(nameplate):
                each.tried(nameplate)
            return self._refuse_token()  # A code can be guessed: it costs at once.
        if directory.takes_keys and may_be_by_key(username):
            # One that is no session's, or whose keys are others, reads the same.
            by_name = directory.keyed(username)
            self._candidates, self._is_exact = by_name.sessions, by_name.is_exact
            lines = [line for each in self._candidates for line in each.keys]
            self._keyring.ask(lines, takes_any=False, principals=(username, username.rpartition("/")[2]))
            return True
        return self._refuse_token(presented)

    def _begin_by_link(self, session: HostedSession, presented: bytes) -> bool:
        self._candidates = [session]
        self._token_hash = presented
        full = self._admission.guests.lacks(self._place_in(session))
        if full is not None:
            self._admission.audit.refused(full.value, self._source)
            return self._part_with(_FULL_TEXTS[full], asyncssh.DISC_TOO_MANY_CONNECTIONS)
        if session.needs_key:
            self._keyring.ask(session.keys, takes_any=False, principals=(session.name, session.fixed_name))
            return True
        if session.links[presented].wants_key:
            self._keyring.ask((), takes_any=True)
            return True
        self._is_in = True
        return False

    def _begin_host(self) -> bool:
        """Ask a host for its key; a gateway that takes none ends the connection and says so."""
        if not self._admission.hosts.takes_remote:
            self._connection.send_auth_banner(NO_HOSTS + "\r\n")
            raise asyncssh.DisconnectError(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, NO_HOSTS)
        self._host_keys = self._admission.hosts.keys()
        self._connection.set_authorized_keys(self._host_keys)
        return True

    def public_key_auth_supported(self) -> bool:
        """Ask for a key where one is wanted."""
        return self._keyring.is_wanted or self._host_keys is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Return whether a key may come in; its signature is asyncssh's affair."""
        return self._host_keys is None and self._keyring.accepts(key)

    def kbdint_auth_supported(self) -> bool:
        """Let those in without a question who have no key where none is needed."""
        return self._host_keys is None and self._keyring.is_wanted and not self._keyring.is_needed

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> bool:
        """Ask nothing."""
        return True

    def auth_completed(self) -> None:
        """Take note that it is in: it holds a place from now on, if there is one."""
        self._is_in = True
        admission = self._admission
        if self._login is not None:
            admission.door.leave(self._login)
        if self._host_keys is not None:
            if admission.remote_hosts >= admission.max_remote_hosts:
                admission.audit.refused("full", self._source)
                raise asyncssh.DisconnectError(asyncssh.DISC_TOO_MANY_CONNECTIONS, FULL)
            admission.remote_hosts += 1
            self._is_counted_as_host = True
        elif (session := self._found()) is not None:
            place = self._place_in(session)
            full = admission.guests.lacks(place)
            if full is not None:
                admission.audit.refused(full.value, self._source)
                raise asyncssh.DisconnectError(asyncssh.DISC_TOO_MANY_CONNECTIONS, _FULL_TEXTS[full])
            admission.guests.take(place)
            self._place = place
        self._opening = asyncio.get_running_loop().call_later(_OPENED_WITHIN_S, self._connection.close)

    def _place_in(self, session: HostedSession) -> Place:
        """Return what it counts under as a guest of a session."""
        link = session.links.get(self._token_hash) if self._token_hash is not None else None
        # Without a link it has proved one of the keys that the session's owner named.
        return Place(session, self._source, may_type=link is None or link.role == "rw")

    def _refuse_token(self, presented: bytes = b"") -> bool:
        """Count a bad token, and part with its holder. `presented`: its hash, if it may yet be known."""
        self._admission.penalties.add(self._source, asyncio.get_running_loop().time(), presented)
        if self._is_early():
            self._admission.audit.refused("early", self._source)
            return self._part_with(EARLY, asyncssh.DISC_SERVICE_NOT_AVAILABLE)
        self._admission.audit.refused("link", self._source)
        logger.info("bad token from %s", self._address)
        return self._part_with(NO_SESSION)

    def _part_with(self, text: str, code: int = asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE) -> bool:
        """Say why somebody does not come in; return True to let it try another way, which will fail."""
        # The banner is what PuTTY and dropbear show; OpenSSH shows the reason of the disconnect as
        # well, also where its log level hides banners.
        self._connection.send_auth_banner(text + "\r\n")
        self._tries += 1
        if self._tries < _MAX_TRIES and "dropbear" in self._connection.get_extra_info("client_version", ""):
            return True  # dropbear takes a disconnect for a good end and would exit with 0.
        raise asyncssh.DisconnectError(code, text)

    def session_requested(self) -> tuple[asyncssh.SSHServerChannel[bytes], GuestChannel | LinkChannel]:
        """Open the connection's one channel."""
        if self._channels:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "one terminal a connection")
        if self._host_keys is not None:
            return self._host_channel(self._host_keys)
        session = self._found()
        if session is None:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, self._not_found())
        self._opened()
        credentials = Credentials(token_hash=self._token_hash, address=self._address, key=self._keyring.proved)
        self._guest = GuestChannel(session, credentials, self._admission)
        return self._channel(_WINDOW_BYTES), self._guest

    def _too_many_requests(self) -> None:
        """Give the terminal of a guest back before its connection is ended."""
        self._admission.audit.refused("requests", self._source)
        if self._guest is not None:
            self._guest.end(TOO_MANY, 1)

    def _host_channel(self, keys: HostKeys) -> tuple[asyncssh.SSHServerChannel[bytes], LinkChannel]:
        """Open a host's channel, which carries its link."""
        owner = keys.proved_owner(self._keyring.proved)
        if owner is None:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "no key")
        self._opened()
        share = Share(LINK_BURST_S, LINK_PART)
        if isinstance(self._connection, GuestConnection):
            self._connection.turn_bytes = HOST_TURN_BYTES
            self._connection.share = share

        def new_link() -> HostLink:
            link = self._admission.new_host_link(owner)
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

    def _found(self) -> HostedSession | None:
        """Return the session that this connection is for, if it is still here and the name says which it is."""
        directory = self._admission.directory
        if not self._is_in:
            return None
        if self._token_hash is not None:
            found = [each for each in self._candidates if self._token_hash in each.links and directory.has(each)]
            return found[0] if found else None
        return the_one(self._by_proved_key()) if self._is_exact else None

    def _by_proved_key(self) -> list[HostedSession]:
        """Return the sessions that the name may mean and the proved key opens."""
        proved = self._keyring.proved
        return [each for each in self._candidates if self._admission.directory.has(each) and proved.opens(each.keys)]

    def _not_found(self) -> str:
        """Return why there is no session; to somebody with a key, which ones their name may mean."""
        found = self._by_proved_key() if self._is_in and self._token_hash is None else []
        return f"pairterm: {whose(found)}" if found else NO_SESSION


def ssh_options(
    admission: Admission, key: asyncssh.SSHKey, *, login_timeout_s: int
) -> asyncssh.SSHServerConnectionOptions:
    """Return the options of every connection: the least that a terminal needs."""
    factory: Callable[[], GuestServer] = lambda: GuestServer(admission)  # noqa: E731
    return asyncssh.SSHServerConnectionOptions(
        server_factory=factory,
        server_host_keys=[key],
        server_version=f"pairterm_{__version__}",
        login_timeout=login_timeout_s,
        keepalive_interval=0,  # TCP's keepalive does it: see `connection.watch_for_death`
        kex_algs=_KEX,
        encryption_algs=_ENCRYPTION,
        mac_algs=_MACS,
        compression_algs=["none"],
        signature_algs=_SIGNATURES,
        line_editor=False,
        encoding=None,
        agent_forwarding=False,
        x11_forwarding=False,
        allow_pty=True,
        gss_host=None,
        window=_WINDOW_BYTES,
        password_auth=False,
        public_key_auth=True,
        kbdint_auth=True,
        host_based_auth=False,
    )
