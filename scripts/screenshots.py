"""Makes the pictures in docs/images: the terminals of real clients, as SVG.

    python -m scripts.screenshots [DIRECTORY]

The script starts a session with its gateway, connects guests by ssh, types keys, and
draws the screen of a client cell by cell. Only the names of people, files and machines
are made up. pairterm's own terminal reads the bytes that a client received.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

from pairterm.terminal import Terminal
from pairterm.terminal.frame import BOLD, FAINT, INVERSE, ITALIC, RGB, UNDERLINE_MASK, Frame, Pen, Row
from pairterm.types import Size
from tests.e2e.terminal import eventually
from tests.e2e.watcher import Watcher
from tests.e2e.world import World, open_world

__all__ = ["CODE", "WORKSPACE", "draw", "draw_side_by_side", "main"]

_CELL = (8.4, 17.0)
"""Pixels of a cell at a font of 14 pixels."""

_EDGE = 10.0

_GAP = 16.0
"""Pixels between two terminals that stand side by side."""

_TITLE_HEIGHT = 26.0

_FOREGROUND, _BACKGROUND = "#d8d8d8", "#16181d"

_SIXTEEN = (
    "#20242b", "#e06c75", "#98c379", "#d9a860", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4",
    "#5c6370", "#f0828b", "#b0dc94", "#f0c67a", "#7ec3ff", "#d898ee", "#71d0dc", "#ffffff",
)  # fmt: skip

CODE = '''"""Orders of a shop: what was ordered, by whom, and what it costs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of an order."""

    name: str
    count: int
    cents: int

    @property
    def total(self) -> int:
        return self.count * self.cents


def invoice(lines: list[Line]) -> str:
    """Return the invoice as text, with its sum."""
    text = [f"{line.count:4} {line.name:20} {line.total / 100:8.2f}" for line in lines]
    total = sum(line.total for line in lines)
    return "\\n".join([*text, f"{'total':25} {total / 100:8.2f}"])
'''

_SUM = """prices = [20, 22]
print(sum(prices) - len(prices))
"""

_BUILD = (
    "n=0; while :; do n=$((n+1)); "
    "printf '\\033[32mPASS\\033[m tests/test_orders.py::test_case_%d\\n' $n; sleep 0.02; done"
)

WORKSPACE = f"""
[[window]]
name = "edit"
layout = "tiled"
focus = true

[[window.pane]]
command = "vim -u NONE -c 'syntax on' orders.py"

[[window.pane]]

[[window.pane]]
command = {json.dumps(["bash", "--norc", "-c", _BUILD])}

