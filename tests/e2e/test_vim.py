"""A real Vim with ALE and the lines of docs/editor.md, and what a viewer of the session sees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pairterm.document.document import Position, Span
from tests.e2e.editors import CodeViewer, recipe
from tests.e2e.terminal import eventually
from tests.e2e.world import World

pytestmark = pytest.mark.skipif(not Path("/usr/share/vim-ale").exists(), reason="not installed: vim-ale")

ESCAPE = "\x1b"


class Vim:
    """A Vim in a terminal, in the folder of its project."""

    def __init__(self, world: World, project: Path, file: str) -> None:
        (world.home / ".vimrc").write_text(recipe("vim"), encoding="utf-8")
        self._answer = project.parent / "answer.json"
        self._terminal = world.terminal(["sh", "-c", 'cd "$0" && exec vim "$1"', str(project), file])
        self._terminal.sees(f'"{file}"')

    def press(self, keys: str) -> None:
        self._terminal.type(keys)

    def state(self) -> tuple[list[str], tuple[int, int]]:
        """Return the lines, and the line and the character of the cursor."""
        self._answer.unlink(missing_ok=True)
        values = "[json_encode([getline(1, '$'), line('.'), charcol('.')]), 'end']"
        self.press(f":call writefile({values}, '{self._answer}')\r")
        eventually(lambda: self._answer.exists() and "end" in self._answer.read_text(), self._terminal.screen)
        lines, line, column = json.loads(self._answer.read_text().splitlines()[0])
        return lines, (line, column)

    def quit(self) -> None:
        self.press(":qa!\r")
        self._terminal.has_exited()


def test_a_viewer_sees_what_vim_has_after_edits_on_which_pair_ls_diverges(town: World, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text("abc\ndef\nghi\n汉字\tx\n", encoding="utf-8")
    (project / "b.c").write_text("int x;\n", encoding="utf-8")
    (project / ".env").write_text("PASSWORD=x\n")
    town.new("vim", "cat")
    with CodeViewer(town, "vim") as viewer:
        vim = Vim(town, project, "a.py")
        vim.press(":Share -t vim\r")
        viewer.until(lambda: viewer.lines("a.py"), "the text does not come")
        for keys in (
            *(f"ggVjcX{ESCAPE}", f"oé😀b{ESCAPE}", "ggyGGp", ":%s/h/H\\r/g\r", "u", "GkJ", "ggdd"),
            *(f"ggO{ESCAPE}u\x12", ":%!sort\r", "2G$", ":%d\r", f"inew{ESCAPE}", "G$"),
        ):
            vim.press(keys)
            lines, cursor = vim.state()
            # The end of the file's last line begins one more line.
            viewer.until_same("a.py", [*lines, ""], cursor, keys)

        vim.press("ggv$")

        selection = Span(Position(0, 0), Position(0, len(lines[0])))
        viewer.until(lambda: viewer.selections("a.py") == [selection], lambda: f"not {viewer.selections('a.py')}")
        vim.press(f"{ESCAPE}:w\r:e b.c\r")
        viewer.until(lambda: viewer.lines("b.c") == ["int x;", ""], "the second file does not come")
        vim.press(":e .env\r")
        viewer.until(lambda: viewer.sharers[0].is_active_withheld, "the file is not named as withheld")
        assert [each.name for each in viewer.documents.tabs] == ["a.py", "b.c"]
        vim.quit()
        viewer.until(lambda: not viewer.sharers, "the editor stays in the list")
    town.run("kill", "-t", "vim")
