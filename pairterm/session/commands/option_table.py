"""The options of a session: one table for the commands, the command line, help, completion, errors and docs.

A row knows its option's name, its values, how to show the present value and how to
set another one. Times are monotonic seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from pairterm.errors import UsageError
from pairterm.session.admission_settings import AdmitMode
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.commands.tmux_options import place_of
from pairterm.session.durations import parse_duration
from pairterm.session.effects import Admit, Announce, Effect
from pairterm.session.sizes import Policy, parse_size
from pairterm.types import MAX_CLIENTS, ClientId, whole_number

if TYPE_CHECKING:  # The command line reads the table without loading a session.
    from pairterm.session.commands.command_types import SetOption, ShowOptions
    from pairterm.session.session_parts import SessionParts

__all__ = ["OPTIONS", "Option", "change_option", "find_option", "set_option", "show_options"]

_MIN_TURN_S = 10.0
"""A turn at the keyboard is at least this long."""

_URL = re.compile(r"https?://[!-~]{1,500}")

_POLICIES = ", ".join(each.value for each in Policy if each is not Policy.FIXED) + ", fixed COLSxROWS"

_ON_OFF = {"on": True, "off": False}


@dataclass(frozen=True, slots=True)
class _Setting:
    """A value that an option is to have; `client` is the owner's terminal that sets it, None: the command line."""

    name: str
    value: str
    client: ClientId | None
    now_s: float


class Option(msgspec.Struct, frozen=True):
    """One row of the table."""

    name: str
    values: str
    """The values that it takes, separated by ` | `. A word in capitals stands for a value."""
    text: str
    """Its effect, for people, without a full stop."""
    show: Callable[[SessionParts], str]
    """Returns the present value, as `set` takes it."""
    set: Callable[[SessionParts, _Setting], list[Effect]]
    """Sets a value. Raises `UsageError` if the option does not take it; then nothing is set."""
    alias: str = ""
    """Another name that `set` knows."""

    @property
    def words(self) -> tuple[str, ...]:
        """The first words that a value may begin with, for completion."""
        return tuple(word for each in self.values.split(" | ") if (word := each.split()[0]).islower())


def find_option(name: str) -> Option:
    """Return the option of this name or alias.

    Raises:
        UsageError: There is none; the message says where tmux's option of this name is, or names the nearest option,
            or all of them.
    """
    for each in OPTIONS:
        if name == each.name or (name and name == each.alias):
            return each
    if place := place_of(name):
        raise UsageError(f"no option {name} here: {place}", code="option")
    import difflib  # Here: only a mistake needs it, and every command line would load it.

    names = [each.name for each in OPTIONS]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"the options are {', '.join(names)}"
    raise UsageError(f"unknown option {name[:40]!r}: {hint}", code="option")


def change_option(parts: SessionParts, name: str, value: str, client: ClientId | None, now_s: float) -> list[Effect]:
    """Set an option; `client` is the owner's terminal that sets it, None: the command line.

    Raises:
        UsageError: There is no such option, or it does not take this value; nothing is set.
    """
    option = find_option(name)
    return option.set(parts, _Setting(option.name, value, client, now_s))


def set_option(parts: SessionParts, command: SetOption, sender: CommandSender, now_s: float) -> CommandResult:
    """Set an option, and answer with its new value."""
    effects = change_option(parts, command.name, command.value, sender.client, now_s)
    option = find_option(command.name)
    return CommandResult([*effects, Announce()], f"{option.name} {option.show(parts)}")


def show_options(parts: SessionParts, command: ShowOptions, sender: CommandSender, now_s: float) -> CommandResult:
    """Answer with all options and their values, or with one of them."""
    if command.name:
        option = find_option(command.name)
        value = option.show(parts)
        return CommandResult([], value if command.value_only else f"{option.name} {value}")
    return CommandResult([], "; ".join(f"{each.name} {each.show(parts)}" for each in OPTIONS))


