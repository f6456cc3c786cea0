"""`pairterm lsp` from start to end: the language server on standard input and output, and its link to the host."""

from __future__ import annotations

import asyncio
import getpass
import hashlib
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from pygls.io_ import StdoutWriter, run_async

from pairterm.editor.colourer import Colourer
from pairterm.editor.file_filter import FileFilter, path_of
from pairterm.editor.host_connection import HostConnection, Reports
from pairterm.editor.open_files import OpenFiles
from pairterm.editor.server import EditorServer
from pairterm.link.messages import SessionInfo, ShareHello
from pairterm.link.ssh_commands import ssh_command, ssh_users, web_links

__all__ = ["EditorSettings", "share_editor"]

logger = logging.getLogger(__name__)

_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorSettings:
    """What `pairterm lsp` is told on its command line."""

    find_session: Callable[[str], str]
    """Returns the session in which to share, or starts it. It gets the name of the workspace."""
    root: Path | None = None
    """Shared in place of the folders that the editor has opened."""
    includes: Sequence[str] = ()
    excludes: Sequence[str] = ()
    notes: Sequence[str] = ()
    """Lines for the editor's log."""


def share_editor(settings: EditorSettings) -> None:
    """Serve the editor at the other end of standard input and output, until it ends."""
    try:
        asyncio.run(_Editor(settings).run())
    except (BrokenPipeError, KeyboardInterrupt):
        logger.info("the editor is gone")


class _Editor:
    """One editor, between its language client and the host."""

    def __init__(self, settings: EditorSettings) -> None:
        self._settings = settings
        self._server = EditorServer(self)
        self._rules: FileFilter | None = None
        self._files: OpenFiles | None = None
        self._connection: HostConnection | None = None
        self._colourer: Colourer | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._url = ""

    async def run(self) -> None:
        reader = asyncio.StreamReader(limit=_READ_BYTES)
        loop = asyncio.get_running_loop()
        stdin, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
        loop.add_signal_handler(signal.SIGTERM, self._terminate, stdin)
        protocol = self._server.protocol
        protocol.set_writer(StdoutWriter(sys.stdout.buffer))
        try:
            await run_async(Event(), reader, protocol, logger, self._server.report_server_error)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def begin(self, folders: list[str]) -> OpenFiles:
        """Begin to share: see `server.Sharing`."""
        settings = self._settings
        roots = _paths(folders)
        if settings.root is not None:
            roots = [settings.root]
        rules = self._rules = FileFilter(roots, includes=settings.includes, excludes=settings.excludes)
        files = self._files = OpenFiles(rules, tell=self._server.warn)
        name = getpass.getuser()
        key = hashlib.sha256("\0".join([name, *map(str, roots)]).encode("utf-8", "surrogateescape")).digest()
        self._connection = HostConnection(
            files,
            ShareHello(name[:64], rules.name[:512], key),
            find_session=lambda: settings.find_session(rules.name),
            reports=Reports(self._shared, self._server.fail),
        )
        self._colourer = Colourer(files, self._connection.publish)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._stay(self._connection, rules)),
            loop.create_task(self._colourer.run()),
        ]
        return files

    async def _stay(self, connection: HostConnection, rules: FileFilter) -> None:
        for note in self._settings.notes:
            self._server.log(note)
        self._check_folders(rules)
        await connection.stay()

    def _check_folders(self, rules: FileFilter) -> None:
        if fault := rules.root_fault():
            self._server.fail(f"nothing is shared: {fault}")

    def change_folders(self, added: list[str], removed: list[str]) -> None:
        """Share by other folders. With `--root`, the editor's folders do not count."""
        if self._files is None or self._rules is None or self._settings.root is not None:
            return
        self._rules.change_roots(_paths(added), _paths(removed))
        self._check_folders(self._rules)
        self._files.judge_all()
        self.publish()

    def publish(self) -> None:
        """Share what has changed."""
        if self._connection is not None and self._colourer is not None:
            self._connection.publish()
            self._colourer.look()

    def end(self) -> None:
        """End the sharing."""
        if self._connection is not None:
            self._connection.finish()

    def _terminate(self, stdin: asyncio.ReadTransport) -> None:
        """End as a shutdown request ends it. Vim sends this signal to its jobs when it exits, and nothing before."""
        self.end()
        stdin.close()

    def _shared(self, info: SessionInfo) -> None:
        """Show the link for guests who watch. If it is another one later, only the log has it."""
        assert info.address is not None
        users, web = ssh_users(info.address), web_links(info.address)
        user = users.get("ssh_ro") or users.get("ssh_name", "")
        url = web.get("web_ro", "")
        if user:
            self._server.log(f"guests watch with: {ssh_command(info.address.host, info.address.port, user)}")
            url = url or f"ssh://{user}@{info.address.host}:{info.address.port}"
        if not url:
            self._server.warn(f"session {info.session} has no link for watching: 'pairterm link new' makes one")
        elif not self._url:
            self._url = url
            self._server.show_link(url)
        elif url != self._url:
            self._url = url
            self._server.log(f"the link is now {url}")


def _paths(folders: list[str]) -> list[Path]:
    """Return the paths of folders that an editor names by URIs."""
    return [path for each in folders if (path := path_of(each)) is not None]
