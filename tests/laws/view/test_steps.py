"""Views that share a cache paint what a view of its own paints: what is done once for all is done right for each.

Law: a view in company ends up showing what a lone view shows, whatever frames, sizes, roles and messages come
between, and the bytes of both are the same. Law 3: a view that takes no short way paints the same bytes, too.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pairterm.terminal import Terminal
from pairterm.types import Role, Size
from pairterm.view import TerminalKind, View
from pairterm.view.paint_cache import PaintCache

_TEXTS = st.sampled_from(
    [b"a", b"\r\nline", b"\x1b[2J\x1b[H", b"\x1b[?2004h", b"\x1b[?2004l", b"\x1b[31mred\x1b[m", b"\x1b[?1000h", b"\a"]
)
_EVENTS = st.one_of(
    st.tuples(st.just("feed"), _TEXTS),
    st.tuples(st.just("resize"), st.tuples(st.integers(3, 12), st.integers(5, 30))),
    st.tuples(st.just("client"), st.tuples(st.integers(3, 12), st.integers(5, 30))),
    st.tuples(st.just("tell"), st.sampled_from(["hello", "there"])),
    st.tuples(st.just("skip"), st.just(None)),
    st.tuples(st.just("wait"), st.integers(1, 6)),
)


def _view(cache: PaintCache, role: Role, *, status: bool) -> View:
    kind = TerminalKind.of("xterm-256color", colorterm="truecolor", lang="C.UTF-8")
    return View(session="s", role=role, size=Size(rows=8, cols=20), kind=kind, status=status, cache=cache)


@given(st.lists(_EVENTS, max_size=30), st.sampled_from([Role.READ_ONLY, Role.READ_WRITE]), st.booleans())
def test_company_changes_nothing(events: list[tuple[str, object]], role: Role, status: bool) -> None:
    terminal = Terminal(Size(rows=8, cols=20))
    shared = PaintCache()
    ahead, beside = _view(shared, Role.READ_WRITE, status=status), _view(shared, role, status=status)
    alone, plain = _view(PaintCache(), role, status=status), _view(PaintCache(), role, status=status)
    now_s = 1.0
    for what, value in events:
        now_s += 0.1
        if isinstance(value, bytes):
            terminal.feed(value)
        elif what == "resize" and isinstance(value, tuple):
            terminal.resize(Size(rows=value[0], cols=value[1]))
        elif what == "client" and isinstance(value, tuple):
            for view in (beside, alone, plain):
                view.resize(Size(rows=value[0], cols=value[1]))
        elif what == "tell":
            for view in (beside, alone, plain):
                view.tell(str(value), now_s)
        elif isinstance(value, int):
            now_s += value
        frame = terminal.snapshot()
        for view in (ahead, beside, alone, plain):
            view.show(frame)
        ahead.paint(now_s)
        if what != "skip":
            plain._appearance = None  # as if the frame were not all that has changed
            assert beside.paint(now_s) == alone.paint(now_s) == plain.paint(now_s)


def test_a_step_is_taken_from_another_view() -> None:
    """The second view in step gets the very bytes that the first one painted."""
    terminal = Terminal(Size(rows=8, cols=20))
    cache = PaintCache()
    views = [_view(cache, Role.READ_WRITE, status=False) for _ in range(2)]
    painted = []
    frame = terminal.snapshot()
    for text in (b"a", b"b", b"c"):
        terminal.feed(text)
        newer = terminal.snapshot()
        # As a replica does: what did not change is the same object.
        frame = replace(newer, size=frame.size, modes=frame.modes)
        for view in views:
            view.show(frame)
        painted.append([view.paint(1.0) for view in views])
    assert painted[-1][0] is painted[-1][1]