[[window]]
name = "git"
"""


def draw(frame: Frame) -> str:
    """Return a frame as an SVG document."""
    width, height = _pixels(frame)
    return "\n".join(
        [
            _opening(width, height),
            f'<rect width="100%" height="100%" rx="6" fill="{_BACKGROUND}"/>',
            *_draw_cells(frame),
            "</svg>",
            "",
        ]
    )


def draw_side_by_side(terminals: Sequence[tuple[str, Frame]]) -> str:
    """Return one SVG document with several terminals from left to right, each below its title."""
    sizes = [_pixels(frame) for _, frame in terminals]
    width = sum(each[0] for each in sizes) + _GAP * (len(sizes) - 1)
    parts = [_opening(width, max(each[1] for each in sizes) + _TITLE_HEIGHT)]
    left = 0.0
    for (title, frame), (own_width, own_height) in zip(terminals, sizes, strict=True):
        parts += [
            f'<g transform="translate({left:.1f} 0)">',
            f'<rect width="{own_width:.1f}" height="{own_height + _TITLE_HEIGHT:.1f}" rx="6" fill="{_SIXTEEN[8]}"/>',
            f'<text x="{_EDGE}" y="18" fill="{_SIXTEEN[15]}" xml:space="preserve">{escape(title)}</text>',
            f'<g transform="translate(0 {_TITLE_HEIGHT})">',
            f'<rect width="{own_width:.1f}" height="{own_height:.1f}" rx="6" fill="{_BACKGROUND}"/>',
            *_draw_cells(frame),
            "</g></g>",
        ]
        left += own_width + _GAP
    return "\n".join([*parts, "</svg>", ""])


def _pixels(frame: Frame) -> tuple[float, float]:
    """Return the width and the height of a drawn frame."""
    return frame.size.cols * _CELL[0] + 2 * _EDGE, frame.size.rows * _CELL[1] + 2 * _EDGE


def _opening(width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" '
        'font-size="14">'
    )


def _draw_cells(frame: Frame) -> Iterator[str]:
    """Yield the shapes of all rows, and of the cursor above them."""
    for number, row in enumerate(frame.rows):
        yield from _draw_row(row, _EDGE + number * _CELL[1])
    if frame.cursor.is_visible:
        left, top = _EDGE + frame.cursor.col * _CELL[0], _EDGE + frame.cursor.row * _CELL[1]
        yield (
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{_CELL[0]}" height="{_CELL[1]}" '
            f'fill="{_FOREGROUND}" fill-opacity="0.6"/>'
        )


def _draw_row(row: Row, top: float) -> Iterator[str]:
    """Yield a rectangle and a text for each run of cells with one pen."""
    cells = zip(itertools.count(), row.cells, row.pens, strict=False)
    for pen, group in itertools.groupby(cells, key=lambda cell: cell[2]):
        run = list(group)
        left, width = _EDGE + run[0][0] * _CELL[0], len(run) * _CELL[0]
        text = "".join(cell for _, cell, _ in run)
        foreground, background = _colours(pen)
        if background != _BACKGROUND:
            yield f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{_CELL[1]}" fill="{background}"/>'
        if text.strip():
            yield (
                f'<text x="{left:.1f}" y="{top + 13:.1f}" fill="{foreground}" textLength="{width:.1f}" '
                f'lengthAdjust="spacingAndGlyphs" xml:space="preserve"{_style(pen)}>{escape(text)}</text>'
            )


def _style(pen: Pen) -> str:
    style = ' font-weight="bold"' if pen.flags & BOLD else ""
    style += ' font-style="italic"' if pen.flags & ITALIC else ""
    style += ' text-decoration="underline"' if pen.flags & UNDERLINE_MASK else ""
    return style + (' opacity="0.6"' if pen.flags & FAINT else "")


def _colours(pen: Pen) -> tuple[str, str]:
    foreground, background = _colour(pen.fg, _FOREGROUND), _colour(pen.bg, _BACKGROUND)
    return (background, foreground) if pen.flags & INVERSE else (foreground, background)


def _colour(colour: int, default: str) -> str:
    if colour < 0:
        return default
    if colour & RGB:
        return f"#{colour & 0xFFFFFF:06x}"
    if colour < 16:
        return _SIXTEEN[colour]
    if colour >= 232:
        return f"#{(8 + 10 * (colour - 232)) * 0x10101:06x}"
    levels = (0, 95, 135, 175, 215, 255)
    red, green, blue = (levels[(colour - 16) // step % 6] for step in (36, 6, 1))
    return f"#{red:02x}{green:02x}{blue:02x}"


@contextmanager
def _client(world: World, argv: Sequence[str], size: Size) -> Iterator[Watcher]:
    client = Watcher(world, None, argv, size)
    try:
        yield client
    finally:
        client.close()


def _shown(client: Watcher) -> Frame:
    terminal = Terminal(client.size)
    terminal.feed(client.received)
    return terminal.snapshot()


def _text(client: Watcher) -> str:
    return "\n".join(row.text.rstrip() for row in _shown(client).rows)


def _wait(client: Watcher, condition: Callable[[str], bool]) -> None:
    eventually(lambda: condition(_text(client)), lambda: _text(client))


def _take(directory: Path, name: str, client: Watcher) -> None:
    (directory / f"{name}.svg").write_text(draw(_shown(client)))


def _side_by_side(world: World, directory: Path) -> None:
    """Draw the host's terminal beside a guest's: they repair a program in one shell."""
    (world.home / "total.py").write_text(_SUM)
    (world.home / ".bash_profile").write_text("PS1='ada@lab:~$ '; unset HISTFILE PROMPT_COMMAND\n")
    links = world.new("our_session", options=["-c", str(world.home)])
    size = Size(rows=11, cols=66)
    with (
        _client(world, ["pairterm", "attach", "-t", "our_session"], size) as host,
        _client(world, world.ssh_command(links.rw), size) as guest,
    ):
        _wait(host, lambda text: "2 here" in text)
        guest.type(b"\x02:name ben\r")
        _wait(host, lambda text: "ben" in text)
        host.type(b"cat total.py; python3 total.py\r")
        _wait(guest, lambda text: "\n40\n" in text)
        host.type(b"# ben, it should be 42\r")
        _wait(guest, lambda text: text.count("ada@lab:~$") == 3)
        guest.type(b"sed -i 's/ - len(prices)//' total.py; python3 total.py\r")
        _wait(host, lambda text: "\n42\n" in text and "ben types" in text and _is_calm(text))
        _wait(guest, lambda text: "\n42\n" in text and _is_calm(text))
        titles = ("host: pairterm new -s our_session", "guest: ssh -p 2222 rw-…@pair.example.org")
        picture = draw_side_by_side([(titles[0], _shown(host)), (titles[1], _shown(guest))])
        (directory / "side-by-side.svg").write_text(picture)
    world.run("kill", "-t", "our_session")


def _is_calm(text: str) -> bool:
    """Return whether no message lies over the status line."""
    return "here" in text.splitlines()[-1] and "set by" not in text


def _at_work(world: World, directory: Path) -> None:
    """Draw three clients of one session: the status line, the help, and the viewport of a small read-only terminal."""
    (world.home / "orders.py").write_text(CODE)
    vim = ["vim", "-u", "NONE", "-c", "syntax on | set number ruler laststatus=2", "orders.py"]
    links = world.new("orders", *vim, options=["-c", str(world.home)])
    with (
        _client(world, ["pairterm", "attach", "-t", "orders"], Size(rows=24, cols=90)) as owner,
        _client(world, world.ssh_command(links.rw), Size(rows=40, cols=120)) as guest,
        _client(world, world.ssh_command(links.ro), Size(rows=12, cols=58)) as small,
    ):
        _wait(owner, lambda text: "3 here" in text)
        guest.type(b"/invoice\r")
        guest.type(b"o    # the lines as they are printed")
        _wait(owner, lambda text: "types" in text and "as they are printed" in text)
        time.sleep(5)  # the news of the size has gone
        _wait(owner, lambda text: "set by" not in text)
        _take(directory, "status-line", owner)
        _wait(small, lambda text: "view 58×11" in text and "as they are printed" in text)
        _take(directory, "viewport", small)
        _wait(guest, lambda text: "┘" in text)
        _take(directory, "larger", guest)
        owner.type(b"\x02?")
        _wait(owner, lambda text: "Keys in orders" in text)
        _take(directory, "help", owner)
    world.run("kill", "-t", "orders")


def _at_tests(world: World, directory: Path) -> None:
    """Draw a viewer who looks at the history while the program runs on."""
    links = world.new("tests", "bash", "--norc", "-c", _BUILD)
    with (
        _client(world, world.ssh_command(links.rw), Size(rows=24, cols=90)) as guest,
        _client(world, world.ssh_command(links.ro), Size(rows=18, cols=90)) as looking,
    ):
        _wait(guest, lambda text: "test_case_150" in text)
        _wait(looking, lambda text: "2 here" in text)
        looking.type(b"[")
        _wait(looking, lambda text: "q: back" in text)
        looking.type(b"?")
        looking.type(b"case_42\r")
        _wait(looking, lambda text: "test_case_42\n" in text)
        _take(directory, "scrollback", looking)
    world.run("kill", "-t", "tests")


def _at_windows(world: World, directory: Path) -> None:
    """Draw a window of three panes, a guest's own view of another, and what guests see of a hidden window."""
    (world.home / ".bash_profile").write_text("PS1='ada@lab:~$ '; unset HISTFILE PROMPT_COMMAND\n")
    (world.home / "orders.py").write_text(CODE)
    (world.home / "work.toml").write_text(WORKSPACE)
    links = world.new("orders", options=["--layout", str(world.home / "work.toml")])
    size = Size(rows=20, cols=90)
    with (
        _client(world, ["pairterm", "attach", "-t", "orders"], size) as owner,
        _client(world, world.ssh_command(links.rw), size) as guest,
    ):
        _wait(guest, lambda text: "PASS" in text and "orders.py" in text)
        guest.type(b"\x02:name ben\r")
        _wait(owner, lambda text: "ben" in text)
        owner.type(b"\x02o# the tests run below")
        _wait(owner, lambda text: "tests run below" in text and _is_calm(text))
        _take(directory, "panes", owner)
        guest.type(b"\x02f")
        _wait(guest, lambda text: "for yourself" in text)
        guest.type(b"\x021")
        _wait(guest, lambda text: "own view" in text)
        guest.type(b"ls\r")
        owner.type(b"\x02c")
        _wait(owner, lambda text: "2:" in text)
        owner.type(b"\x02h")
        _wait(guest, lambda text: "2:hidden" in text and _is_calm(text))
        _take(directory, "own-view", guest)
    world.run("kill", "-t", "orders")


