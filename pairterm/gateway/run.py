"""A gateway from start to end: the shared one (`pairterm serve`), and a user's own, started on demand.

Both are the same process with other settings. A user's own listens on loopback
(and where the user says), and ends when its last session has ended.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pairterm import __version__
from pairterm.access.max_startups import Startups
from pairterm.access.named_networks import NamedNetworks
from pairterm.access.quotas import MAX_UNSETTLED, Quotas
from pairterm.config import parse_address
from pairterm.gateway.accept_loop import Acceptor
from pairterm.gateway.audit_events import GatewayAudit
from pairterm.gateway.descriptors import Reserve, room_for
from pairterm.gateway.gateway_parts import audit_path, state_of, web_door
from pairterm.gateway.gateway_settings import GatewaySettings, Serving
from pairterm.gateway.hosts.authorized_hosts import HostAdmission
from pairterm.gateway.hosts.host_registry import HostRegistry
from pairterm.gateway.hosts.link_socket import LinkSocket, held_link_socket, link_socket_path
from pairterm.gateway.hosts.recordings_link import RecordingsPlace
from pairterm.gateway.listeners import bind_loopback
from pairterm.gateway.metrics import serve_metrics
from pairterm.gateway.operator import Operator
from pairterm.gateway.public_address import PublicAddress, is_loopback
from pairterm.gateway.recording_store import RecordingStore, recording_store
from pairterm.gateway.restart_waiting_room import RETURN_S, Footprint
from pairterm.gateway.ssh.algorithms import ssh_options
from pairterm.gateway.ssh.host_key import host_key
from pairterm.gateway.systemd import PassedSockets, feed_watchdog, notify, passed_sockets
from pairterm.gateway.worker_life import tell_draining, tell_parent
from pairterm.paths import made_private, operator_socket, state_dir
from pairterm.runtime.supervisor import Supervisor

if TYPE_CHECKING:
    from pairterm.gateway.service import Service

__all__ = ["run_gateway"]

logger = logging.getLogger(__name__)

_FIRST_SESSION_S = 30.0
"""How long a user's own gateway waits for the session it was started for."""

_LAST_SESSION_S = 3.0
"""How long it stays after its last session: guests read their last line, and a next session finds it."""

_FAREWELL_S = 2.0
"""How long guests have, when the gateway stops, to read why they are disconnected."""

_EMPTY_POLL_S = 0.5
"""How often a gateway that takes no more guests looks whether the last guest has left; hosts stay connected."""


_EXPIRED_POLL_S = 60.0
"""How often recordings that have expired are deleted. They open nothing from their end on."""

_OTHER_GATEWAY_S = _LAST_SESSION_S + 1.0
"""How long `serve` waits for another gateway to end: a user's own one ends after its last session."""


async def run_gateway(settings: GatewaySettings, on_ready: Callable[[Serving], None]) -> None:
    """Serve until SIGTERM or SIGINT, or as a user's own until nobody needs it; `on_ready` is told where.

    Raises:
        SystemFault: A port, the host key or the link socket can't be had.
        UsageError: An address can't be read, or another gateway has the link socket.
    """
    worker = settings.worker
    passed = worker.sockets if worker is not None else PassedSockets() if settings.is_own else passed_sockets()
    gateway = _Gateway(settings, passed)
    path = passed.link_path or link_socket_path(settings.config, is_own=settings.is_own)
    wait_s = 0.0 if settings.is_own else _OTHER_GATEWAY_S
    with held_link_socket(path, wait_s=wait_s, passed=passed.link) as listener:
        await gateway.serve(listener, path, lambda: on_ready(gateway.serving(path)))


