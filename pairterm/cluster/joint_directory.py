"""The directory as a worker of a machine in a cluster sees it: its machine's workers, and all other gateways.

The two copies come from two buses. The word of the machine's own bus about its workers counts. The cluster's word
about them is left out: it comes later, and may be older.
"""

from __future__ import annotations

from collections.abc import Iterable

from pairterm.cluster.service_directory import ServiceDirectory, SessionEntry

__all__ = ["JointDirectory"]


class JointDirectory:
    """Both copies as one: a `Directory`. `near` is that of the machine, `far` that of the cluster."""

    def __init__(self, near: ServiceDirectory, far: ServiceDirectory) -> None:
        self._near, self._far = near, far
        self.own = near.own
        self.on_change = near.on_change
        self.on_went = near.on_went
        far.on_change.append(self._far_changed)
        far.on_went.append(self._far_went)

    @property
    def gateways(self) -> frozenset[str]:
        """All gateways that are alive, with this one."""
        return self._near.gateways | self._far.gateways

    @property
    def others(self) -> list[str]:
        """The other gateways that are alive: first those of this machine."""
        return [*self._near.others, *(each for each in self._far.others if not self._near.is_alive(each))]

    def __len__(self) -> int:
        return len(self._near) + self.sessions_elsewhere

    @property
    def sessions_elsewhere(self) -> int:
        """How many sessions the gateways of other machines announce."""
        return sum(len(self._far.entries_of(each)) for each in self._far.others if not self._near.is_alive(each))

    def is_alive(self, gateway: str) -> bool:
        """Return whether a gateway is alive."""
        return self._near.is_alive(gateway) or self._far.is_alive(gateway)

    def machine_of(self, gateway: str) -> str:
        """Return what the workers of its machine have in common: see `ServiceDirectory`."""
        return (self._near if self._near.is_alive(gateway) else self._far).machine_of(gateway)

    def entries_of(self, gateway: str) -> list[SessionEntry]:
        """Return what a gateway announces; nothing of one that is not alive."""
        return (self._near if self._near.is_alive(gateway) else self._far).entries_of(gateway)

    def with_token(self, token_hash: bytes) -> list[SessionEntry]:
        """Return the sessions that announce the hash of a token."""
        return self._joint(self._near.with_token(token_hash), self._far.with_token(token_hash))

    def with_name(self, name: str) -> list[SessionEntry]:
        """Return the sessions that a name can mean, for guests with a key."""
        return self._joint(self._near.with_name(name), self._far.with_name(name))

    def with_nameplate(self, nameplate: str) -> list[SessionEntry]:
        """Return the sessions that have a spoken code with this number."""
        return self._joint(self._near.with_nameplate(nameplate), self._far.with_nameplate(nameplate))

    def with_mark(self, mark: bytes) -> list[SessionEntry]:
        """Return the announcements of one session."""
        return self._joint(self._near.with_mark(mark), self._far.with_mark(mark))

    @property
    def takes_keys(self) -> bool:
        """True if a key can open any session of another gateway."""
        return self._near.takes_keys or self._far.takes_keys

    def _joint(self, near: Iterable[SessionEntry], far: Iterable[SessionEntry]) -> list[SessionEntry]:
        """Return the entries of both: those whose host is away last, and before that those of this machine first."""
        found = [*near, *(each for each in far if not self._near.is_alive(each.gateway))]
        found.sort(key=lambda each: each.is_away)
        return found

    def _far_changed(self, entry: SessionEntry) -> None:
        if not self._near.is_alive(entry.gateway):
            for each in list(self.on_change):
                each(entry)

    def _far_went(self, gateway: str) -> None:
        if not self._near.is_alive(gateway):
            for each in list(self.on_went):
                each(gateway)
