"""What shared code costs: an edit on its way to 50 viewers, and a file of 20,000 lines.

`python -m tests.bench.bench_editor` prints a table in Markdown. It starts a session, `pairterm lsp` with a language
client, and viewers: guests with ssh at one gateway, then links of the session's socket, each with one client. An edit
is measured from the client's notification to the moment in which its bytes reach a viewer. All viewers are read by
this one process, so the last one's figure has the time in which it reads the others. It passes no judgement.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import select
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import asyncssh

from tests.bench.peers.account import pss_bytes
from tests.e2e.editors import CURSOR_PLUGIN, CodeViewer, LanguageClient
from tests.e2e.world import Links, World, open_world

__all__ = ["main"]

_MARK = 12
"""The length of the text by which a painting of an edit is known."""

_MESSAGE_S = 4.5
"""After it no message about who came is shown any more."""

_LINE = "    total_{0} = compute(left_{0}, right_{0})  # as the table of figures says"


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--edits", type=int, default=300)
    parser.add_argument("--lines", type=int, default=20_000)
    given = parser.parse_args()
    with open_world() as world, contextlib.ExitStack() as stack:
        links = world.new("s", "cat")
        host = world.session("s")["pid"]
        root = world.root / "project"
        root.mkdir()
        editor = LanguageClient(world, root, "-t", "s", capabilities=CURSOR_PLUGIN)
        print("| | figure |\n|---|---|")
        asyncio.run(_measure_guests(world, editor, links, given))
        _measure(world, editor, host, stack, given)
        editor.end()


def _measure(
    world: World, editor: LanguageClient, host: int, stack: contextlib.ExitStack, given: argparse.Namespace
) -> None:
    small, large = (editor.root / each for each in ("small.py", "large.py"))
    text = "\n".join(_LINE.format(number) for number in range(200))
    editor.open(small.as_uri(), text)
    viewers = [stack.enter_context(CodeViewer(world, "s")) for _ in range(given.viewers)]
    for viewer in viewers:
        viewer.until(lambda viewer=viewer: any(_colours(viewer, "small.py")), "no text")  # type: ignore[misc]
    viewers[0].update_bytes.clear()
    taken = [_edit(editor, small, viewers, number) for number in range(given.edits)]
    _print_times(f"{given.viewers} links with a client each", taken)
    sizes = sorted(viewers[0].update_bytes)
    print(f"| an update for a typed character, p50 / most | {statistics.median(sizes):.0f} / {sizes[-1]} bytes |")
    before = pss_bytes([host])
    editor.open(large.as_uri(), "\n".join(_LINE.format(number) for number in range(given.lines)))
    _read_until(viewers, lambda viewer: _is_whole(viewer, given.lines))
    late = stack.enter_context(CodeViewer(world, "s"))
    began_s = time.perf_counter()
    late.until(lambda: _is_whole(late, given.lines), "no large text")
    print(f"| a file of {given.lines} lines opens at a viewer | {(time.perf_counter() - began_s) * 1000:.0f} ms |")
    print(f"| the host's memory for it, with its colours | {(pss_bytes([host]) - before) / (1 << 20):.1f} MiB |")


async def _measure_guests(world: World, editor: LanguageClient, links: Links, given: argparse.Namespace) -> None:
    """Measure edits of a text without colours, because those come later: each edit is one painting for each guest."""
    file = editor.root / "plain.txt"
    editor.open(file.as_uri(), "\n".join(["a" * _MARK] * 20), language="plaintext")
    world.run("select-window", "-t", "s:code")
    received = [bytearray() for _ in range(given.viewers)]
    arrived: asyncio.Queue[int] = asyncio.Queue(given.viewers)

    async def read(number: int, process: asyncssh.SSHClientProcess[bytes]) -> None:
        while data := await process.stdout.read(65536):
            received[number] += data
            await arrived.put(number)

    async def edit(letter: str) -> list[float]:
        line = {"start": {"line": 3, "character": 0}, "end": {"line": 3, "character": _MARK}}
        waiting, taken = set(range(given.viewers)), []
        began_s = time.perf_counter()
        editor.change(file.as_uri(), {"range": line, "text": letter * _MARK})
        async with asyncio.timeout(10):
            while waiting:
                number = await arrived.get()
                if number in waiting and letter.encode() * _MARK in received[number]:
                    taken.append(time.perf_counter() - began_s)
                    waiting.remove(number)
                    received[number].clear()
        return taken

    async with asyncio.TaskGroup() as group, contextlib.AsyncExitStack() as stack:
        for number in range(given.viewers):
            connection = await stack.enter_async_context(_guest(links))
            process = await connection.create_process(term_type="xterm-256color", term_size=(80, 24), encoding=None)
            group.create_task(read(number, process))
        await asyncio.sleep(_MESSAGE_S)
        await edit("b")
        taken = [await edit("cdefgh"[number % 6]) for number in range(given.edits)]
    _print_times(f"{given.viewers} guests with ssh", taken)
    editor.notify("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})


def _guest(links: Links) -> contextlib.AbstractAsyncContextManager[asyncssh.SSHClientConnection]:
    to = links.ro
    return asyncssh.connect(to.host, to.port, username=to.user, known_hosts=None, client_keys=None, config=None)


def _print_times(viewers: str, taken: list[list[float]]) -> None:
    times = sorted(each for edit in taken for each in edit)
    print(f"| an edit at {viewers}, p50 | {statistics.median(times) * 1000:.1f} ms |")
    print(f"| the same, p99 | {times[int(len(times) * 0.99)] * 1000:.1f} ms |")


def _edit(editor: LanguageClient, file: Path, viewers: list[CodeViewer], number: int) -> list[float]:
    """Type one character; return the seconds until each viewer has it."""
    place = {"line": number % 200, "character": 4}
    line, waiting = number % 200, {each.fileno(): each for each in viewers}
    began_s = time.perf_counter()
    editor.change(file.as_uri(), {"range": {"start": place, "end": place}, "text": "x"})
    taken: list[float] = []
    while waiting:
        ready, _, _ = select.select(list(waiting), [], [], 10)
        assert ready, "an edit does not arrive"
        for each in ready:
            waiting[each].read()
            document = waiting[each].document(file.name)
            if document is not None and document.lines[line].startswith("    x"):
                taken.append(time.perf_counter() - began_s)
                del waiting[each]
    return taken


def _read_until(viewers: list[CodeViewer], has_all: Callable[[CodeViewer], bool]) -> None:
    """Read all viewers, each when something is there."""
    waiting = {each.fileno(): each for each in viewers}
    while waiting:
        ready, _, _ = select.select(list(waiting), [], [], 10)
        assert ready, "a text does not arrive"
        for each in ready:
            waiting[each].read()
            if has_all(waiting[each]):
                del waiting[each]


def _colours(viewer: CodeViewer, name: str) -> tuple[bytes, ...]:
    document = viewer.document(name)
    return document.colours if document is not None else ()


def _is_whole(viewer: CodeViewer, lines: int) -> bool:
    """Return whether a viewer has all lines of the large file, with their colours."""
    document = viewer.document("large.py")
    return document is not None and len(document.lines) == lines and document.is_whole and bool(document.colours[-1])


if __name__ == "__main__":
    main()
