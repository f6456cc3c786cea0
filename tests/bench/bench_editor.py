"""What shared code costs: an edit on its way to 50 viewers, and a file of 20,000 lines.

`python -m tests.bench.bench_editor` prints a table in Markdown. It starts a session, `pairterm lsp` with a language
client, and viewers on the session's socket. An edit is measured from the client's notification to the moment in which
a viewer has the new text. All viewers are read by this one process. It passes no judgement.
"""

from __future__ import annotations

import argparse
import contextlib
import select
import statistics
import time
from pathlib import Path

from tests.bench.peers.account import pss_bytes
from tests.e2e.editors import CURSOR_PLUGIN, CodeViewer, LanguageClient
from tests.e2e.world import World, open_world

__all__ = ["main"]

_LINE = "    total_{0} = compute(left_{0}, right_{0})  # as the table of figures says"


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--edits", type=int, default=300)
    parser.add_argument("--lines", type=int, default=20_000)
    given = parser.parse_args()
    with open_world() as world, contextlib.ExitStack() as stack:
        world.new("s", "cat")
        host = world.session("s")["pid"]
        root = world.root / "project"
        root.mkdir()
        editor = LanguageClient(world, root, "-t", "s", capabilities=CURSOR_PLUGIN)
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
    print("| | figure |\n|---|---|")
    taken = [_edit(editor, small, viewers, number) for number in range(given.edits)]
    last = sorted(each for edit in taken for each in edit)
    p99 = last[int(len(last) * 0.99)]
    print(f"| an edit at {given.viewers} viewers, p50 | {statistics.median(last) * 1000:.1f} ms |")
    print(f"| the same, p99 | {p99 * 1000:.1f} ms |")
    sizes = sorted(viewers[0].update_bytes)
    print(f"| an update for a typed character, p50 / most | {statistics.median(sizes):.0f} / {sizes[-1]} bytes |")
    before = pss_bytes([host])
    editor.open(large.as_uri(), "\n".join(_LINE.format(number) for number in range(given.lines)))
    for viewer in viewers:
        viewer.until(lambda viewer=viewer: _is_whole(viewer, given.lines), "no large text")  # type: ignore[misc]
    late = stack.enter_context(CodeViewer(world, "s"))
    began_s = time.perf_counter()
    late.until(lambda: _is_whole(late, given.lines), "no large text")
    print(f"| a file of {given.lines} lines opens at a viewer | {(time.perf_counter() - began_s) * 1000:.0f} ms |")
    print(f"| the host's memory for it, with its colours | {(pss_bytes([host]) - before) / (1 << 20):.1f} MiB |")


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


def _colours(viewer: CodeViewer, name: str) -> tuple[bytes, ...]:
    document = viewer.document(name)
    return document.colours if document is not None else ()


def _is_whole(viewer: CodeViewer, lines: int) -> bool:
    document = viewer.document("large.py")
    return document is not None and document.is_whole and len(document.lines) == lines


if __name__ == "__main__":
    main()
