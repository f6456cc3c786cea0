"""A host process from start to end: its socket, its gateway, its program, and the end of all three.

The order leaves nothing half-made. The host takes the session's name first, connects to the
gateway second, and starts the program last, because that start has effects. If a step fails,
the steps before it are undone.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import pwd
import signal
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from pairterm.access.tokens import Tokens, new_tokens, token_hash
from pairterm.errors import PairtermError, UsageError
from pairterm.host.actor import HostActor
from pairterm.host.admission_setup import PeopleSettings, pin_key, set_up_session
from pairterm.host.early_gateway import EarlyGateway
from pairterm.host.end_process_tree import end_tree
from pairterm.host.environment import program_environment
from pairterm.host.gateway_link import GatewayConnector, Uplink
from pairterm.host.hooks import Hooks
from pairterm.host.host_watcher import adopt_orphans
from pairterm.host.key_lists import KeyLists
from pairterm.host.local_gateways import GatewayAddress, OwnGatewayConnector, UnixConnector
from pairterm.host.local_socket import LocalSocket
from pairterm.host.old_session_files import remove_old
from pairterm.host.pty import PtyProgram
from pairterm.host.small_process import give_back_memory
from pairterm.host.webhooks import Webhooks, WebhookSettings
from pairterm.link.messages import Register, ViewSettings
from pairterm.paths import audit_file, session_names, state_dir
from pairterm.runtime.audit_log import AuditLog
from pairterm.runtime.crash_report import report_crashes
from pairterm.runtime.direct_loop import run
from pairterm.runtime.logs import log_to_stderr
from pairterm.runtime.spawn import report_error, report_ready
from pairterm.runtime.supervisor import Supervisor
from pairterm.session.commands.option_table import change_option
from pairterm.session.core import SessionCore
from pairterm.session.effects import Closed, Note, Pin
from pairterm.session.recording import RecordingPolicy
from pairterm.session.session_parts import SessionParts
from pairterm.session.windows.workspace import WindowSettings
from pairterm.types import PaneId, Size

__all__ = ["HostSettings", "main"]

logger = logging.getLogger(__name__)

_HOOKS_S = 5.0
"""How long hooks may run after the session's end."""

_PIPES_S = 0.5
"""How long the commands of `pipe-pane` may read the last output of their panes."""

_FAREWELL_S = 2.0
"""How long the process waits until its last messages are sent."""

_WEBHOOK_FAREWELL_S = 15.0
"""How long the process stays to send the last events to the webhook. Nobody waits for it."""

_INSTANCE_BYTES = 16

_NO_PROGRAM = "(shared code)"
"""The command of a session without a program, in lists."""

_CI_WELCOME = "this is a CI job: 'pairterm continue' or 'exit' lets it go on"
"""Each guest of a CI job's session sees this."""


class RecordSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether and where the session is recorded."""

    policy: RecordingPolicy = "ask"
    is_on: bool = False
    """Begin at the start."""
    file: str = ""
    has_input: bool = False


class HostSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that `pairterm new` gives to the host. They contain no token: the host draws the tokens."""

    name: str
    rows: int
    cols: int
    command: list[str]
    """The program and its arguments; empty for the login shell."""
    directory: str
    gateway: GatewayAddress
    webhook: WebhookSettings
    listen: list[str]
    advertise: str
    port: int
    """The port of the user's own gateway when it is first started."""
    web: bool
    """The user's own gateway serves the page for browsers."""
    views: ViewSettings
    people: PeopleSettings
    hooks: dict[str, str]
    size_policy: str
    size_floor: str
    term: str
    history_lines: int
    ends_with_stdin: bool
    """End the session when standard input ends: the command that started us runs in the foreground."""
    has_program: bool = True
    """False: the session has no program and no shell. It is there for the code that editors share."""
    is_ci_job: bool = False
    """The session is in a CI job: its shell keeps the job's PATH, and guests see how to let the job go on."""
    record: RecordSettings = msgspec.field(default_factory=RecordSettings)
    workspace: list[WindowSettings] = msgspec.field(default_factory=list)
    """The windows and panes that are opened at the start; []: one window with `command`."""


def main(given: dict[str, Any], gateway: EarlyGateway) -> int:
    """Run a session with these settings; return its command's exit status."""
    log_to_stderr(logging.INFO, is_own_file=True)
    report_crashes("the host of a session")
    settings = msgspec.convert(given, HostSettings)
    try:
        return run(_run(settings, gateway))
    except PairtermError as error:
        logger.error("not started: %s", error)
        report_error(error)
    finally:
        gateway.end_unless_taken()


async def _run(settings: HostSettings, gateway: EarlyGateway) -> int:
    return await _Host(settings, gateway).run()


