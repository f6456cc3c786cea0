"""The table of options: each row shows what was set, a bad value sets nothing, and aliases mean the same option."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.session.commands.option_table import OPTIONS, change_option, find_option
from tests.unit.session.sessions import Session

_VALUES = {
    "size-policy": ("largest", "fixed 90x30"),
    "size-floor": ("50x12",),
    "read-only-votes": ("on",),
    "follow": ("owner", "leader"),
    "seat": ("on",),
    "seat-rotate": ("600s", "off"),
    "confirm-enter": ("on",),
    "replay": ("on",),
    "ask": ("on",),
    "max-guests": ("0", "7"),
    "admit": ("token",),
    "call": ("https://example.org/room", "off"),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in _VALUES.items() for value in values])
def test_each_option_shows_the_value_that_was_set_as_set_takes_it(name: str, value: str) -> None:
    session, option = Session(), find_option(name)
    change_option(session.parts, name, value, None, session.now_s)
    assert option.show(session.parts) == value


def test_every_row_is_tried_here() -> None:
    assert list(_VALUES) == [each.name for each in OPTIONS]


@pytest.mark.parametrize("name", [each.name for each in OPTIONS])
@pytest.mark.parametrize("value", ["", "nonsense", "on --rotate nonsense", "fixed 0x0", "-1"])
def test_a_value_that_an_option_does_not_take_sets_nothing(name: str, value: str) -> None:
    session = Session()
    before = [each.show(session.parts) for each in OPTIONS]
    with pytest.raises(UsageError):
        change_option(session.parts, name, value, None, session.now_s)
    assert [each.show(session.parts) for each in OPTIONS] == before


def test_driver_is_another_name_of_seat() -> None:
    session = Session()
    owner, writer = session.owner(), session.writer()
    assert session.order("set driver on") == "seat on"
    assert session.order("set driver-rotate 10m") == "seat-rotate 600s"
    assert [session.types(each) for each in (owner, writer)] == [b"x", b""]


def test_one_option_is_shown_by_its_name_as_in_tmux() -> None:
    """`show size-policy` answered with the usage of `set`."""
    session = Session()
    assert session.order("show size-policy") == "size-policy smallest"
    assert session.order("show -gv driver") == "off"
    assert session.order("set -gq ask on") == "ask on"
    with pytest.raises(UsageError, match="unknown option 'nonsense'"):
        session.order("show nonsense")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("prefix", r"config\.toml"),
        ("history-limit", "history_lines"),
        ("mouse", "C-b : .set mouse on"),
        ("status", "C-b : .set status off"),
        ("default-command", "pairterm new -- COMMAND"),
        ("window-size", "size-policy"),
    ],
)
def test_an_option_of_tmux_that_is_set_elsewhere_says_where(name: str, place: str) -> None:
    """`set status off` in a shell asked: did you mean 'seat'?"""
    with pytest.raises(UsageError, match=f"no option {name} here: .*{place}"):
        Session().order(f"set -g {name} on")
