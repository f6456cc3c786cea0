"""Answers the gateway's operator while it runs: its state, the end of a session, no more guests.

The operator has a socket beside the link socket. A connection carries one question: one
line of JSON each way. Only the gateway's own uid and root get an answer; the kernel says
who asks. No answer has a token: the gateway knows none.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, get_args

import msgspec

from pairterm import __version__
from pairterm.errors import PairtermError, SystemFault, UsageError
from pairterm.gateway.bans import ban
from pairterm.gateway.guest_presentation import Transport
from pairterm.gateway.hosts.authorized_hosts import check_lines
from pairterm.gateway.recording_store import RecordingStore
from pairterm.gateway.shared_state import GatewayState
from pairterm.gateway.status_sums import status_of_machine, sum_of_workers
from pairterm.runtime.socket_peer import peer_uid

if TYPE_CHECKING:
    from pairterm.cluster.service_settings import ServiceSettings

__all__ = ["Operator", "OtherGateways", "PushedSettings", "bound_operator_socket"]

_MAX_QUESTION_BYTES = 1 << 20
"""The longest question pushes a list of hosts."""

_QUESTION_TIMEOUT_S = 10.0

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class OtherGateways(Protocol):
    """The other gateways of the service, as their operator asks for them."""

    @property
    def has_workers(self) -> bool:
        """This gateway is one of several workers of this machine: together they are one gateway for the operator."""

    def state(self) -> dict[str, Any]:
        """Return how this gateway stands to the service."""

    async def statuses(self) -> list[dict[str, Any]]:
        """Return the state of each other gateway. One that does not answer has only `gateway` and `error`."""

    async def workers(self) -> list[dict[str, Any]]:
        """Return the state of each other worker of this machine, as `statuses` does."""

    async def machines(self) -> list[list[dict[str, Any]]]:
        """Return the states of the gateways of other machines, those of each machine together."""

    async def kick(self, gateway: str, session: str, owner: str) -> str:
        """End a session at another gateway.

        Raises:
            UsageError: It refuses, or does not answer.
        """

    async def drain(self) -> None:
        """Let all other workers of this machine take no more guests.

        Raises:
            UsageError: One does not answer.
        """


class PushedSettings(Protocol):
    """The settings that are pushed to all gateways of the service."""

    settings: ServiceSettings
    """What is applied here now."""

    async def push(self, settings: ServiceSettings) -> None:
        """Push settings to all gateways of the service, this one included.

        Raises:
            PairtermError: They can't be pushed now, or not here.
        """


class Operator:
    """Answers the operator of one gateway."""

    def __init__(
        self,
        state: GatewayState,
        drain: Callable[[], None],
        place: Callable[[], dict[str, Any]],
        recordings: RecordingStore | None = None,
    ) -> None:
        """`drain` makes the gateway take no more guests; `place` returns where it is found.

        `recordings`: those on the page; None: it keeps none.
        """
        self.others: OtherGateways | None = None
        """The other gateways of the service; None: this gateway is alone."""
        self.pushed: PushedSettings | None = None
        """The settings of the service; None: this gateway is alone."""
        self._recordings = recordings
        self._state = state
        self._drain = drain
        self._place = place
        self._started_s = time.monotonic()
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        """The path of a socket of our own."""

    async def serve(self, path: Path, passed: socket.socket | None = None) -> None:
        """Listen for questions at `path`. `passed`: systemd made the socket, and keeps it.

        Raises:
            SystemFault: The socket can't be made.
        """
        sock = passed or bound_operator_socket(path)
        self._server = await asyncio.start_unix_server(self._answer, sock=sock, limit=_MAX_QUESTION_BYTES)
        self._path = path if passed is None else None

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def status(self) -> dict[str, Any]:
        """Return the gateway's state."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        sessions = self._state.directory.sessions
        if self._recordings is not None:
            self._recordings.catch_up()
        return {
            "version": __version__,
            **self._place(),
            "pid": os.getpid(),
            "uptime_s": round(time.monotonic() - self._started_s, 1),
            "sessions": [
                {
                    "session": each.name,
                    "uid": each.owner.uid,
                    "owner": each.owner.id,
                    "is_away": each.link is None,
                    "guests": each.guest_count,
                    "links": len(each.links),
                    "since": round(each.since_epoch_s),
                }
                for each in sessions
            ],
            "guests": self._state.access.guests.count,
            "guests_by_transport": self._guests_by_transport(),
            "max_guests": self._state.access.guests.most,
            "max_sessions": self._state.directory.max_sessions,
            "wrong_links": self._state.access.penalties.charged,
            "penalised_sources": len(self._state.access.penalties),
            "bytes_to_guests": self._state.bytes_out,
            "bytes_from_guests": self._state.bytes_in,
            "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
            "memory_bytes": _memory_bytes(),
            "recordings": len(self._recordings.shelf.hashes) if self._recordings is not None else 0,
            "recordings_bytes": self._recordings.shelf.size_bytes if self._recordings is not None else 0,
            "is_draining": self._state.is_draining,
            "problems": [problem] if (problem := self._state.hosts.problem()) else [],
            "cluster": self.others.state() if self.others is not None else None,
        }

    async def status_of_all_workers(self) -> dict[str, Any]:
        """Return the state of this gateway, with all of its workers."""
        if self.others is None or not self.others.has_workers:
            return self.status()
        return sum_of_workers(self.status(), await self.others.workers())

    async def _status_of_machines(self) -> list[dict[str, Any]]:
        """Return the state of each machine's gateway, this one's first."""
        here, others = await asyncio.gather(self.status_of_all_workers(), self._machines())
        return [here, *map(status_of_machine, others)]

    async def _machines(self) -> list[list[dict[str, Any]]]:
        return await self.others.machines() if self.others is not None else []

    async def _statuses(self) -> list[dict[str, Any]]:
        """Return the state of each process of the service, this one's first."""
        return [self.status(), *(await self.others.statuses() if self.others is not None else [])]

    def drain_here(self) -> None:
        """Take no more guests."""
        self._drain()

    def _guests_by_transport(self) -> dict[str, int]:
        """Return how many guests there are of each kind; each kind has a figure, also while it has no guest."""
        counts = dict.fromkeys(get_args(Transport), 0)
        for session in self._state.directory.sessions:
            for transport, count in session.guests_by_transport().items():
                counts[transport] += count
        return counts

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_QUESTION_TIMEOUT_S):
                line = await reader.readline()  # First of all: a close with unread bytes would lose the answer.
            if peer_uid(writer.get_extra_info("socket")) not in (0, os.getuid()):
                raise UsageError("only the gateway's own user and root may ask this", code="not_allowed")
            answer = {"answer": await self._do(json.loads(line))}
        except PairtermError as error:
            answer = {"error": {"code": error.code, "message": error.message}}
        except (OSError, ValueError, TypeError, TimeoutError):
            answer = {"error": {"code": "question", "message": "that was no question"}}
        writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    async def _do(self, question: dict[str, Any]) -> Any:
        match question:
            case {"do": "status", "all": True}:
                return await self._status_of_machines()
            case {"do": "status"}:
                return await self.status_of_all_workers()
            case {"do": "kick", "session": str(name), "uid": int() | None as uid, "owner": str() | None as owner}:
                return await self._kick(name, uid, owner)
            case {"do": "config-push", "settings": dict() as values, "authorized_hosts": str(hosts)}:
                return await self._push(values, hosts)
            case {"do": "config"}:
                return msgspec.to_builtins(self._pushed().settings)
            case {"do": "audit"}:
                path = self._state.audit.path
                if path is None:
                    raise UsageError("this gateway writes no audit: see [audit] in its configuration", code="no_audit")
                return str(path)
            case {"do": "drain"}:
                self._state.audit.write("operator-drain", {})
                if self.others is not None:
                    await self.others.drain()
                self._drain()
                return "no more guests and sessions; the gateway ends after the last guest"
        raise UsageError("that was no question", code="question")

    def _pushed(self) -> PushedSettings:
        if self.pushed is None:
            raise UsageError(
                "this gateway is alone: its settings are in its own file ([cluster] makes it one of many)",
                code="no_cluster",
            )
        return self.pushed

    async def _push(self, values: dict[str, Any], hosts: str) -> str:
        """Push settings to all gateways. Lines of keys that can't be read are refused before anybody gets them."""
        pushed = self._pushed()
        # Here, not at the top: a gateway that is alone loads nothing of a service.
        from pairterm.cluster.service_settings import settings_from

        settings = settings_from(values, hosts)
        check_lines(settings.authorized_hosts)
        await pushed.push(settings)
        self._state.audit.write("operator-config", {"settings": ", ".join(msgspec.to_builtins(settings))})
        return "all gateways that are connected have these settings now; the others get them when they are back"

    async def _kick(self, name: str, uid: int | None, owner: str | None) -> str:
        """End a session for good, here or at another gateway: its host may not bring it back."""
        statuses = await self._statuses()
        found = [
            (number, each["owner"])
            for number, status in enumerate(statuses)
            for each in status.get("sessions", [])
            if each["session"] == name and uid in (None, each["uid"]) and owner in (None, each["owner"])
        ]
        if not found:
            raise UsageError(f"no session {name[:60]!r} is here", code="no_session")
        if len(found) > 1:
            text = f"several users have one of this name: say --owner, one of {', '.join(each for _, each in found)}"
            raise UsageError(text, code="ambiguous_session")
        number, owner = found[0]
        if number and self.others is not None:
            return await self.others.kick(statuses[number]["gateway"], name, owner)
        return self.kick_here(name, owner)

    def kick_here(self, name: str, owner: str) -> str:
        """End a session of this gateway for good.

        Raises:
            UsageError: It is not here any more.
        """
        sessions = self._state.directory.sessions
        session = next((each for each in sessions if each.name == name and each.owner.id == owner), None)
        if session is None:
            raise UsageError(f"no session {name[:60]!r} of {owner[:200]} is here", code="no_session")
        ban(self._state, session)
        return f"{name} of {owner} is out"


def bound_operator_socket(path: Path) -> socket.socket:
    """Return a socket for the operator at `path`, which does not listen yet.

    Raises:
        SystemFault: It can't be made.
    """
    sock = socket.socket(socket.AF_UNIX)
    try:
        path.unlink(missing_ok=True)
        sock.bind(str(path))
        path.chmod(0o600)
    except OSError as error:
        sock.close()
        raise SystemFault(f"can't listen at {path}: {error.strerror}", code="operator_socket") from error
    return sock


def _memory_bytes() -> int:
    """Return the memory that the process uses; its peak if the kernel does not say more."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * _PAGE_BYTES
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
