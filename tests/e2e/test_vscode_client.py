"""VS Code's own library for language clients, under node, and what people on a session see of its texts.

The library is the real one, and `tests/judge/vscode_api.cjs` stands in for VS Code itself.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pairterm.document.document import Position, Span
from tests.e2e.editors import CodeViewer
from tests.e2e.terminal import DEADLINE_S
from tests.e2e.world import World

JUDGE = Path(__file__).parents[1] / "judge"
CLIENT = JUDGE / "vscode_client.cjs"

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (JUDGE / "node_modules" / "vscode-languageclient").exists(),
    reason="not installed: node, or vscode-languageclient by scripts/setup",
)


class VsCodeClient:
    """A language client that does what it is told."""

    def __init__(self, world: World, project: Path, *options: str) -> None:
        with (world.root / "vscode.log").open("ab") as log:
            argv = ("node", str(CLIENT), str(project), "pairterm", "lsp", *options)
            self._process = world.start(*argv, stdin=subprocess.PIPE, stderr=log)

    def do(self, **request: Any) -> Any:
        """Return the answer: the text, or the messages that the person has seen."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the client has ended with status {self._process.wait(DEADLINE_S)}"
        return json.loads(line)


def edit(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    """Return one edit. Places are a line and a unit of UTF-16, from 0."""
    return {"start": start, "end": end, "text": text}


def test_people_see_the_edits_of_several_cursors_and_what_is_selected(town: World, tmp_path: Path) -> None:
    """VS Code sends one batch for all cursors. It has no cursors in LSP, and asks for actions on what is selected."""
    (tmp_path / "a.py").write_bytes("abc\r\ndef\r\nghi\r\n汉字\tx\r\n".encode())
    links = town.new("vscode", "cat")
    guest = town.ssh(links.ro)
    owner = town.attach("vscode")
    with CodeViewer(town, "vscode") as viewer:
        client = VsCodeClient(town, tmp_path, "-t", "vscode")
        client.do(open="a.py")
        viewer.until_same("a.py", ["abc", "def", "ghi", "汉字\tx", ""])
        for edits in (
            [edit((0, 1), (2, 1), "X\nY")],  # Fewer lines: pair-ls panics.
            [edit((line, 0), (line, 0), "😀") for line in range(3)],  # One key with three cursors.
            [edit((line, 2), (line, 3), "é") for line in range(3)],  # They replace what is behind the emoji.
            [edit((0, 0), (0, 0), "# "), edit((2, 3), (2, 3), "\n\t"), edit((1, 0), (2, 0), "")],
            [edit((0, 0), (9, 0), "all new\nç e\u0301 👩\u200d💻 汉\n")],
        ):
            text = client.do(edit=edits)
            viewer.until_same("a.py", text.replace("\r\n", "\n").split("\n"))

        owner.keys("C-b", "n")
        guest.sees("all new")
        client.do(select=[[1, 2], [1, 9]])
        # Seven units of UTF-16 are five characters: two of them stand for the woman.
        selection = Span(Position(1, 2), Position(1, 7))
        viewer.until(lambda: viewer.selections("a.py") == [selection], lambda: f"not {viewer.selections('a.py')}")
        assert viewer.cursors("a.py") == [(2, 8)]
        guest.sees("汉   tester")
        shown = client.do(messages=True)
        assert [each.split(":")[0] for each in shown] == ["Sharing"], shown
        client.do(stop=True)
        viewer.until(lambda: not viewer.sharers, "the editor stays in the list")
    town.run("kill", "-t", "vscode")