def _at_hidden_window(world: World, directory: Path) -> None:
    """Draw the owner in a window that they hide, and beside it what a guest sees."""
    links = world.new("our_session")
    size = Size(rows=11, cols=66)
    with (
        _client(world, ["pairterm", "attach", "-t", "our_session"], size) as host,
        _client(world, world.ssh_command(links.rw), size) as guest,
    ):
        guest.type(b"\x02:name ben\r")
        _wait(host, lambda text: "ben" in text)
        host.type(b"echo I log in, wait a moment\r")
        _wait(guest, lambda text: text.count("wait a moment") == 2)
        host.type(b"\x02c")
        _wait(host, lambda text: "1:bash*" in text)
        host.type(b"\x02h")
        _wait(guest, lambda text: "1:hidden" in text)
        host.type(b"gpg --decrypt ~/.deploy-token.gpg\x15# the key of production: d41d8cd98f00b204")
        _wait(host, lambda text: "d41d8" in text and _is_calm(text))
        _wait(guest, lambda text: "wait a moment" in text and _is_calm(text))
        titles = ("host: C-b h", "guest")
        picture = draw_side_by_side([(titles[0], _shown(host)), (titles[1], _shown(guest))])
        (directory / "hidden.svg").write_text(picture)
    world.run("kill", "-t", "our_session")


