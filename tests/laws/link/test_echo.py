"""Law 3 for the echo of a key over a link: it makes the frame that a whole update makes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pairterm.link.echo import echo_between, echoed
from pairterm.link.messages import Echo, ScreenUpdate
from pairterm.link.screen_publisher import Publisher, _difference
from pairterm.link.screen_replica import Replica
from pairterm.terminal import Terminal
from pairterm.types import PaneId, Size
from tests.laws.link.test_screens import assert_equal, given_to, over_the_wire
from tests.laws.link.wire import messages_of
from tests.laws.terminal.programs import programs, sizes

_PANE = PaneId(0)

_typed = st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=18), max_size=6).map(
    lambda texts: [text.encode() for text in texts]
)


@given(sizes, st.lists(st.one_of(_typed, programs), max_size=8))
def test_an_echo_makes_the_frame_that_an_update_makes(size: Size, steps: list[list[bytes]]) -> None:
    terminal = Terminal(size)
    terminal.feed(b"\r")
    replica = Replica()
    replica.apply(_difference(_PANE, None, terminal.snapshot()))
    for piece in [piece for step in steps for piece in step]:
        base = terminal.snapshot()
        terminal.feed(piece)
        frame = terminal.snapshot()
        if frame is base:
            continue
        echo = echo_between(_PANE, base, frame)
        if echo is not None:
            received = over_the_wire(echo)
            assert isinstance(received, Echo)
            assert_equal(echoed(replica.frame, received), frame)
        assert_equal(replica.apply(_difference(_PANE, base, frame)), frame)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30))
def test_what_is_typed_at_a_prompt_travels_as_echoes(text: str) -> None:
    terminal = Terminal(Size(rows=5, cols=40))
    terminal.feed(b"$ ")
    publisher, replica = Publisher(_PANE), Replica()
    first = publisher.update(terminal.snapshot())
    assert isinstance(first, ScreenUpdate)
    replica.apply(over_the_wire(first))
    for char in text:
        terminal.feed(char.encode())
        update = publisher.update(terminal.snapshot())
        assert isinstance(update, Echo)
        assert_equal(replica.apply(over_the_wire(update)), terminal.snapshot())
        publisher.acknowledge(update.generation)


@given(sizes, programs, st.lists(messages_of(Echo), max_size=4), st.booleans())
def test_a_forged_echo_is_refused_or_fit_for_guests(
    size: Size, program: list[bytes], echoes: list[Echo], fits: bool
) -> None:
    terminal = Terminal(size)
    terminal.feed(b"\r" + b"".join(program))
    replica = Replica()
    replica.apply(_difference(_PANE, None, terminal.snapshot()))
    for echo in echoes:
        assert replica.frame is not None
        based = Echo(_PANE, replica.frame.generation, echo.generation, echo.text) if fits else echo
        given_to(replica, based)