# The size.


def _set_size_policy(parts: SessionParts, setting: _Setting) -> list[Effect]:
    word, _, rest = setting.value.strip().partition(" ")
    if word == Policy.FIXED.value and rest:
        parts.sizes.rule = replace(parts.sizes.rule, policy=Policy.FIXED, fixed=parse_size(rest))
    elif word in [each.value for each in Policy if each is not Policy.FIXED] and not rest:
        parts.sizes.rule = replace(parts.sizes.rule, policy=Policy(word), fixed=None)
    else:
        raise UsageError(f"bad size-policy {setting.value!r}: {_POLICIES}", code="option")
    return []


def _set_size_floor(parts: SessionParts, setting: _Setting) -> list[Effect]:
    parts.sizes.rule = replace(parts.sizes.rule, floor=parse_size(setting.value))
    return []


def _set_read_only_votes(parts: SessionParts, setting: _Setting) -> list[Effect]:
    parts.sizes.rule = replace(parts.sizes.rule, read_only_votes=_flag(setting))
    return []


# Windows.


def _set_follow(parts: SessionParts, setting: _Setting) -> list[Effect]:
    if setting.value not in ("leader", "owner"):
        raise UsageError(f"bad value {setting.value[:30]!r} for follow: leader, owner", code="option")
    owner = setting.client if setting.client is not None else parts.people.first_owner()
    parts.looks.follow_owner(owner, is_on=setting.value == "owner")
    return []


# The keyboard.


def _set_seat(parts: SessionParts, setting: _Setting) -> list[Effect]:
    """Let one client type at a time in each window, or all; `on --rotate 10m` sets how long a turn is as well."""
    words = setting.value.split()
    has_turns = len(words) == 3 and words[:2] == ["on", "--rotate"]
    if not has_turns and len(words) != 1:
        raise UsageError("usage: set seat on [--rotate 10m], or set seat off", code="option")
    is_on = _flag(replace(setting, value=words[0]))
    if has_turns:
        parts.drivers.rotate_s = _turn_s(words[2])
    first = setting.client if setting.client is not None else parts.people.first_owner()
    if is_on:
        parts.drivers.switch_on([each.id for each in parts.windows], first, setting.now_s)
    else:
        parts.drivers.switch_off()
    text = "one drives at a time in each window now" if is_on else "everybody who may types now"
    return parts.notices.to_all(text, but=setting.client)


def _set_seat_rotate(parts: SessionParts, setting: _Setting) -> list[Effect]:
    parts.drivers.set_rotation(None if setting.value == "off" else _turn_s(setting.value), setting.now_s)
    return []


def _show_seat_rotate(parts: SessionParts) -> str:
    rotate_s = parts.drivers.rotate_s
    return f"{round(rotate_s)}s" if rotate_s is not None else "off"


def _turn_s(text: str) -> float:
    return max(_MIN_TURN_S, parse_duration(text))


def _set_confirm_enter(parts: SessionParts, setting: _Setting) -> list[Effect]:
    parts.gate.confirms_enter = _flag(setting)
    return []


def _set_replay(parts: SessionParts, setting: _Setting) -> list[Effect]:
    parts.recording.guests_replay = _flag(setting)
    return []


# Admission.


def _set_ask(parts: SessionParts, setting: _Setting) -> list[Effect]:
    parts.admission.settings = replace(parts.admission.settings, asks=_flag(setting))
    return [Admit()]


def _set_max_guests(parts: SessionParts, setting: _Setting) -> list[Effect]:
    most = whole_number(setting.value, most=MAX_CLIENTS)
    if most is None:
        raise UsageError(f"bad value {setting.value[:30]!r} for max-guests: 0 to {MAX_CLIENTS}", code="option")
    parts.admission.settings = replace(parts.admission.settings, max_guests=most)
    return []