def _beside_tmux(world: World, directory: Path) -> None:
    """Draw the same keys in tmux and in pairterm."""
    world.new("work")
    size = Size(rows=14, cols=66)
    tmux = ["tmux", "-S", str(world.root / "drawn"), "-f", "/dev/null", "new", "-s", "work"]
    pictures: list[tuple[str, Frame]] = []
    for title, argv in (("tmux new -s work", tmux), ("pairterm new -s work", ["pairterm", "attach", "-t", "work"])):
        with _client(world, argv, size) as client:
            _wait(client, lambda text: "ada@lab" in text)
            client.type(b"\x02%")
            _wait(client, lambda text: text.count("ada@lab") == 2)
            client.type(b'\x02"')
            _wait(client, lambda text: text.count("ada@lab") == 3)
            client.type(b"seq 3\r")
            _wait(client, lambda text: text.count("ada@lab") == 4)
            client.type(b"\x02c")
            _wait(client, lambda text: text.count("ada@lab") == 1)
            client.type(b"\x02,")
            _wait(client, lambda text: "(rename-window)" in text)
            client.type(b"\x15logs\r")
            _wait(client, lambda text: "1:logs*" in text)
            client.type(b"\x02p")
            _wait(client, lambda text: text.count("ada@lab") == 4 and "0:bash* 1:logs-" in text)
            pictures.append((f'{title}, C-b % " c , p', _shown(client)))
    (directory / "beside-tmux.svg").write_text(draw_side_by_side(pictures))
    world.run_any(*tmux[:5], "kill-server")
    world.run("kill", "-t", "work")


def main() -> None:
    """Make all pictures."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "images"
    directory.mkdir(parents=True, exist_ok=True)
    with open_world() as world:
        (world.root / "config" / "pairterm" / "config.toml").write_text("")
        world.environment |= {"USER": "ada", "LOGNAME": "ada"}
        _side_by_side(world, directory)
        _at_work(world, directory)
        _at_tests(world, directory)
        _at_windows(world, directory)
        _at_hidden_window(world, directory)
        _beside_tmux(world, directory)


if __name__ == "__main__":
    main()
