"""An editor's file on the terminals of a session: an ssh guest's, a joined one's and the owner's."""

from __future__ import annotations

import sys

from tests.e2e.raw_editor import RawEditor
from tests.e2e.recorder import RECORDER
from tests.e2e.terminal import Terminal
from tests.e2e.test_join import join
from tests.e2e.world import World


def look_at_code(terminal: Terminal) -> None:
    terminal.keys("C-b", "n")


def test_people_see_the_file_while_it_changes_and_type_nothing(town: World) -> None:
    """One walk of all kinds of terminals, because each world and each of its processes takes time."""
    path = town.root / "record"
    links = town.new("coding", sys.executable, str(RECORDER), str(path))
    guest, watcher = town.ssh(links.rw), town.ssh(links.ro)
    joined = join(town, links.ro)
    owner = town.attach("coding")
    everybody = [guest, watcher, joined, owner]
    for each in everybody:
        each.sees("recording")

    editor = RawEditor(town, "coding", "src/main.py", *(f"line {number}" for number in range(1, 1001)))
    look_at_code(owner)
    for each in everybody:
        each.sees("ana: src/main.py")
        each.sees("line 2")

    editor.write("import os", "evil \x1b[2J\u202e text", cursor=(1, 4))
    for each in everybody:
        each.sees("evil ^[[2J<202e> text   ana")
        each.sees("follows ana")
    assert "evil ^[[2J<202e> text" in town.run("capture-pane", "-p", "-t", "coding:code").stdout
    guest.type("rm -rf x")
    guest.keys("Enter", "C-c", "Up")
    watcher.keys("/")
    watcher.type("evil")
    watcher.keys("Enter")
    watcher.sees("f follows ana")
    watcher.sees("evil ^[[2J")
    assert "f follows ana" not in joined.screen()

    town.run("set-window", "hidden", "on", "-t", "coding:1")
    for each in (guest, watcher, joined):
        each.wait(lambda screen: "evil" not in screen, "no text of a hidden window")
    owner.sees("evil")
    town.run("set-window", "hidden", "off", "-t", "coding:1")
    for each in (guest, joined):
        each.sees("evil ^[[2J<202e> text   ana")

    editor.close()
    for each in everybody:
        each.sees("the editor is away")
        each.sees("evil")
    again = RawEditor(town, "coding", "src/main.py", "back again")
    for each in (guest, joined):
        each.sees("back again")
    again.close()

    owner.keys("C-b", "0")
    owner.sees("recording")
    owner.type("!")
    owner.sees("mark 1")
    assert path.read_bytes() == b"!"