def _program(
    command: list[str], environment: dict[str, str], directory: str, *, is_login: bool
) -> tuple[str, list[str]]:
    """Return the executable and the arguments of `command`; those of the user's shell for no command.

    A single word with spaces or other signs that is not a program is a line for the shell, as in tmux. With
    `is_login`, the user's shell is a login shell, which reads /etc/profile.

    Raises:
        UsageError: There is no such program.
    """
    shell = environment.get("SHELL") or _login_shell()
    if not command:
        found = _which(shell, os.environ.get("PATH", os.defpath))
        if found is None:
            raise UsageError(f"no shell {shell!r}: set SHELL to one, or give a command after '--'", code="command")
        return found, [f"-{Path(shell).name}" if is_login else Path(shell).name]
    path = environment.get("PATH", os.defpath)
    found = _which(os.path.join(directory, command[0]) if "/" in command[0] else command[0], path)
    if found is not None:
        return found, command
    if len(command) == 1 and any(char in command[0] for char in " ;|&<>()$`"):
        return "/bin/sh", ["sh", "-c", command[0]]
    raise UsageError(f"no such command: {command[0]}", code="command")


class _Starter:
    """Starts the programs of new panes, with the session's environment."""

    def __init__(self, settings: HostSettings, environment: dict[str, str], *, is_login: bool) -> None:
        self._directory = settings.directory
        self._environment = environment
        self._is_login = is_login

    def __call__(
        self,
        pane: PaneId,
        command: tuple[str, ...],
        directory: str,
        size: Size,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> PtyProgram:
        """Start a program: see `programs.StartsPrograms`."""
        directory = directory or self._directory
        environment = {**self._environment, **environment, "PAIRTERM_PANE": f"%{pane}"}
        executable, argv = _program(list(command), environment, directory, is_login=self._is_login)
        return PtyProgram(argv, executable=executable, environment=environment, directory=directory, size=size)


def _remember_key(pin: Pin) -> None:
    """Remember a guest's key. If it can't be written to the disk, the session goes on."""
    try:
        pin_key(pin)
    except PairtermError as error:
        logger.warning("a guest's key can't be remembered: %s", error)


def _which(command: str, path: str) -> str | None:
    """Return the program of that name or path. `shutil.which` would load three compressors into every host."""
    places = [command] if "/" in command else [os.path.join(each or ".", command) for each in path.split(os.pathsep)]
    return next((each for each in places if os.path.isfile(each) and os.access(each, os.X_OK)), None)


def _login_shell() -> str:
    """Return the shell in the user's passwd entry. In a container or a cron job, SHELL is not set."""
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(os.getuid()).pw_shell or "/bin/sh"
    return "/bin/sh"


def _connector(settings: HostSettings, actor: HostActor, early: EarlyGateway) -> GatewayConnector:
    gateway = settings.gateway
    if gateway.host:
        # Here, not at the top: it imports asyncssh, which a host on the gateway's machine never needs.
        from pairterm.host.gateway_over_ssh import SshConnector

        return SshConnector(gateway, actor)
    if gateway.is_own:
        return OwnGatewayConnector(
            Path(gateway.socket), settings.listen, settings.advertise, settings.port, web=settings.web, early=early
        )
    return UnixConnector(Path(gateway.socket))


class _Host:
    """The parts of one host process. They start in one order, and end in the reverse."""

    def __init__(self, settings: HostSettings, early_gateway: EarlyGateway) -> None:
        self._settings = settings
        self._early_gateway = early_gateway
        self._tokens: Tokens = new_tokens()
        self._audit = AuditLog(audit_file(settings.name))
        self._tasks = Supervisor(self._task_failed)
        self._hooks = Hooks(settings.hooks, self._tasks)
        self._actor: HostActor | None = None

    async def run(self) -> int:
        settings = self._settings
        adopt_orphans()
        socket = LocalSocket(settings.name)
        try:
            remove_old(state_dir(), session_names())
            environment = program_environment(os.environ, socket=socket.path, term=settings.term)
            views = msgspec.structs.replace(settings.views, term=environment["TERM"][:64])
            # A CI job's setup steps set PATH, and a login shell's /etc/profile would replace it.
            is_login = not settings.is_ci_job
            command = _NO_PROGRAM
            if settings.has_program:
                _, argv = _program(settings.command, environment, settings.directory, is_login=is_login)
                command = " ".join(argv)
            size = Size.clamped(rows=settings.rows, cols=settings.cols)
            parts, lists = await self._session_parts()
            parts.term = environment["TERM"]
            core = SessionCore(parts, size=size, history_lines=settings.history_lines)
            core.started_with(tuple(settings.command))
            core.recording.is_planned = settings.record.is_on or settings.record.policy == "always"
            actor = HostActor(core, command=command, settings=views, on_note=self._note, on_pin=_remember_key)
            webhooks = Webhooks(settings.webhook, str(uuid.uuid4()))
            actor.event_log.on_event = webhooks.add
            uplink = await self._connected_uplink(actor)
            actor.pipes.environment, actor.pipes.directory = environment, settings.directory
            program = None
            if settings.has_program:
                starter = _Starter(settings, environment, is_login=is_login)
                actor.programs.start_program = starter
                program = starter(core.first_pane, tuple(settings.command), settings.directory, size)
            else:
                parts.code_window.take_first(core.first_pane)
            try:
                self._tasks.keep("telling the webhook", webhooks.run)
                status = await self._share(program, actor, uplink, socket, lists)
            finally:
                await actor.pipes.finish(_PIPES_S)
                first = [program.pid] if program is not None else []
                # Also after a failure: the processes of a session must not outlive it.
                await end_tree([*first, *actor.programs.pids()], spared=actor.proxies | actor.recording.pids)
            await actor.farewell(_FAREWELL_S)
            await webhooks.finish(_WEBHOOK_FAREWELL_S)
            return status
        finally:
            socket.close()
            await self._tasks.close()
            self._audit.close()

    async def _share(
        self, program: PtyProgram | None, actor: HostActor, uplink: Uplink, socket: LocalSocket, lists: KeyLists
    ) -> int:
        """Share the session until the session is over; return its exit status."""
        os.chdir("/")
        self._actor = actor
        if program is not None:
            actor.start(program)
        else:
            actor.expect_editor()
        if self._settings.workspace:
            actor.open_workspace(self._settings.workspace)
        await socket.serve(actor)
        record = self._settings.record
        actor.begin_recording(record.policy, is_on=record.is_on, file=record.file, has_input=record.has_input)
        self._tasks.keep("keeping the session's socket", socket.keep)
        if lists:
            actor.follow_keys(lists, self._tasks)
        self._note(Note("start", {"pid": os.getpid()}))
        closed = await self._live(actor, uplink)
        socket.close()
        await self._hooks.finish(_HOOKS_S)
        return closed.status

    def _task_failed(self, text: str) -> None:
        """Tell the owner that a background task failed."""
        if self._actor is not None:
            self._actor.note(text)

    async def _session_parts(self) -> tuple[SessionParts, KeyLists]:
        """Return the parts of the session with the owner's settings, and the lists of keys."""
        settings = self._settings
        now_s = asyncio.get_running_loop().time()
        parts, lists = await set_up_session(
            settings.name, self._tokens, settings.people, prefix=settings.views.prefix, now_s=now_s
        )
        for name, value in (("size-policy", settings.size_policy), ("size-floor", settings.size_floor)):
            change_option(parts, name, value, None, now_s)
        parts.host_name = os.uname().nodename
        parts.notices.greeting = _CI_WELCOME if settings.is_ci_job else ""
        return parts, lists

    def _note(self, note: Note) -> None:
        """Write an event to the audit log, and run the owner's hooks for it."""
        record = self._audit.write(note.event, {"session": self._settings.name, **note.fields})
        self._hooks.fire(note.event, record)

    async def _connected_uplink(self, actor: HostActor) -> Uplink:
        settings = self._settings
        register = Register(
            settings.name,
            token_hash(self._tokens.read_write),
            token_hash(self._tokens.read_only),
            settings.listen,
            seal=self._tokens.seal,
            instance=os.urandom(_INSTANCE_BYTES),
            fixed_name=settings.gateway.fixed_name,
        )
        uplink = Uplink(_connector(settings, actor, self._early_gateway), actor, register)
        await uplink.connect()
        return uplink

    async def _live(self, actor: HostActor, uplink: Uplink) -> Closed:
        """Report that we are ready, and wait until the session is over."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, actor.kill)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # A session outlives the login that started it.
        if self._settings.ends_with_stdin:
            loop.add_reader(0, self._starter_gone, actor)
        # The objects of the start stay for good: the garbage collector need not look at them again.
        gc.collect()
        gc.freeze()
        give_back_memory()
        report_ready(msgspec.to_builtins(actor.info()))
        staying = self._tasks.keep("staying at the gateway", uplink.stay)
        try:
            return await actor.closed
        finally:
            staying.cancel()
            await asyncio.wait((staying,))

    def _starter_gone(self, actor: HostActor) -> None:
        if not os.read(0, 1):
            asyncio.get_running_loop().remove_reader(0)
            actor.kill()