class _Gateway:
    """The parts of one gateway process."""

    def __init__(self, settings: GatewaySettings, passed: PassedSockets) -> None:
        config = settings.config
        self._settings = settings
        self._passed = passed
        directory = made_private(Path(config.state_directory)) if config.state_directory else state_dir()
        self._directory = directory
        os.environ.setdefault("HOME", str(directory))  # asyncssh wants to know one; a user of systemd's may have none.
        startups = Startups.parse(config.max_unauthenticated)
        logins = startups.full + config.max_waiting
        browsers = MAX_UNSETTLED if settings.takes_browsers else 0
        self._room = room_for(
            Quotas(sessions=config.max_sessions, guests=config.max_guests, logins=logins, browsers=browsers)
        )
        hosts = replace(config.hosts, allow="none") if settings.is_own else config.hosts
        self._state = state_of(
            config,
            self._room,
            startups.within(self._room.quotas.logins),
            HostAdmission(hosts, directory, max_sessions=config.max_sessions_per_user),
            GatewayAudit(audit_path(config, directory), max_bytes=config.audit.max_bytes),
        )
        self._reserve = Reserve()
        self._tasks = Supervisor()
        self._stopping = asyncio.Event()
        key = host_key(directory)
        self._acceptor = Acceptor(
            self._state,
            ssh_options(self._state, key, login_timeout_s=config.login_timeout_s),
            self._reserve,
            NamedNetworks(config.proxy_protocol_from, key="proxy_protocol_from"),
            self._tasks,
        )
        store = recording_store(config.web)
        self._web = web_door(settings, self._state, store, max_unsettled=self._room.quotas.browsers)
        self._address = PublicAddress(
            config.advertise,
            lambda: self._acceptor.addresses,
            public_key=" ".join(key.export_public_key().decode().split()[:2]),
            fingerprint=key.get_fingerprint(),
            is_own=settings.is_own,
            web_url=self._page_url,
            record=config.record,
        )
        self._footprint = Footprint(directory / ("own-gateway.sessions" if settings.is_own else "gateway.sessions"))
        self._registry = HostRegistry(
            self._state,
            self._address,
            self._footprint,
            self._acceptor.add_address,
            grace_s=config.hosts.grace_s,
            record=config.record,
            is_own=settings.is_own,
            recordings=RecordingsPlace(store, self._page_url, self._state.audit) if store is not None else None,
        )
        self._store = store
        self._state.new_host_link = self._registry.new_link
        self._operator = Operator(self._state, self._take_no_more, self._address.place, store)
        self._stop_metrics: Callable[[], None] = lambda: None
        self._service: Service | None = None

    def serving(self, path: Path) -> Serving:
        """Return where the gateway is found; `path` is the link socket."""
        place = self._address.place()
        return Serving(tuple(place["listen"]), str(path), place["fingerprint"], place["web"])

    async def serve(self, listener: socket.socket, path: Path, on_ready: Callable[[], None]) -> None:
        """Serve until the gateway is stopped or nobody needs it. `listener` is the link socket at `path`."""
        await self._join_service()
        self._listen()
        loop = asyncio.get_running_loop()
        if self._footprint.had_sessions:
            self._state.waiting_room.open(loop.time() + RETURN_S)
            self._state.access.penalties.hold_until(loop.time() + RETURN_S)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._stop if _has_terminal() else self._reload)
        await self._operator.serve(operator_socket(path), self._passed.operator)
        links = LinkSocket(listener, self._reserve, self._registry.new_local_link, self._tasks)
        is_first = self._settings.worker is None or self._settings.worker.number == 0
        if self._settings.config.metrics_port and is_first:
            self._stop_metrics = serve_metrics(self._settings.config.metrics_port, self._operator.status_of_all_workers)
        gc.collect()
        gc.freeze()
        on_ready()
        self._room.log()
        if problem := self._state.hosts.problem():
            logger.warning("at the start: %s", problem)
        self._state.audit.write("start", {"pid": os.getpid(), "version": __version__})
        notify("READY=1", may_wait=True)
        if (worker := self._settings.worker) is not None:
            self._tasks.keep("telling the parent", lambda: tell_parent(worker, self._counts, self._stop))
        else:
            self._tasks.keep("telling systemd", lambda: feed_watchdog(self._counts))
        if (store := self._store) is not None:
            self._tasks.keep("removing expired recordings", lambda: self._remove_expired_recordings(store))
        if self._state.hosts.takes_remote:
            self._tasks.keep("following the list of hosts", self._registry.follow_list)
        try:
            if self._settings.is_own:
                await self._until_unused()
            else:
                await self._stopping.wait()
        finally:
            notify("STOPPING=1")
            links.close()
            await self._close()

    async def _join_service(self) -> None:
        """Become a part of a service of several gateways, if the settings say so."""
        if self._settings.worker is None and not self._settings.config.cluster.is_on:
            return
        # Here, not at the top: a gateway alone needs none of this.
        from pairterm.gateway.bus.opened_bus import opened_bus
        from pairterm.gateway.bus.settings_follower import SettingsFollower
        from pairterm.gateway.service import Service

        bus = opened_bus(self._settings, self._tasks)
        config, room = self._settings.config, self._room.quotas
        self._service = Service(
            bus, self._state, self._registry, self._operator, self._tasks, grace_s=config.hosts.grace_s
        )
        if self._settings.worker is not None and self._store is not None:
            self._store.has_other_workers = True
        if config.cluster.is_on:
            own = replace(config, max_guests=room.guests, max_sessions=room.sessions)
            kept = self._directory / "service-settings"
            self._operator.pushed = SettingsFollower(bus, own, self._state, self._registry, self._address, kept)
        await bus.start()

    def _listen(self) -> None:
        """Listen on the sockets that systemd passed, or else on all addresses of the settings."""
        self._acceptor.check_asyncssh()
        if self._settings.is_own:
            self._acceptor.add(bind_loopback(self._settings.port))
        if self._passed.guests:
            self._acceptor.add(self._passed.guests)
        else:
            for each in self._settings.config.listen:
                self._acceptor.add_address(*parse_address(each))
        if self._web is not None:
            is_for_both = self._settings.config.web.ssh_and_web
            self._acceptor.take_browsers(self._web.serve, on_ssh_ports=is_for_both)
            self._acceptor.add_web(self._passed.web or self._web.bound())
            addresses = self._acceptor.web_addresses + (self._acceptor.addresses if is_for_both else [])
            self._web.opened(addresses, socket.gethostname)

    def _page_url(self) -> str:
        """Return the URL of the page for links; "" for none. A page on loopback is of no use for other machines."""
        has_guests_from_elsewhere = self._settings.is_own and not is_loopback(self._acceptor.addresses)
        return self._web.url if self._web is not None and not has_guests_from_elsewhere else ""

    async def _remove_expired_recordings(self, store: RecordingStore) -> None:
        """Delete shared recordings when their time is over. Never returns."""
        while True:
            await asyncio.sleep(_EXPIRED_POLL_S)
            store.remove_expired()

    def _counts(self) -> str:
        """Return a line for `systemctl status`."""
        draining = "; takes no more guests" if self._state.is_draining else ""
        return f"{self._state.access.guests.count} guests, {len(self._state.directory)} sessions{draining}"

    async def _close(self) -> None:
        """Disconnect everyone with a message, and release what the gateway holds.

        From here on nobody is accepted. With systemd's sockets, newcomers wait in them for the next gateway.
        """
        await self._acceptor.shut()
        self._operator.close()
        self._stop_metrics()
        links = self._registry.close()
        if self._service is not None:
            await self._service.close()
        await self._acceptor.wait_empty(_FAREWELL_S)
        await self._acceptor.close()
        if self._web is not None:
            self._web.close()
        for link in links:
            link.abort()
        await self._tasks.close()
        self._state.audit.write("stop", {"pid": os.getpid()})
        self._state.audit.close()
        self._reserve.close()

    async def _until_unused(self) -> None:
        """Return when the gateway is stopped, or when it has had no session for a while."""
        changed, patience_s = self._registry.changed, _FIRST_SESSION_S
        while not self._stopping.is_set():
            changed.clear()
            try:
                async with asyncio.timeout(None if len(self._state.directory) else patience_s):
                    await changed.wait()
            except TimeoutError:
                return
            patience_s = _LAST_SESSION_S

    def _stop(self) -> None:
        self._stopping.set()
        self._registry.changed.set()

    def _reload(self) -> None:
        """Load the files again that may change while the gateway runs (`systemctl reload`)."""
        if self._web is not None:
            self._web.reload()

    def _take_no_more(self) -> None:
        """Take no more guests and sessions, and end when the last guest has left."""
        if not self._state.is_draining:
            self._state.is_draining = True
            if self._settings.worker is not None:
                tell_draining(self._settings.worker)
            self._tasks.keep("draining", self._end_when_empty)

    async def _end_when_empty(self) -> None:
        worker = self._settings.worker
        # Newcomers would wait in systemd's sockets until we end. They are refused instead.
        if not self._passed.guests or (worker is not None and worker.may_close_ports):
            await self._acceptor.shut(in_all_processes=True)
        if self._service is not None and self._service.has_others:
            await self._registry.hand_over()
        while not self._state.access.guests.is_empty:  # noqa: ASYNC110 -- counted in many places, and this happens once
            await asyncio.sleep(_EMPTY_POLL_S)
        self._stop()


def _has_terminal() -> bool:
    """Return whether this process has a controlling terminal: then SIGHUP means that the terminal is gone."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
