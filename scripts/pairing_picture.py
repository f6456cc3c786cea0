"""Makes docs/images/pairing.svg, with which the README opens: two people pair in one shell, as a recording of it.

    python -m scripts.pairing_picture [FILE]

The script starts a session with `--record`, connects the owner and a guest by ssh, and types for both at the pace
of people. `pairterm export` then makes the picture of the recording. Only the names are made up.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import time
from pathlib import Path

from pairterm.terminal import Terminal
from pairterm.types import Size
from tests.e2e.terminal import eventually
from tests.e2e.watcher import Watcher
from tests.e2e.world import open_world

__all__ = ["main"]

_SIZE = Size(rows=15, cols=72)

_MOST_BYTES = 200_000

_PROGRAM = """prices = [20, 22]
print(sum(prices) - len(prices))
"""

_REPOSITORY = ("init -q", "config user.name ada", "config user.email ada@lab", "add total.py", "commit -qm First")

_SCENE = (
    ("ada", "cat total.py; python3 total.py\r", "\n40\n", 1.2),
    ("ada", "# ben, it should be 42\r", "be 42\n", 1.0),
    ("ben", "# they are counted, too. let me\r", "let me\n", 0.6),
    ("ben", "sed -i 's/ - len(prices)//' total.py\r", "total.py\nada@lab:~$", 0.5),
    ("ben", "python3 total.py\r", "\n42\n", 1.4),
    ("ada", "# thanks! I commit it\r", "commit it\n", 0.4),
    ("ada", "git commit -qam 'Sum all prices' && git log --oneline -1\r", "Sum all prices\n", 2.0),
)
"""Typist, keys, the text that shows when they are done, and the pause after it in seconds."""


def main(arguments: list[str]) -> int:
    """Make the picture; return the exit status."""
    target = Path(arguments[0] if arguments else "docs/images/pairing.svg").absolute()
    with open_world() as world:
        (world.home / "total.py").write_text(_PROGRAM)
        (world.home / ".bash_profile").write_text("PS1='ada@lab:~$ '; unset HISTFILE PROMPT_COMMAND\n")
        for words in (
            "init -q",
            "config user.name ada",
            "config user.email ada@lab",
            "add total.py",
            "commit -qm First",
        ):
            world.run_any("git", *words.split())
        recording = world.home / "pairing.cast"
        links = world.new("pairing", options=["-c", str(world.home), f"--record={recording}"])
        attach = ["pairterm", "attach", "-t", "pairing", "--as", "ada"]
        with (
            contextlib.closing(Watcher(world, None, attach, _SIZE)) as ada,
            contextlib.closing(Watcher(world, None, world.ssh_command(links.rw), _SIZE)) as ben,
        ):
            for each in (ada, ben):
                _shows(each, "ada@lab")
            ben.type(b"\x02:name ben\r")
            eventually(lambda: "ben" in world.run("who", "-t", "pairing").stdout, "ben has no name")
            _play({"ada": ada, "ben": ben})
            world.run("record", "-t", "pairing", "--off")
        eventually(lambda: '"last ' in recording.read_text(), "the recording has no end")
        typed = json.loads(world.run("export", str(recording), "--format", "json").stdout)["typed"]
        start_s = next(each["start_s"] for each in typed if each["name"] == "ada") - 1
        picture = world.run("export", str(recording), "--format", "svg", "--from", f"{max(1, round(start_s))}s").stdout
        world.run("kill", "-t", "pairing")
    if len(picture.encode()) > _MOST_BYTES:
        sys.stderr.write(f"the picture has {len(picture.encode())} bytes: {_MOST_BYTES} are the most\n")
        return 1
    target.write_text(picture)
    sys.stdout.write(f"{target}: {len(picture.encode())} bytes\n")
    return 0


def _play(people: dict[str, Watcher]) -> None:
    pace = random.Random(17)  # noqa: S311 -- the pace of fingers
    for name, keys, result, pause_s in _SCENE:
        for key in keys:
            people[name].type(key.encode())
            time.sleep(pace.uniform(0.04, 0.11))
        _shows(people[name], result)
        time.sleep(pause_s)


def _shows(client: Watcher, text: str) -> None:
    eventually(lambda: text in _screen(client), lambda: f"never {text!r}:\n{_screen(client)}")


def _screen(client: Watcher) -> str:
    terminal = Terminal(client.size)
    terminal.feed(client.received)
    return "".join(f"{row.text.rstrip()}\n" for row in terminal.snapshot().rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
