"""A real Emacs with Eglot and the lines of docs/editor.md, and what people on the session see."""

from __future__ import annotations

import getpass
import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.editors import CodeViewer, recipe
from tests.e2e.terminal import eventually
from tests.e2e.world import World

pytestmark = [
    pytest.mark.nightly,  # Emacs is 40 MB to download.
    pytest.mark.skipif(shutil.which("emacs") is None, reason="not installed: emacs"),
]

STATE = """
(with-current-buffer (window-buffer)
  (json-encode
    (list (split-string (buffer-string) "\\n") (line-number-at-pos) (1+ (- (point) (line-beginning-position))))))
"""


class Emacs:
    """An Emacs in a terminal, which tells its state by its socket."""

    def __init__(self, world: World, file: Path) -> None:
        self._world = world
        self._socket = world.root / "emacs" / "server"
        (world.home / ".emacs.d").mkdir()
        # Compiling Eglot to machine code in the background takes a processor for a minute.
        (world.home / ".emacs.d" / "early-init.el").write_text("(setq native-comp-deferred-compilation nil)\n")
        serve = f'(setq server-socket-dir "{self._socket.parent}")\n(server-start)\n'
        (world.home / ".emacs").write_text(recipe("elisp") + serve, encoding="utf-8")
        # Emacs looks for the home directory of $USER, and the world's user has none.
        environment = {"USER": getpass.getuser()}
        self._terminal = world.terminal(["emacs", "-nw", "--no-splash", str(file)], environment=environment)
        eventually(self._socket.exists, self._terminal.screen)

    def keys(self, *keys: str) -> None:
        """Press keys by tmux's names. Other words are typed."""
        self._terminal.keys(*keys)

    def visit(self, file: Path) -> None:
        self.keys("C-x", "C-f", "C-a", "C-k")
        self._terminal.enter(str(file))

    def state(self) -> tuple[list[str], tuple[int, int]]:
        """Return the lines, and the line and the character of the cursor."""
        done = self._world.run_any("emacsclient", "-s", str(self._socket), "--eval", STATE)
        lines, line, column = json.loads(json.loads(done.stdout))
        return lines, (line, column)

    def quit(self) -> None:
        self._world.run_any("emacsclient", "-s", str(self._socket), "--eval", "(kill-emacs)")
        self._terminal.has_exited()


def test_people_see_what_emacs_has_after_edits_on_which_pair_ls_diverges(town: World, tmp_path: Path) -> None:
    """Eglot sends no cursor. It asks for a hover where the cursor is."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text("abc\ndef\nghi\n汉字\tx\n", encoding="utf-8")
    (project / "b.c").write_text("int x;\n", encoding="utf-8")
    (project / "main.pem").write_text("PRIVATE\n")
    links = town.new("emacs", "cat")
    guest = town.ssh(links.ro)
    owner = town.attach("emacs")
    with CodeViewer(town, "emacs") as viewer:
        emacs = Emacs(town, project / "a.py")
        emacs.keys("M-x", "pairterm-share", "Enter")
        viewer.until(lambda: viewer.lines("a.py"), "the text does not come")
        owner.keys("C-b", "n")
        for keys in (
            ("XY",),
            ("C-Space", "C-n", "C-n", "C-w"),  # Lines are cut,
            ("é😀b", "Enter"),
            ("C-_",),  # the last key is undone,
            ("C-y", "C-n"),  # and the lines are put behind it.
            ("M-<", "M-%", "h", "Enter", "H", "Enter", "!"),
            ("M->", "汉", "C-b", "C-x", "z"),
            ("C-x", "h", "C-w", "all", "Space", "new", "Enter"),
            ("M-<", "C-f", "C-f"),
        ):
            emacs.keys(*keys)
            lines, cursor = emacs.state()
            viewer.until_same("a.py", lines, cursor, " ".join(keys))
        guest.sees("all new")
        guest.sees(getpass.getuser())

        emacs.visit(project / "b.c")
        viewer.until(lambda: viewer.lines("b.c") == ["int x;", ""], "the second file does not come")
        emacs.visit(project / "main.pem")
        emacs.visit(project / "new.txt")
        emacs.keys("hello")
        viewer.until(lambda: viewer.lines("new.txt") == ["hello"], "the new file does not come")
        assert [each.name for each in viewer.documents.tabs] == ["a.py", "b.c", "new.txt"]
        emacs.quit()
        viewer.until(lambda: not viewer.sharers, "the editor stays in the list")
    town.run("kill", "-t", "emacs")
