"""tmux is the judge of layouts: the same commands give the same `#{window_layout}`, and lead to the same neighbours."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import settings

from pairterm.errors import UsageError
from pairterm.session.windows import layout_cells
from pairterm.session.windows.layout import Direction, Layout
from pairterm.session.windows.layout_cells import MIN_PANE_COLS
from pairterm.session.windows.preset_layouts import LAYOUT_NAMES
from pairterm.types import PaneId, Size
from tests.laws.session.tmux_windows import CrashedError, RefusedError, TmuxWindow, TmuxWindows

DIRECTIONS: tuple[Direction, ...] = ("U", "D", "L", "R")
NEW = PaneId(-1)
SEEDS = range(settings().max_examples // 5)
"""40 in the ci profile, 1000 in the long one."""
STEPS = ["split"] * 6 + ["kill", "kill", "resize", "resize", "resize", "set", "set", "window", "window"]
STEPS += ["swap", "rotate", "preset", "notation"]


@pytest.fixture(scope="module")
def tmux(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TmuxWindows]:
    if shutil.which("tmux") is None:
        pytest.skip("no tmux on this machine")
    opened = TmuxWindows(tmp_path_factory.mktemp("tmux"))
    yield opened
    opened.close()


class BrokenByTmuxError(Exception):
    """tmux crashed, or made a pane without rows or columns, by `split-window -f` where only small panes are left."""


class Pair:
    """One window of tmux and our layout of it, which go through the same steps."""

    def __init__(self, tmux: TmuxWindows, chance: random.Random, *, most_panes: int, largest: Size) -> None:
        self._chance = chance
        self._most_panes = most_panes
        self._largest = largest
        self._size = self._any_size()
        self.window: TmuxWindow = tmux.window(self._size)
        self.layout = Layout.single(self.window.first_pane, self._size)
        self._former = [self.layout]

    def step(self) -> str:
        """Take one step in both, and return it in words."""
        what = self._chance.choice(STEPS)
        if (what == "split" and len(self.layout.panes) >= self._most_panes) or (
            what in ("kill", "swap", "rotate", "preset") and len(self.layout.panes) == 1
        ):
            what = "window"
        self._former.append(self.layout)
        command = str(getattr(self, f"_{what}")())
        return command if self.layout.size == self._size else f"{command}; {self._window()}"

    def neighbours(self) -> None:
        """Make all panes active in a random order, and go from the last one to each side in both."""
        order = self._chance.sample(self.layout.panes, len(self.layout.panes))
        if order[0] == self.window.active:  # to select it again would not count
            order.reverse()
        for pane in order:
            self.window.ask(f"select-pane -t %{pane}")
        recent = order[::-1]
        for direction in DIRECTIONS:
            start = recent[0]
            expected = self.layout.neighbour(start, direction, recent) or start
            self.window.ask(f"select-pane -t %{start} -{direction}")
            assert self.window.active == expected, (self.layout.notation, start, direction, recent)
            recent.remove(expected)
            recent.insert(0, expected)

    def drag(self) -> None:
        """Drag a random border, every second time one at a crossing or corner if there is any."""
        rows, cols = self.layout.size.rows, self.layout.size.cols
        found = {(row, col): self.layout.border_at(row, col) for row in range(rows) for col in range(cols)}
        borders = {place: border for place, border in found.items() if border is not None}
        crossings = [place for place, border in borders.items() if len(border.cells) > 1]
        if borders:
            start = self._chance.choice(self._chance.choice([list(borders), crossings or list(borders)]))
            end = self._chance.randrange(rows), self._chance.randrange(cols)
            self.window.drag(start, end)
            self.layout = self.layout.with_border_moved(borders[start], rows=end[0] - start[0], cols=end[1] - start[1])

    def _pane(self) -> PaneId:
        return self._chance.choice(self.layout.panes)

    def _any_size(self) -> Size:
        return Size(
            rows=self._chance.randint(self._largest.rows // 3, self._largest.rows),
            cols=self._chance.randint(self._largest.cols // 3, self._largest.cols),
        )

    def _split(self) -> str:
        chance = self._chance
        return self.split(
            self._pane(),
            side_by_side=chance.random() < 0.5,
            before=chance.random() < 0.3,
            full=chance.random() < 0.25,
            cells=chance.choice([None, None, chance.randint(0, 12), chance.randint(0, 120)]),
        )

    def split(
        self, pane: PaneId, *, side_by_side: bool, before: bool = False, full: bool = False, cells: int | None = None
    ) -> str:
        """Split a pane in both, or be refused by both."""
        flags = f"-{'h' if side_by_side else 'v'}{'b' if before else ''}{'f' if full else ''}"
        flags += "" if cells is None else f" -l {cells}"
        command = f"split-window -t %{pane} {flags}"
        try:
            ours = self.layout.split(pane, NEW, side_by_side=side_by_side, before=before, full=full, cells=cells)
        except UsageError as error:
            ours, refusal = None, error.message
        try:
            theirs = self.window.ask(f"{command} -d -P -F '#{{pane_id}}' ''")
        except RefusedError as error:
            theirs = str(error)
        except CrashedError:
            theirs = "a crash"
        if ours is not None:
            assert theirs.startswith("%"), (self.layout.notation, command, theirs)
            self.layout = ours.replaced(NEW, PaneId(int(theirs[1:])))
        elif theirs != refusal:
            assert full, (self.layout.notation, command, theirs)
            assert theirs == "a crash" or self.window.has_empty_pane, (self.layout.notation, command)
            raise BrokenByTmuxError
        return command

    def _kill(self) -> str:
        pane = self._pane()
        self.layout = self.layout.without(pane)
        self.window.ask(f"kill-pane -t %{pane}")
        return f"kill-pane -t %{pane}"

    def _resize(self) -> str:
        pane, direction = self._pane(), self._chance.choice(DIRECTIONS)
        cells = self._chance.choice([1, 5, self._chance.randint(1, 60)])
        self.layout = self.layout.resized_pane(pane, direction, cells)
        return self._asked(f"resize-pane -t %{pane} -{direction} {cells}")

    def _set(self) -> str:
        pane = self._pane()
        cols = self._chance.choice([None, self._chance.randint(1, self._largest.cols)])
        rows = self._chance.choice([None, self._chance.randint(1, self._largest.rows)])
        self.layout = self.layout.with_pane_size(pane, cols=cols, rows=rows)
        sizes = f"{'' if cols is None else f' -x {cols}'}{'' if rows is None else f' -y {rows}'}"
        return self._asked(f"resize-pane -t %{pane}{sizes}")

    def _window(self) -> str:
        """Resize the window. The panes always fit: a window of tmux can be smaller than its layout, and ours can't."""
        least = self.layout.resized(Size(rows=1, cols=1)).size
        wanted = self._any_size()
        return self.resize(Size(rows=max(wanted.rows, least.rows), cols=max(wanted.cols, least.cols)))

    def resize(self, size: Size) -> str:
        """Resize the window in both."""
        self._size = size
        self.layout = self.layout.resized(size)
        return self._asked(f"resize-window -x {size.cols} -y {size.rows}")

    def _swap(self) -> str:
        one, other = self._chance.sample(self.layout.panes, 2)
        self.layout = self.layout.swapped(one, other)
        return self._asked(f"swap-pane -d -s %{one} -t %{other}")

    def _rotate(self) -> str:
        up = self._chance.random() < 0.5
        self.layout = self.layout.rotated(up=up)
        return self._asked(f"rotate-window -{'U' if up else 'D'}")

    def _preset(self) -> str:
        name = self._chance.choice(LAYOUT_NAMES)
        self.layout = self.layout.arranged(name)
        return self._asked(f"select-layout {name}")

    def _notation(self) -> str:
        """Give the notation of a former layout, of another size and with other panes, to both."""
        panes = self.layout.panes
        former = self._chance.choice([each for each in self._former if len(each.panes) >= len(panes)])
        self.layout = Layout.parse(former.notation, panes).resized(self._size)
        return self._asked(f"select-layout '{former.notation}'")

    def _asked(self, command: str) -> str:
        self.window.ask(command)
        return command