def _set_admit(parts: SessionParts, setting: _Setting) -> list[Effect]:
    mode = next((each for each in AdmitMode if each.value == setting.value), None)
    if mode is None:
        raise UsageError(f"bad value {setting.value[:30]!r} for admit: token, key, token+key", code="option")
    if mode is not AdmitMode.TOKEN and not len(parts.admission.keys):
        raise UsageError("there are no keys: start the session with --authorized-keys or the like", code="option")
    parts.admission.settings = replace(parts.admission.settings, mode=mode)
    return [Admit()]


def _set_call(parts: SessionParts, setting: _Setting) -> list[Effect]:
    if setting.value == "off":
        parts.notices.call_url = ""
        return []
    if not _URL.fullmatch(setting.value):
        raise UsageError("a call is an http:// or https:// address, or off", code="option")
    parts.notices.call_url = setting.value
    return parts.notices.to_all(f"call: {setting.value}")


def _flag(setting: _Setting) -> bool:
    if setting.value not in _ON_OFF:
        raise UsageError(f"bad value {setting.value[:30]!r} for {setting.name}: on or off", code="option")
    return _ON_OFF[setting.value]


def _on_off(value: bool) -> str:
    return "on" if value else "off"


OPTIONS = (
    Option(
        "size-policy",
        "smallest | largest | latest | owner | fixed COLSxROWS",
        "whose terminal gives the session its size",
        show=lambda parts: str(parts.sizes.rule),
        set=_set_size_policy,
    ),
    Option(
        "size-floor",
        "COLSxROWS",
        "a smaller terminal does not shrink the session; it shows a part of it",
        show=lambda parts: f"{parts.sizes.rule.floor.cols}x{parts.sizes.rule.floor.rows}",
        set=_set_size_floor,
    ),
    Option(
        "read-only-votes",
        "on | off",
        "whether the terminals of people who watch count for the size",
        show=lambda parts: _on_off(parts.sizes.rule.read_only_votes),
        set=_set_read_only_votes,
    ),
    Option(
        "follow",
        "leader | owner",
        "everybody looks at the window that a person selected last (leader), or that you did (owner)",
        show=lambda parts: "owner" if parts.looks.follows_owner else "leader",
        set=_set_follow,
    ),
    Option(
        "seat",
        "on [--rotate TIME] | off",
        "in each window, one person types at a time",
        show=lambda parts: _on_off(parts.drivers.is_on),
        set=_set_seat,
        alias="driver",
    ),
    Option(
        "seat-rotate",
        "TIME | off",
        "how long one person types before it is the next one's turn",
        show=_show_seat_rotate,
        set=_set_seat_rotate,
        alias="driver-rotate",
    ),
    Option(
        "confirm-enter",
        "on | off",
        "you confirm each Enter that a guest presses",
        show=lambda parts: _on_off(parts.gate.confirms_enter),
        set=_set_confirm_enter,
    ),
    Option(
        "replay",
        "on | off",
        "guests go back in time while the session is recorded, also to before they joined",
        show=lambda parts: _on_off(parts.recording.guests_replay),
        set=_set_replay,
    ),
    Option(
        "ask",
        "on | off",
        "guests wait at the door until you let them in",
        show=lambda parts: _on_off(parts.admission.settings.asks),
        set=_set_ask,
    ),
    Option(
        "max-guests",
        "NUMBER",
        f"how many guests may be in the session, 0 to {MAX_CLIENTS}",
        show=lambda parts: str(parts.admission.settings.max_guests),
        set=_set_max_guests,
    ),
    Option(
        "admit",
        "token | key | token+key",
        "what opens the session: a link, a key, or both together",
        show=lambda parts: parts.admission.settings.mode.value,
        set=_set_admit,
    ),
    Option(
        "call",
        "URL | off",
        "the address of a voice or video call, shown to everybody",
        show=lambda parts: parts.notices.call_url or "off",
        set=_set_call,
    ),
)
"""All options, in the order in which they are shown."""
