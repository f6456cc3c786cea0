"""The command that views give while the mouse drags a border: `resize-border %1 %2 20`."""

import pytest

from pairterm.errors import UsageError
from pairterm.session.rate_limits import SLOW_DOWN
from tests.unit.session.sessions import Session

WIDTHS = "list-panes -F '#{pane_width}'"


def session_of_two_panes() -> Session:
    ours = Session()
    ours.order("split-window -h")
    return ours


def test_a_border_goes_to_a_place() -> None:
    ours = session_of_two_panes()
    one, other = ours.order("list-panes -F '#D'").split()
    ours.order(f"resize-border {one} {other} 20")
    assert ours.order(WIDTHS).split()[0] == "20"
    ours.order(f"resize-border {one} {other} 9999")
    assert ours.order(WIDTHS).split()[1] == "2", "as far as there is room"


@pytest.mark.parametrize("line", ["%0 %1", "%0 %0 20", "%0 %77 20", "%0 %1 x", "%0 %1 20 %0", "%0 %1 -4", "%1 %2 20"])
def test_a_wrong_border_is_refused(line: str) -> None:
    ours = session_of_two_panes()
    ours.order("new-window")
    before = ours.order(f"{WIDTHS} -s")
    with pytest.raises(UsageError):
        ours.order(f"resize-border {line}")
    assert ours.order(f"{WIDTHS} -s") == before


def test_a_watcher_moves_no_border_and_a_writer_may_drag_for_long() -> None:
    ours = session_of_two_panes()
    watcher, writer = ours.watcher(), ours.writer()
    before = ours.order(WIDTHS)
    ours.say(watcher, "resize-border %0 %1 20")
    assert ours.told(watcher)[-1] == "you may only watch"
    assert ours.order(WIDTHS) == before
    for place in range(20, 60):
        ours.wait(0.1)
        ours.say(writer, f"resize-border %0 %1 {place}")
    assert SLOW_DOWN not in ours.told(writer)
    assert ours.order(WIDTHS).split()[0] == "59"