def judge(pair: Pair, steps: int, *, least_cols: int) -> None:
    """Compare the two after each of the steps. The last one is the first that leaves a pane below `least_cols`."""
    taken = [pair.layout.notation]
    for number in range(steps):
        try:
            taken.append(pair.step())
        except BrokenByTmuxError:
            return
        if pair.window.least_cols < least_cols:
            break
        theirs = pair.window.notation
        assert pair.layout.notation == theirs, (*taken, pair.layout.notation, theirs)
        if number % 4 == 0:
            pair.neighbours()
    pair.window.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_with_tmuxs_minimum_all_steps_give_tmuxs_layouts(
    tmux: TmuxWindows, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout_cells, "MIN_PANE_COLS", 1)
    chance = random.Random(seed)
    largest = chance.choice([Size(rows=24, cols=40), Size(rows=50, cols=200), Size(rows=100, cols=300)])
    judge(Pair(tmux, chance, most_panes=chance.choice([4, 10, 24]), largest=largest), steps=40, least_cols=1)


@pytest.mark.parametrize("seed", SEEDS[::2])
def test_while_no_pane_is_narrow_all_steps_give_tmuxs_layouts(tmux: TmuxWindows, seed: int) -> None:
    """tmux splits a pane of 3 or 4 columns, and gives a pane 1 column. We do neither."""
    pair = Pair(tmux, random.Random(seed), most_panes=6, largest=Size(rows=60, cols=480))
    judge(pair, steps=40, least_cols=2 * MIN_PANE_COLS + 1)


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_the_mouse_drags_the_borders_that_it_drags_in_tmux(
    tmux: TmuxWindows, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout_cells, "MIN_PANE_COLS", 1)
    chance = random.Random(seed)
    pair = Pair(tmux, chance, most_panes=8, largest=Size(rows=50, cols=120))
    for _ in range(12):
        pair.step()
    for _ in range(3):
        pair.drag()
        assert pair.layout.notation == pair.window.notation
    pair.window.close()


@pytest.mark.parametrize(("above", "below"), [((40, 39), (39, 40)), ((39, 40), (40, 39)), ((19, 10, 49), (9, 21, 48))])
def test_a_neighbour_that_only_reaches_the_border_is_tmuxs(
    tmux: TmuxWindows, above: tuple[int, ...], below: tuple[int, ...]
) -> None:
    pair = Pair(tmux, random.Random(0), most_panes=6, largest=Size(rows=24, cols=80))
    pair.resize(Size(rows=24, cols=80))
    top = pair.layout.panes[0]
    pair.split(top, side_by_side=False)
    for pane, widths in zip(pair.layout.panes, (above, below), strict=True):
        for number in range(len(widths) - 1, 0, -1):
            pair.split(pane, side_by_side=True, cells=widths[number])
    assert [each.cols for each in pair.layout.rects.values()] == [*above, *below]
    for _ in range(40):
        pair.neighbours()
    pair.window.close()
