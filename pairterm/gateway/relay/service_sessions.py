"""All sessions that guests of this gateway can reach: its own, and those that another gateway relays.

An admission asks here (`access.gateway_admission`). Each change of an own session is announced to the
other gateways: hashes only, and no spoken code but its number.
"""

from __future__ import annotations

from pairterm.access.user_names import ByName, UserName
from pairterm.cluster.return_key import session_mark
from pairterm.cluster.service_directory import InvitationEntry, SessionEntry, name_hash
from pairterm.gateway.bus.bus import Bus
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.relay.remote_sessions import RemoteSessions
from pairterm.gateway.session_directory import SessionDirectory

__all__ = ["ServiceSessions", "entry_of"]


class ServiceSessions:
    """The own sessions and the relayed ones."""

    def __init__(self, bus: Bus, directory: SessionDirectory, remote: RemoteSessions) -> None:
        self._bus = bus
        self._directory = directory
        self._remote = remote
        directory.on_change = self._announce
        for each in directory.sessions:
            self._announce(each)

    def _announce(self, session: HostedSession) -> None:
        """Tell the other gateways of a session that came, changed or went.

        A gateway with guests of the session asks here as soon as it knows of it. So all that opens it comes first.
        """
        if not self._directory.has(session):
            self._bus.withdraw(session.id)
        elif self._directory.has_rules(session):
            self._bus.announce(entry_of(session, self._bus.name))
            self._remote.look_for(session)

    @property
    def takes_keys(self) -> bool:
        """True if a key can open any session."""
        return self._directory.takes_keys or self._remote.takes_keys

    def find(self, user: UserName) -> HostedSession | None:
        """Return the session that a token or a spoken code opens: the one whose host is not away."""
        own = self._directory.find(user)
        if own is not None and own.away_since_s is None:
            return own
        return self._remote.find(user) or own

    def keyed(self, user: str) -> ByName[HostedSession]:
        """Return the sessions that a name can mean, for a guest with a key."""
        own, remote = self._directory.keyed(user), self._remote.keyed(user)
        if own.is_exact and own.sessions and "/" not in user:
            return own  # A fixed name.
        if remote.is_exact and "/" not in user:
            return remote
        return ByName([*own.sessions, *remote.sessions], is_exact="/" in user)

    def may_be_elsewhere(self, user: UserName) -> bool:
        """Return whether another gateway has to be asked about a user name."""
        return self._remote.may_be_elsewhere(user)

    def missed(self, nameplate: str) -> list[HostedSession]:
        """Count wrong words for a spoken code; return the sessions whose code has ended by that."""
        return self._directory.missed(nameplate)

    def has(self, session: HostedSession) -> bool:
        """Return whether a session is still here."""
        return self._directory.has(session) or self._remote.has(session)


def entry_of(session: HostedSession, gateway: str) -> SessionEntry:
    """Return what other gateways may know of a session."""
    owner = session.owner
    names = {session.name, f"{owner.word}/{session.name}", f"{owner.mark}/{session.name}", session.fixed_name} - {""}
    links = session.links.values()
    return SessionEntry(
        session.id,
        gateway,
        tuple(InvitationEntry(each.token_hash, each.role, each.wants_key) for each in links if not each.nameplate),
        tuple(sorted(map(name_hash, names))) if session.keys else (),
        tuple(sorted({each.nameplate for each in links if each.nameplate})),
        is_away=session.away_since_s is not None,
        mark=session_mark(session.seal) if session.seal else b"",
    )
