"""What can be set on a house while people are in it: names, values, and what is wrong with a bad one."""

from __future__ import annotations

import re
from dataclasses import replace

from pairterm.errors import UsageError
from pairterm.session.admission import AdmitMode
from pairterm.session.durations import parse_duration
from pairterm.session.effects import Admit, Effect
from pairterm.session.membership import House
from pairterm.types import ClientId, whole_number

__all__ = ["HOUSE_OPTIONS", "house_values", "set_house_option"]

HOUSE_OPTIONS = ("seat", "seat-rotate", "confirm-enter", "ask", "max-guests", "admit", "call")
"""The rows of `options.OPTIONS` that are set here."""

_ON_OFF = {"on": True, "off": False}

_MAX_GUESTS = 1000

_URL = re.compile(r"https?://[!-~]{1,500}")


def house_values(house: House) -> dict[str, str]:
    """Return each option's value, as `set_house_option` takes it."""
    rotate_s = house.seat.rotate_s
    return {
        "seat": _word(house.seat.is_on),
        "seat-rotate": f"{round(rotate_s)}s" if rotate_s is not None else "off",
        "confirm-enter": _word(house.confirms_enter),
        "ask": _word(house.door.rules.asks),
        "max-guests": str(house.door.rules.max_guests),
        "admit": house.door.rules.mode.value,
        "call": house.call_url or "off",
    }


def set_house_option(house: House, name: str, value: str, client: ClientId | None, now_s: float) -> list[Effect]:
    """Set an option; `client` is the owner's who says so, None from the command line.

    Raises:
        UsageError: The value is none for it; nothing is set.
    """
    effects: list[Effect] = []
    match name:
        case "seat":
            effects += _set_seat(house, value, client, now_s)
        case "seat-rotate":
            house.seat.set_rotation(None if value == "off" else max(10.0, parse_duration(value)), now_s)
        case "confirm-enter":
            house.confirms_enter = _flag(name, value)
        case "ask":
            house.door.rules = replace(house.door.rules, asks=_flag(name, value))
            effects.append(Admit())
        case "max-guests":
            most = whole_number(value, most=_MAX_GUESTS)
            if most is None:
                raise UsageError(f"bad value {value[:30]!r} for max-guests: 0 to {_MAX_GUESTS}", code="option")
            house.door.rules = replace(house.door.rules, max_guests=most)
        case "admit":
            house.door.rules = replace(house.door.rules, mode=_mode(house, value))
            effects.append(Admit())
        case "call":
            if value != "off" and not _URL.fullmatch(value):
                raise UsageError("a call is an http:// or https:// address, or off", code="option")
            house.call_url = "" if value == "off" else value
            effects += house.tell_all(f"call: {value}") if value != "off" else []
    return [*effects, *house.settle(now_s)]


def _set_seat(house: House, value: str, client: ClientId | None, now_s: float) -> list[Effect]:
    """Switch the seat; `on --rotate 10m` sets the turns as well."""
    words = value.split()
    if len(words) == 3 and words[:2] == ["on", "--rotate"]:
        house.seat.rotate_s = max(10.0, parse_duration(words[2]))
    elif len(words) != 1:
        raise UsageError("say: set seat on [--rotate 10m], or set seat off", code="option")
    is_on = _flag("seat", words[0])
    house.seat.switch(is_on, client if client is not None else house.heir(), now_s)
    return house.tell_all("one drives at a time now" if is_on else "everybody who may types now", but=client)


def _mode(house: House, value: str) -> AdmitMode:
    found = next((each for each in AdmitMode if each.value == value), None)
    if found is None:
        raise UsageError(f"bad value {value[:30]!r} for admit: token, key, token+key", code="option")
    if found is not AdmitMode.TOKEN and not len(house.door.keys):
        raise UsageError("there are no keys: start the session with --authorized-keys or the like", code="option")
    return found


def _flag(name: str, value: str) -> bool:
    if value not in _ON_OFF:
        raise UsageError(f"bad value {value[:30]!r} for {name}: on or off", code="option")
    return _ON_OFF[value]


def _word(value: bool) -> str:
    return "on" if value else "off"
