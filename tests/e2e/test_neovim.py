"""A real Neovim with the lines of docs/editor.md, and what a viewer of the session sees."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pairterm.document.document import Position, Span
from tests.e2e.editors import CodeViewer, recipe
from tests.e2e.terminal import eventually
from tests.e2e.world import World

pytestmark = pytest.mark.skipif(shutil.which("nvim") is None, reason="not installed: nvim")


class Neovim:
    """A Neovim without a terminal, which takes keys by its socket."""

    def __init__(self, world: World, directory: Path, *files: str) -> None:
        (directory / "init.lua").write_text(recipe("lua"), encoding="utf-8")
        self._world = world
        self._socket = directory / "nvim.sock"
        with (world.root / "nvim.log").open("ab") as log:
            self._process = world.start(
                *("nvim", "--headless", "-u", str(directory / "init.lua"), "-i", "NONE", "-n"),
                *("--listen", str(self._socket), "-c", f"cd {directory}", *(str(directory / each) for each in files)),
                stdout=log,
                stderr=log,
            )
        eventually(self._socket.exists, "Neovim does not listen")

    def keys(self, keys: str) -> None:
        self._world.run_any("nvim", "--server", str(self._socket), "--remote-send", keys)

    def expression(self, text: str) -> str:
        done = self._world.run_any("nvim", "--server", str(self._socket), "--remote-expr", text)
        return done.stdout + done.stderr  # Neovim 0.7 prints the value as an error.

    def lines(self) -> list[str]:
        lines: list[str] = json.loads(self.expression('json_encode(getline(1,"$"))'))
        return lines

    def quit(self) -> None:
        self.keys("<Esc>:qa!<CR>")
        self._process.wait(30)


def test_a_viewer_sees_what_neovim_has_after_edits_on_which_pair_ls_diverges(town: World, tmp_path: Path) -> None:
    """With pair-ls 0.1.1, the viewer's text is wrong for good after the first of these keys."""
    town.new("vim", "cat")
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text("abc\ndef\nghi\n汉字\tx\n", encoding="utf-8")
    (project / ".env").write_text("PASSWORD=x\n")
    with CodeViewer(town, "vim") as viewer:
        neovim = Neovim(town, project, "a.py")
        neovim.keys(":Share -t vim<CR>")
        viewer.until(lambda: viewer.lines("a.py"), "the text does not come")
        for keys in ("ggVjcX<Esc>", "oé😀b<Esc>", "ggyGGp", ":%s/h/H\\r/g<CR>", "u", "GkJ", "ggdd", "G$"):
            neovim.keys(keys)
            line, column = neovim.expression('line(".")."," .charcol(".")').split(",")
            # The end of the file's last line begins one more line.
            viewer.until_same("a.py", [*neovim.lines(), ""], (int(line), int(column)), keys)
        neovim.keys("gg0vjl")
        selection = Span(Position(0, 0), Position(1, 1))
        viewer.until(lambda: viewer.selections("a.py") == [selection], lambda: f"not {viewer.selections('a.py')}")
        neovim.keys("<Esc>:e .env<CR>")
        viewer.until(lambda: viewer.sharers[0].is_active_withheld, "the file is not named as withheld")
        assert [each.name for each in viewer.documents.tabs] == ["a.py"]
        neovim.keys(
            ":lua vim.lsp.stop_client(vim.lsp.get_active_clients())<CR>"
        )  # The command PairStop of pair-ls.nvim.
        viewer.until(lambda: not viewer.sharers, "the editor stays in the list")
        neovim.quit()
    town.run("kill", "-t", "vim")
